/** The text of an answer's body, or of its beginning, for signs to be looked for in. */
import { brotliDecompressSync, constants, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';

/** A small answer can unfold into any size: no more of it is looked at. */
const MOST_BYTES = 262_144;

/** Undefined: it is in a coding that is not read. What was cut is read as far as it goes. */
export function bodyText(pieces: readonly Buffer[], coding: string | undefined): string | undefined {
  const bytes = Buffer.concat(pieces);
  try {
    switch (coding?.trim().toLowerCase() ?? '') {
      case '':
      case 'identity':
        return bytes.toString('utf8');
      case 'gzip':
        return gunzipSync(bytes, {
          maxOutputLength: MOST_BYTES,
          finishFlush: constants.Z_SYNC_FLUSH,
        }).toString('utf8');
      case 'deflate':
        return inflateSync(bytes, {
          maxOutputLength: MOST_BYTES,
          finishFlush: constants.Z_SYNC_FLUSH,
        }).toString('utf8');
      case 'br':
        return brotliDecompressSync(bytes, { maxOutputLength: MOST_BYTES }).toString('utf8');
      case 'zstd':
        return zstdDecompressSync(bytes, { maxOutputLength: MOST_BYTES }).toString('utf8');
      default:
        return undefined;
    }
  } catch {
    // Not what it says it is, or more than is looked at.
    return undefined;
  }
}
