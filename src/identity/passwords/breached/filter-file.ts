/**
 * A filter as a file: 64 bytes of head, the bits, and a SHA-256 of both. All numbers are little-endian.
 *
 * | at | bytes | what |
 * | --- | --- | --- |
 * | 0 | 8 | `BULWARKB` |
 * | 8 | 4 | version of this format: 1 |
 * | 12 | 4 | places set for each hash |
 * | 16 | 4 | blocks |
 * | 20 | 4 | 0 |
 * | 24 | 8 | hashes in it, a double |
 * | 32 | 8 | least count of a hash that was taken, a double |
 * | 40 | 8 | when it was made, milliseconds since 1970, a double |
 * | 48 | 16 | 0 |
 */
import { PASSWORD_CALLS } from '../passwords.calls.ts';
import { createHash, type Hash, timingSafeEqual } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { BulwarkError } from '../../../core/errors.ts';
import { Bloom, BLOCK_BYTES, errorRateOf, MAX_PLACES } from './bloom.ts';
import type { BreachAnswer, BreachedPasswords } from './breached.ts';

const MAGIC = 'BULWARKB';
const VERSION = 1;
/** Bytes of the head. */
export const HEAD_BYTES = 64;
const CHECKSUM_BYTES = 32;
const CHUNK_BYTES = 16 * 2 ** 20;

/** What is known of a filter beside its bits. */
export interface FilterFacts {
  /** Hashes in it. */
  readonly keys: number;
  /** What was seen less often than this is not in it. */
  readonly atLeast: number;
  readonly madeAt: Date;
}

/** Breached passwords in memory. A look-up takes microseconds and waits for nothing. */
export interface BreachedFilter extends BreachedPasswords, FilterFacts {
  /** How often a password that is in no list is taken for one that is: 0.001 is one in a thousand. */
  readonly errorRate: number;
  /** Memory it takes. */
  readonly bytes: number;
  /** Looks up the SHA-1 of a password (20 bytes). Answers at once, and never `unchecked`. */
  lookUp(sha1: Uint8Array): BreachAnswer;
}

/**
 * Reads a filter that `bulwark passwords filter build` has made, whole, into memory. For the start of an application:
 * it reads at the speed of the disk, and nothing else runs meanwhile.
 *
 * @throws BulwarkError ERR_BULWARK_FILTER_FILE where the file cannot be read, is no filter, is cut or changed
 */
export function filterFile(path: string): BreachedFilter {
  PASSWORD_CALLS.filterFile(path);
  const { bloom, facts } = readFilter(path);
  return {
    ...facts,
    errorRate: errorRateOf(bloom.shape, facts.keys),
    bytes: bloom.bytes.byteLength,
    lookUp: (sha1) => (bloom.has(sha1) ? 'breached' : 'not-found'),
  };
}

/** The head of a filter's file. */
export function writeHead({ shape }: Bloom, { keys, atLeast, madeAt }: FilterFacts): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(MAGIC, 'latin1');
  head.writeUInt32LE(VERSION, 8);
  head.writeUInt32LE(shape.places, 12);
  head.writeUInt32LE(shape.blocks, 16);
  head.writeDoubleLE(keys, 24);
  head.writeDoubleLE(atLeast, 32);
  head.writeDoubleLE(madeAt.getTime(), 40);
  return head;
}

/** The checksum that ends a filter's file, over everything before it. */
export function checksumOfFilter(): Hash {
  return createHash('sha256');
}

function readFilter(path: string): { readonly bloom: Bloom; readonly facts: FilterFacts } {
  const file = open(path);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw refusal(path, 'is not a file');
    const head = Buffer.alloc(HEAD_BYTES);
    readWhole(file, head, path);
    const { places, blocks, facts } = readHead(head, path);
    // Before memory is asked for: a broken head must not ask for more than there is on the disk.
    if (stats.size !== HEAD_BYTES + blocks * BLOCK_BYTES + CHECKSUM_BYTES) {
      throw refusal(path, 'is cut, or longer than its head says');
    }
    const bloom = new Bloom({ places, blocks });
    const sum = checksumOfFilter().update(head);
    for (let at = 0; at < bloom.bytes.byteLength; at += CHUNK_BYTES) {
      const chunk = bloom.bytes.subarray(at, at + CHUNK_BYTES);
      readWhole(file, chunk, path);
      sum.update(chunk);
    }
    const expected = Buffer.alloc(CHECKSUM_BYTES);
    readWhole(file, expected, path);
    if (!timingSafeEqual(sum.digest(), expected)) throw refusal(path, 'has changed since it was made');
    return { bloom, facts };
  } finally {
    closeSync(file);
  }
}

function readHead(
  head: Buffer,
  path: string,
): { readonly places: number; readonly blocks: number; readonly facts: FilterFacts } {
  if (head.toString('latin1', 0, MAGIC.length) !== MAGIC) throw refusal(path, 'is no filter of Bulwark');
  const version = head.readUInt32LE(8);
  if (version !== VERSION) throw refusal(path, `is of version ${version}, and this reads version ${VERSION}`);
  const [places, blocks] = [head.readUInt32LE(12), head.readUInt32LE(16)];
  const [keys, atLeast, made] = [head.readDoubleLE(24), head.readDoubleLE(32), head.readDoubleLE(40)];
  const isSound = places >= 1 && places <= MAX_PLACES && blocks >= 1;
  if (!isSound || !Number.isSafeInteger(keys) || keys < 1 || !Number.isFinite(atLeast + made)) {
    throw refusal(path, 'has a head that makes no sense');
  }
  return { places, blocks, facts: { keys, atLeast, madeAt: new Date(made) } };
}

function open(path: string): number {
  try {
    // O_NONBLOCK: opening a named pipe that nobody writes to would hang the start.
    return openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    const { code = 'no code' } = cause as { code?: string };
    throw refusal(path, `could not be read (${code})`, cause);
  }
}

function readWhole(file: number, into: Uint8Array, path: string): void {
  let at = 0;
  while (at < into.byteLength) {
    const read = readSync(file, into, at, into.byteLength - at, null);
    if (read === 0) throw refusal(path, 'is cut');
    at += read;
  }
}

function refusal(path: string, what: string, cause?: unknown): BulwarkError {
  const message = `${path} ${what}: make it again with bulwark passwords filter build`;
  return new BulwarkError('ERR_BULWARK_FILTER_FILE', message, { cause });
}
