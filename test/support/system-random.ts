/** A recorder in front of the system's generator: what it gave out is known, so that a secret can be traced to it. */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { randomBytes } from '../../src/core/random.ts';

/** Longer than the pool of `core/random.ts` is, in bytes: after so many, all of it came through the recorder. */
const MORE_THAN_A_POOL = 32_768;
const AT_ONCE = 64;

/** What the system's generator gave out while {@link recordSystemRandom} ran. */
export class SystemRandom {
  readonly #fills: Buffer[] = [];
  readonly #draws: { readonly below: number; readonly drawn: number }[] = [];

  /** Whether all of these bytes came out of the generator, in this order and at one time. */
  gave(bytes: Uint8Array): boolean {
    return bytes.byteLength > 0 && this.#fills.some((fill) => fill.includes(Buffer.from(bytes)));
  }

  /** What the generator gave to calls for exactly so many bytes. */
  callsFor(bytes: number): readonly Buffer[] {
    return this.#fills.filter((fill) => fill.byteLength === bytes);
  }

  /** Whether each character was drawn of an alphabet by a number of the generator, one after the other. */
  drew(text: string, alphabet: string): boolean {
    const wanted = Array.from(text, (character) => alphabet.indexOf(character));
    return (
      wanted.length > 0 &&
      this.#draws.some((_, start) =>
        wanted.every((value, at) => {
          const draw = this.#draws[start + at];
          return draw?.below === alphabet.length && draw.drawn === value;
        }),
      )
    );
  }

  noteBytes(bytes: Uint8Array): void {
    this.#fills.push(Buffer.from(bytes));
  }

  noteDraw(below: number, drawn: number): void {
    this.#draws.push({ below, drawn });
  }
}

/** Runs with the recorder in place of what node:crypto exports, for every module of this process. */
export async function recordSystemRandom(run: (system: SystemRandom) => Promise<void>): Promise<void> {
  const system = new SystemRandom();
  const { randomFillSync, randomBytes: bytesOf, randomInt } = crypto;
  const recorder = {
    randomFillSync: (target: Uint8Array): Uint8Array => {
      randomFillSync(target);
      system.noteBytes(target);
      return target;
    },
    randomBytes: (size: number): Buffer => {
      const bytes = bytesOf(size);
      system.noteBytes(bytes);
      return bytes;
    },
    randomInt: (below: number): number => {
      const drawn = randomInt(below);
      system.noteDraw(below, drawn);
      return drawn;
    },
  };
  const real = { randomFillSync, randomBytes: bytesOf, randomInt };
  Object.assign(crypto, recorder);
  syncBuiltinESMExports();
  try {
    // What the pool holds from before was not recorded.
    for (let drained = 0; drained < MORE_THAN_A_POOL; drained += AT_ONCE) randomBytes(AT_ONCE);
    await run(system);
  } finally {
    Object.assign(crypto, real);
    syncBuiltinESMExports();
  }
}
