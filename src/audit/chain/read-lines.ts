/** Lines of a file as they lie there: bytes, without a copy, and in a memory that does not grow with the file. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** @param line - valid until the call returns @param isEnded - false for the last line of a file that ends without a break */
export type OnLine = (line: Buffer, isEnded: boolean) => void;

const CHUNK_BYTES = 1_048_576;
// A record has at most 8 KB. A file of one endless line is no log, and must not be read into memory.
const LONGEST_LINE = 1_048_576;
const LF = 0x0a;

/** A file as a stream; `.gz` is unpacked, since logs that were rotated away are. */
export function openLog(path: string): Readable {
  const stream = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  if (!path.endsWith('.gz')) return stream;
  const unpacked = createGunzip({ chunkSize: CHUNK_BYTES });
  stream.on('error', (error) => unpacked.destroy(error));
  return stream.pipe(unpacked);
}

/**
 * Calls back for every line of a stream, in order. A line of over a megabyte comes as its first megabyte.
 *
 * @param onChunk - awaited after each megabyte or so: for who hands lines on to where it has to wait
 * @returns how many lines there were
 */
export async function readLines(
  stream: Readable,
  onLine: OnLine,
  onChunk?: () => Promise<void>,
): Promise<number> {
  let count = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const data = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = data.indexOf(LF); end !== -1; end = data.indexOf(LF, start)) {
      onLine(data.subarray(start, end), true);
      count += 1;
      start = end + 1;
    }
    rest = data.subarray(start, Math.min(data.byteLength, start + LONGEST_LINE));
    if (onChunk !== undefined) await onChunk();
  }
  if (rest.byteLength === 0) return count;
  onLine(rest, false);
  return count + 1;
}
