/** The addresses of one file, to find those it has twice: 8 bytes each, so that a million take 16 MB and not 100. */
import { hash } from 'node:crypto';
import { randomId } from '../../core/random.ts';

const FIRST_SLOTS = 1024;
const SALT_BYTES = 16;
const EMPTY = 0n;

/** A set of addresses. Of a million of them, two are taken for one once in 30 million files: that row is refused. */
export class SeenAddresses {
  // Secret: nobody makes addresses whose fingerprints meet.
  readonly #salt = randomId(SALT_BYTES);
  #slots = new BigUint64Array(FIRST_SLOTS);
  #count = 0;

  /** False: it was there. */
  add(emailKey: string): boolean {
    const digest = hash('sha256', `${this.#salt} ${emailKey}`, 'buffer').readBigUInt64LE();
    const print = digest === EMPTY ? 1n : digest;
    if (!put(this.#slots, print)) return false;
    this.#count += 1;
    if (this.#count * 2 > this.#slots.length) this.#grow();
    return true;
  }

  #grow(): void {
    const larger = new BigUint64Array(this.#slots.length * 2);
    for (const print of this.#slots) if (print !== EMPTY) put(larger, print);
    this.#slots = larger;
  }
}

/** Puts a fingerprint into the next free slot. At most half are taken, so there is one. */
function put(slots: BigUint64Array, print: bigint): boolean {
  let slot = Number(print & BigInt(slots.length - 1));
  for (; slots[slot] !== EMPTY; slot = (slot + 1) % slots.length) {
    if (slots[slot] === print) return false;
  }
  slots[slot] = print;
  return true;
}
