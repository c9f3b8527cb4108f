/** Makes a filter from a published list, in two passes: one counts, one fills. Memory is that of the filter. */
import { PASSWORD_CALLS } from '../passwords.calls.ts';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { BulwarkError } from '../../../core/errors.ts';
import { Bloom, errorRateOf, MAX_BLOCKS, shapeFor } from './bloom.ts';
import { checksumOfFilter, HEAD_BYTES, writeHead } from './filter-file.ts';
import { HashListReader } from './hash-list.ts';

/** What to make of which list. */
export interface BuildRequest {
  /** The list: `SHA1` or `SHA1:COUNT` on each line, in any order. */
  readonly list: string;
  /** The filter. It is put in place when it is whole; one that is there is replaced then. */
  readonly out: string;
  /** How often it may err. Default one in a thousand, which takes two bytes for each hash. */
  readonly errorRate?: number;
  /** Takes only hashes that were seen so often, which makes a small filter of the most used. Default 1: all. */
  readonly atLeast?: number;
  /** Is told now and then how much of the work is done, from 0 to 1. */
  readonly onProgress?: (part: number) => void;
  /** Ends the work and leaves nothing behind. */
  readonly signal?: AbortSignal;
}

/** What was made. */
export interface BuiltFilter {
  /** Hashes in it. */
  readonly keys: number;
  /** Lines read. */
  readonly lines: number;
  /** Bytes of the file. */
  readonly bytes: number;
  /** How often it errs. */
  readonly errorRate: number;
}

/** One in a thousand new passwords is refused for nothing; whoever meets that chooses another. */
export const DEFAULT_ERROR_RATE: number = 1 / 1000;
const READ_BYTES = 2 ** 20;
const WRITE_BYTES = 16 * 2 ** 20;

/**
 * Builds a filter.
 *
 * @throws BulwarkError ERR_BULWARK_HASH_LIST where the list is empty, changes meanwhile, or has a line that is no hash
 */
export async function buildFilter(request: BuildRequest): Promise<BuiltFilter> {
  PASSWORD_CALLS.buildFilter(request);
  const { list, out, errorRate = DEFAULT_ERROR_RATE, atLeast = 1, signal } = request;
  const progress = new Progress((await stat(list)).size, request.onProgress);

  let keys = 0;
  const counted = new HashListReader(atLeast, () => {
    keys += 1;
  });
  await readList(list, counted, progress, signal);
  if (keys === 0)
    throw new BulwarkError('ERR_BULWARK_HASH_LIST', 'the list has no hash that is seen so often');

  const shape = shapeFor(keys, errorRate);
  if (shape.blocks > MAX_BLOCKS) throw new BulwarkError('ERR_BULWARK_HASH_LIST', 'the list is too long');
  const bloom = new Bloom(shape);
  let added = 0;
  const filled = new HashListReader(atLeast, (sha1) => {
    added += 1;
    bloom.add(sha1);
  });
  await readList(list, filled, progress, signal);
  if (added !== keys)
    throw new BulwarkError('ERR_BULWARK_HASH_LIST', 'the list changed while it was read; build it again');

  const bytes = await writeFilter(bloom, { keys, atLeast, madeAt: new Date() }, out);
  return { keys, lines: counted.lines, bytes, errorRate: errorRateOf(shape, keys) };
}

/** Says how far it is, at most two hundred times. */
class Progress {
  readonly #whole: number;
  readonly #tell: ((part: number) => void) | undefined;
  #done = 0;
  #told = 0;

  constructor(size: number, tell: ((part: number) => void) | undefined) {
    this.#whole = 2 * Math.max(1, size);
    this.#tell = tell;
  }

  add(bytes: number): void {
    this.#done += bytes;
    const part = Math.min(1, this.#done / this.#whole);
    if (part - this.#told < 0.005 && part < 1) return;
    this.#told = part;
    this.#tell?.(part);
  }
}

async function readList(
  path: string,
  reader: HashListReader,
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<void> {
  const stream = createReadStream(path, {
    highWaterMark: READ_BYTES,
    ...(signal === undefined ? {} : { signal }),
  });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    reader.push(chunk);
    progress.add(chunk.byteLength);
  }
  reader.end();
}

/** Writes beside the place and renames: a reader never sees half a filter, and a failure leaves the old one. */
async function writeFilter(
  bloom: Bloom,
  facts: Parameters<typeof writeHead>[1],
  out: string,
): Promise<number> {
  const draft = `${out}.${process.pid}.tmp`;
  const file = await open(draft, 'wx');
  try {
    const sum = checksumOfFilter();
    const head = writeHead(bloom, facts);
    await file.writeFile(head);
    sum.update(head);
    for (let at = 0; at < bloom.bytes.byteLength; at += WRITE_BYTES) {
      const chunk = bloom.bytes.subarray(at, at + WRITE_BYTES);
      await file.writeFile(chunk);
      sum.update(chunk);
    }
    const checksum = sum.digest();
    await file.writeFile(checksum);
    await file.sync();
    await file.close();
    await rename(draft, out);
    return HEAD_BYTES + bloom.bytes.byteLength + checksum.byteLength;
  } catch (error) {
    await file.close();
    await rm(draft, { force: true });
    throw error;
  }
}
