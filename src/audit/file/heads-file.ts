/** Signed heads in a file beside the log, or better far from it: the nearest witness, and the only one that is always there. */
import { appendFileSync, closeSync, existsSync, openSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { readLogEnd } from './last-record.ts';
import type { ChainPlace } from '../chain/chain.ts';

/** Appends heads. A file that cannot be written loses them, and tells it once. */
export class HeadsFile {
  readonly #path: string;
  readonly #onFailure: (error: Error) => void;
  readonly #onExit = (): void => this.#writeNow();
  #waiting = '';
  #writing: Promise<void> | undefined;

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
    this.#writing ??= this.#write();
  }

  /** Writes what waits, behind what is on its way: the head that opens a chain stands before all others of it. */
  async close(): Promise<void> {
    await this.#writing;
    process.off('exit', this.#onExit);
    this.#writeNow();
  }

  async #write(): Promise<void> {
    while (this.#waiting !== '') {
      const lines = this.#waiting;
      this.#waiting = '';
      await appendFile(this.#path, lines, { mode: MODE }).catch((error: unknown) =>
        this.#onFailure(error as Error),
      );
    }
    this.#writing = undefined;
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
