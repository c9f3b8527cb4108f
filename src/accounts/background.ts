/**
 * Work that is done after the answer: looking up who is meant, and writing to them. An answer that waited for it would
 * tell by its time whether there is such an account.
 */
import { BulwarkError, errorName } from '../core/errors.ts';

/** How much is done at once, and how much may be on its way. */
export interface BackgroundSize {
  /** Tasks that run at the same time. */
  readonly atOnce: number;
  /** Tasks that run, wait for their turn, or pause before another try. */
  readonly most: number;
  /** Whether there is no room for another reason. */
  readonly isFull?: () => boolean;
}

/** Who hears of what goes wrong. */
export interface BackgroundEars {
  /** A task threw: the code or the class of its error. */
  readonly failed: (what: string) => void;
  /** From now on tasks are refused. Told once, and again only after half of them were done. */
  readonly full?: (most: number) => void;
}

type Task = () => Promise<void>;

/** The longest that a timer of Node.js runs. */
const HOLD_MS = 2 ** 31 - 1;

/** Runs tasks, a few at a time. */
export class Background {
  readonly #size: BackgroundSize;
  readonly #ears: BackgroundEars;
  readonly #waiting: Task[] = [];
  readonly #paused = new Set<NodeJS.Timeout>();
  #running = 0;
  #full = false;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(size: BackgroundSize, ears: BackgroundEars) {
    this.#size = size;
    this.#ears = ears;
  }

  /** Tasks on their way: those that pause count like those that wait, or a dead mail server would let them pile up. */
  get held(): number {
    return this.#running + this.#waiting.length + this.#paused.size;
  }

  /** Whether it was closed: nothing begins any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Adds a task. It begins once the caller has gone on.
   *
   * @throws BulwarkError ERR_BULWARK_QUEUE_FULL where too many are on their way: answer 503, whoever it is
   */
  add(task: Task): void {
    const { most, isFull } = this.#size;
    if (this.#closed || this.held >= most || isFull?.() === true) {
      if (!this.#full && !this.#closed) this.#ears.full?.(most);
      this.#full = true;
      throw new BulwarkError('ERR_BULWARK_QUEUE_FULL', 'Too many mails wait to be sent.');
    }
    this.#push(task);
  }

  /**
   * Goes on with a task after a pause, in the place of the one that calls this and ends. Nothing is held meanwhile: a
   * worker that slept would be missed by everyone else. Never refused; once closed, it is forgotten.
   */
  later(pauseMs: number, task: Task): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#paused.delete(timer);
      this.#push(task);
    }, pauseMs).unref();
    this.#paused.add(timer);
  }

  /**
   * Waits until nothing is on its way. Pauses hold no process: one that has nothing else to do ends in them. Whoever
   * waits here holds it until the end.
   */
  async settled(): Promise<void> {
    if (this.held === 0 || this.#closed) return;
    const hold = setInterval(() => undefined, HOLD_MS);
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve);
    });
    clearInterval(hold);
  }

  /** Forgets everything that is on its way, and lets go of who waits for it. Returns how many tasks are lost. */
  close(): number {
    const lost = this.#closed ? 0 : this.held;
    this.#closed = true;
    this.#waiting.length = 0;
    for (const timer of this.#paused) clearTimeout(timer);
    this.#paused.clear();
    this.#release();
    return lost;
  }

  #push(task: Task): void {
    this.#waiting.push(task);
    setImmediate(() => this.#next());
  }

  #next(): void {
    if (this.#running >= this.#size.atOnce) return;
    const task = this.#waiting.shift();
    if (task === undefined) return;
    this.#running += 1;
    void this.#run(task);
  }

  async #run(task: Task): Promise<void> {
    try {
      await task();
    } catch (error) {
      if (!this.#closed) this.#ears.failed(errorName(error));
    }
    this.#running -= 1;
    this.#next();
    if (this.held <= this.#size.most / 2) this.#full = false;
    if (this.held === 0) this.#release();
  }

  #release(): void {
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }
}
