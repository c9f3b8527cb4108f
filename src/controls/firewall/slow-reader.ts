/**
 * Clients that ask for much and take it drop by drop (Slow Read): each holds an answer in memory, and Node.js has no
 * limit for it.
 */

/** What a host sees of one socket, now. */
export interface ReaderSample {
  /** Milliseconds, of a clock that never goes back. */
  readonly now: number;
  /** Bytes that wait in this process for the client to take. */
  readonly waiting: number;
  /** Bytes that have left this process since the connection opened. */
  readonly taken: number;
}

/** How much a client has to take, and in what time. */
export interface ReaderPace {
  /** Milliseconds. */
  readonly period: number;
  readonly bytes: number;
}

/** Watches one socket. Knows nothing of it but the samples it is shown. */
export class SlowReader {
  readonly #pace: ReaderPace;
  #since: number;
  #takenThen = 0;

  constructor(pace: ReaderPace, now: number) {
    this.#pace = pace;
    this.#since = now;
  }

  /**
   * `cut` once data has been waiting for a whole period in which less than the pace was taken. Bytes rather than any
   * progress at all: a client that takes one byte a second makes progress forever.
   */
  judge(sample: ReaderSample): 'wait' | 'cut' {
    const { now, waiting, taken } = sample;
    if (waiting === 0 || taken - this.#takenThen >= this.#pace.bytes) {
      this.#since = now;
      this.#takenThen = taken;
      return 'wait';
    }
    return now - this.#since >= this.#pace.period ? 'cut' : 'wait';
  }
}
