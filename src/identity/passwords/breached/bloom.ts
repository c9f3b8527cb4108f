/**
 * A blocked Bloom filter: which of a billion hashes are in a list, in two bytes each. A hash that is in it is always
 * found; one that is not is found too with a small, stated probability.
 *
 * Blocked, so that a look-up touches one cache line; Bloom, so that it is built in one pass over a list of any size
 * with no more memory than it takes itself. (Fuse filters are a quarter smaller, and need the whole list in memory.)
 * The keys are SHA-1 hashes: their own bits are as good as any further hash, so no other is computed.
 */

/** Bits of a block: one cache line. */
const BLOCK_BITS = 512;
/** Bytes of a block. */
export const BLOCK_BYTES: number = BLOCK_BITS / 8;
/** 48 bits of a hash choose the block; the other 112 are good for twelve places of nine bits within it. */
export const MAX_PLACES = 12;
/** 256 GiB. */
export const MAX_BLOCKS: number = 2 ** 32 - 1;
const PLACE_BITS = 9;
const FIRST_PLACE_BIT = 48;

/** The measures of a filter. */
export interface BloomShape {
  readonly blocks: number;
  /** Bits that are set for each hash. */
  readonly places: number;
}

/** A filter over hashes of 20 bytes. */
export class Bloom {
  readonly shape: BloomShape;
  /** The bits. */
  readonly bytes: Uint8Array;

  /** @param bytes - of a filter that was written; without them an empty one */
  constructor(shape: BloomShape, bytes: Uint8Array = new Uint8Array(shape.blocks * BLOCK_BYTES)) {
    if (bytes.byteLength !== shape.blocks * BLOCK_BYTES)
      throw new RangeError('the bytes of a filter are of its shape');
    this.shape = shape;
    this.bytes = bytes;
  }

  add(sha1: Uint8Array): void {
    const start = this.#block(sha1);
    for (let index = 0; index < this.shape.places; index += 1) {
      const place = placeOf(sha1, index);
      const at = start + (place >> 3);
      this.bytes[at] = (this.bytes[at] ?? 0) | (1 << (place & 7));
    }
  }

  /** Whether a hash was added, or looks as if it were. */
  has(sha1: Uint8Array): boolean {
    const start = this.#block(sha1);
    for (let index = 0; index < this.shape.places; index += 1) {
      const place = placeOf(sha1, index);
      if (((this.bytes[start + (place >> 3)] ?? 0) & (1 << (place & 7))) === 0) return false;
    }
    return true;
  }

  // Not by shifts: a filter may be larger than 32 bits count.
  #block(sha1: Uint8Array): number {
    const high = at(sha1, 0) * 2 ** 40 + at(sha1, 1) * 2 ** 32 + at(sha1, 2) * 2 ** 24;
    const prefix = high + at(sha1, 3) * 2 ** 16 + at(sha1, 4) * 2 ** 8 + at(sha1, 5);
    return Math.floor((prefix / 2 ** 48) * this.shape.blocks) * BLOCK_BYTES;
  }
}

/**
 * The smallest filter for so many hashes that errs at most so often.
 *
 * @param errorRate - such as 1 / 1000
 */
export function shapeFor(keys: number, errorRate: number): BloomShape {
  for (let bitsPerKey = 4; bitsPerKey <= 64; bitsPerKey += 0.5) {
    const blocks = Math.max(1, Math.ceil((keys * bitsPerKey) / BLOCK_BITS));
    for (let places = 1; places <= MAX_PLACES; places += 1) {
      if (errorRateOf({ blocks, places }, keys) <= errorRate) return { blocks, places };
    }
  }
  throw new RangeError('no filter of a sensible size errs so rarely');
}

/**
 * How often a hash that was not added is found: the mean over blocks, which fill unevenly (Poisson), of the chance
 * that all its places are set.
 */
export function errorRateOf({ blocks, places }: BloomShape, keys: number): number {
  const load = keys / blocks;
  if (load > 8 * BLOCK_BITS) return 1;
  const mostLikely = Math.floor(load);
  const spread = Math.ceil(12 * Math.sqrt(load)) + 24;
  let rate = 0;
  for (let count = Math.max(0, mostLikely - spread); count <= mostLikely + spread; count += 1) {
    const chance = Math.exp(count * Math.log(load) - load - logFactorial(count));
    const filled = 1 - (1 - 1 / BLOCK_BITS) ** (places * count);
    if (load > 0) rate += chance * filled ** places;
  }
  return rate;
}

function placeOf(sha1: Uint8Array, index: number): number {
  const bit = FIRST_PLACE_BIT + index * PLACE_BITS;
  const word = (at(sha1, bit >> 3) << 8) | at(sha1, (bit >> 3) + 1);
  return (word >> (7 - (bit & 7))) & (BLOCK_BITS - 1);
}

function at(sha1: Uint8Array, index: number): number {
  return sha1[index] ?? 0;
}

function logFactorial(count: number): number {
  let sum = 0;
  for (let factor = 2; factor <= count; factor += 1) sum += Math.log(factor);
  return sum;
}
