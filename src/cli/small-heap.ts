/** Memory of a command that reads very many small files. */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** What may lie in memory beside what is in use before it is looked through, in percent of that. */
const GARBAGE_PERCENT = 60;
/** Where all that is new is put first, in bytes: what one file leaves behind is gone with a few of these. */
const NEW_BYTES = 24_000_000;

/**
 * Has garbage taken away sooner, for the rest of the process. V8 waits until there is several times as much as was left the last
 * time, and lets the place for what is new grow to 130 MB: where each file leaves a little, most of the memory that is used is that.
 */
export class SmallHeap {
  #isFull = false;

  constructor() {
    setFlagsFromString(`--heap-growing-percent=${GARBAGE_PERCENT}`);
  }

  /** To be called now and then: keeps the place for what is new from growing on, once it is large enough. */
  look(): void {
    if (this.#isFull) return;
    const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
    if ((young?.space_size ?? 0) < NEW_BYTES) return;
    this.#isFull = true;
    setFlagsFromString('--semi-space-growth-factor=1');
  }
}
