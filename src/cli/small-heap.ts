/** Memory of a command that reads very many small files. */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** What may lie in memory beside what is in use before it is looked through, in percent of that. */
const GARBAGE_PERCENT = 60;
/** The same where much is in use, in bytes: then it is worth the work. */
const MUCH = 60_000_000;
const LESS_GARBAGE_PERCENT = 10;
/** Where all that is new is put first, in bytes: what one file leaves behind is gone with a few of these. */
const NEW_BYTES = 12_000_000;

/**
 * Has garbage taken away sooner, for the rest of the process. V8 waits until there is several times as much as was left the last
 * time, and lets the place for what is new grow to 130 MB: where each file leaves a little, most of the memory that is used is that.
 */
export class SmallHeap {
  #isFull = false;
  #isLarge = false;

  constructor() {
    setFlagsFromString(`--heap-growing-percent=${GARBAGE_PERCENT}`);
  }

  /** To be called after each file: keeps the place for what is new from growing on, once it is large enough. */
  look(): void {
    if (this.#isFull && this.#isLarge) return;
    for (const { space_name: name, space_size: size, space_used_size: used } of getHeapSpaceStatistics()) {
      if (name === 'new_space' && size >= NEW_BYTES && !this.#isFull) {
        this.#isFull = true;
        setFlagsFromString('--semi-space-growth-factor=1');
      }
      if (name === 'old_space' && used >= MUCH && !this.#isLarge) {
        this.#isLarge = true;
        setFlagsFromString(`--heap-growing-percent=${LESS_GARBAGE_PERCENT}`);
      }
    }
  }
}
