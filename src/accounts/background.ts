/**
 * Work that is done after the answer: looking up who is meant, and writing to them. An answer that waited for it would
 * tell by its time whether there is such an account.
 */
import { BulwarkError, errorName } from '../core/errors.ts';

const AT_ONCE = 4;
const MOST_WAITING = 1000;

/** Runs tasks, a few at a time, and says who could not be served. */
export class Background {
  readonly #waiting: (() => Promise<void>)[] = [];
  readonly #onFailure: (what: string) => void;
  #running = 0;
  #idle: (() => void)[] = [];

  /** @param onFailure - hears of a task that threw, by the code or the class of its error */
  constructor(onFailure: (what: string) => void) {
    this.#onFailure = onFailure;
  }

  /**
   * Adds a task. It begins once the caller has gone on.
   *
   * @throws BulwarkError ERR_BULWARK_QUEUE_FULL where too many wait: answer 503, whoever it is
   */
  add(task: () => Promise<void>): void {
    if (this.#waiting.length >= MOST_WAITING) {
      throw new BulwarkError('ERR_BULWARK_QUEUE_FULL', 'Too many mails wait to be sent.');
    }
    this.#waiting.push(task);
    setImmediate(() => this.#next());
  }

  /** Waits until nothing runs and nothing waits: before a process ends, and in tests. */
  async settled(): Promise<void> {
    if (this.#running === 0 && this.#waiting.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve);
    });
  }

  #next(): void {
    if (this.#running >= AT_ONCE) return;
    const task = this.#waiting.shift();
    if (task === undefined) return;
    this.#running += 1;
    void this.#run(task);
  }

  async #run(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      this.#onFailure(errorName(error));
    }
    this.#running -= 1;
    this.#next();
    if (this.#running > 0 || this.#waiting.length > 0) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }
}
