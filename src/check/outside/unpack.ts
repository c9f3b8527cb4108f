/** Bodies that come packed although nobody asked for it. */
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';

/** Text of a body, unpacked as far as `most` bytes; nothing where it cannot be. */
export function unpack(bytes: Buffer, encoding: string | undefined, most: number): string {
  const name = encoding?.trim().toLowerCase() ?? '';
  const open = name === '' || name === 'identity' ? undefined : UNPACK[name];
  if (open === undefined) return bytes.toString('utf8');
  try {
    // A kilobyte can unfold to a megabyte: past the bound it throws, and nothing is read.
    return open(bytes, { maxOutputLength: most }).toString('utf8');
  } catch {
    // Cut short, too long, or not what it says it is: nobody can read it.
    return '';
  }
}

const UNPACK: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Buffer>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};
