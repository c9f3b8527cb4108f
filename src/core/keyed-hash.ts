import { randomBytes } from './random.ts';

/**
 * HalfSipHash-2-4 with 64 bits of output (Aumasson and Bernstein), for tables whose keys come from strangers: under a
 * secret key nobody can make up names that land in one slot. It is no MAC; tags that leave the process are made by
 * the key ring.
 *
 * A hash is read from `lo` and `hi` after {@link KeyedHash.of}, so that the one call a request costs allocates nothing.
 */
export class KeyedHash {
  /** The lower 32 bits of the last hash, unsigned. */
  lo = 0;
  /** The upper 32 bits of the last hash, unsigned. */
  hi = 0;
  readonly #k0: number;
  readonly #k1: number;
  readonly #state = new Int32Array(4);

  /** @param key - 8 bytes; without it a random key of this process */
  constructor(key: Uint8Array = randomBytes(8)) {
    if (key.byteLength !== 8) throw new RangeError('the key of a keyed hash has 8 bytes');
    const view = new DataView(key.buffer, key.byteOffset, 8);
    this.#k0 = view.getInt32(0, true);
    this.#k1 = view.getInt32(4, true);
  }

  /** Hashes the UTF-8 bytes of a text into `lo` and `hi`. Does not allocate where the text is ASCII. */
  of(text: string): void {
    if (this.#hash(text) > 0x7f) this.#hash(Buffer.from(text, 'utf8').toString('latin1'));
  }

  /** Hashes a text in which each character is one byte. Returns the bits that any character had set. */
  #hash(bytes: string): number {
    const state = this.#state;
    state[0] = this.#k0;
    state[1] = this.#k1 ^ 0xee;
    state[2] = this.#k0 ^ 0x6c796765;
    state[3] = this.#k1 ^ 0x74656462;
    const { length } = bytes;
    const whole = length & ~3;
    let seen = 0;
    for (let at = 0; at < whole; at += 4) {
      const a = bytes.charCodeAt(at);
      const b = bytes.charCodeAt(at + 1);
      const c = bytes.charCodeAt(at + 2);
      const d = bytes.charCodeAt(at + 3);
      seen |= a | b | c | d;
      absorb(state, a | (b << 8) | (c << 16) | (d << 24));
    }
    let last = length << 24;
    for (let at = whole; at < length; at += 1) {
      const byte = bytes.charCodeAt(at);
      seen |= byte;
      last |= byte << (8 * (at - whole));
    }
    absorb(state, last);
    this.lo = squeeze(state, 2, 0xee);
    this.hi = squeeze(state, 1, 0xdd);
    return seen;
  }
}

function absorb(state: Int32Array, word: number): void {
  state[3] = at(state, 3) ^ word;
  mix(state, 2);
  state[0] = at(state, 0) ^ word;
}

function squeeze(state: Int32Array, lane: 1 | 2, marker: number): number {
  state[lane] = at(state, lane) ^ marker;
  mix(state, 4);
  return (at(state, 1) ^ at(state, 3)) >>> 0;
}

/** So many SipRounds, in 32-bit integers throughout. */
function mix(state: Int32Array, rounds: number): void {
  let v0 = at(state, 0);
  let v1 = at(state, 1);
  let v2 = at(state, 2);
  let v3 = at(state, 3);
  for (let round = 0; round < rounds; round += 1) {
    v0 = (v0 + v1) | 0;
    v1 = rotate(v1, 5) ^ v0;
    v0 = rotate(v0, 16);
    v2 = (v2 + v3) | 0;
    v3 = rotate(v3, 8) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = rotate(v3, 7) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = rotate(v1, 13) ^ v2;
    v2 = rotate(v2, 16);
  }
  state[0] = v0;
  state[1] = v1;
  state[2] = v2;
  state[3] = v3;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function at(state: Int32Array, lane: number): number {
  return state[lane] ?? 0;
}
