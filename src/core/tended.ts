/**
 * Promises of calls that an application may forget to await. Node.js ends the process for a rejection that nobody handles:
 * one forgotten `await` and a store that fails for a moment would end every visit at once.
 */

class Tended<T> extends Promise<T> {
  #heard = false;

  /** What comes of one is a plain promise: from then on it is somebody else's. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** `await`, `catch` and `finally` come by here too: of a plain promise `await` would not. */
  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#heard = true;
    return super.then(onFulfilled, onRejected);
  }

  /** Calls `report` where it is rejected and nobody has asked what became of it. */
  tend(report: (error: unknown) => void): this {
    super.then(undefined, (error: unknown) => {
      if (!this.#heard) report(error);
    });
    return this;
  }
}

/** The same promise, but for one thing: where it is rejected and nobody listens, that is reported and ends nothing. */
export function tended<T>(work: Promise<T>, report: (error: unknown) => void): Promise<T> {
  return new Tended<T>((resolve, reject) => {
    work.then(resolve, reject);
  }).tend(report);
}
