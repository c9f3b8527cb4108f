/** Signed heads in a file beside the log, or better far from it: the nearest witness, and the only one that is always there. */
import { appendFile, appendFileSync, closeSync, existsSync, openSync } from 'node:fs';
import { readLogEnd } from './last-record.ts';
import type { ChainPlace } from '../chain/chain.ts';

/** Appends heads. A file that cannot be written loses them, and tells it once. */
export class HeadsFile {
  readonly #path: string;
  readonly #onFailure: (error: Error) => void;
  readonly #onExit = (): void => this.close();
  #waiting = '';
  #isWriting = false;
  #isEnding = false;

  constructor(path: string, onFailure: (error: Error) => void) {
    this.#path = path;
    this.#onFailure = onFailure;
    process.once('exit', this.#onExit);
  }

  /** The last head that was kept: where the log's own file is new, its first record leads back to it. */
  static last(path: string): ChainPlace | undefined {
    if (!existsSync(path)) return undefined;
    const file = openSync(path, 'r');
    try {
      return readLogEnd(file).after;
    } finally {
      closeSync(file);
    }
  }

  /** Takes lines, and writes them soon. */
  add(lines: readonly string[]): void {
    this.#waiting += `${lines.join('\n')}\n`;
    if (this.#isEnding) this.#writeNow();
    else if (!this.#isWriting) this.#write();
  }

  /** Writes what waits. */
  close(): void {
    this.#isEnding = true;
    process.off('exit', this.#onExit);
    this.#writeNow();
  }

  #write(): void {
    const lines = this.#waiting;
    this.#waiting = '';
    this.#isWriting = true;
    appendFile(this.#path, lines, { mode: MODE }, (error) => {
      this.#isWriting = false;
      if (error !== null) this.#onFailure(error);
      if (this.#waiting !== '' && !this.#isEnding) this.#write();
    });
  }

  #writeNow(): void {
    const lines = this.#waiting;
    this.#waiting = '';
    if (lines === '') return;
    try {
      appendFileSync(this.#path, lines, { mode: MODE });
    } catch (error) {
      this.#onFailure(error as Error);
    }
  }
}

const MODE = 0o640;
