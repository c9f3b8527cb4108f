/**
 * Promises of calls that an application may forget to await. Node.js ends the process for a rejection that nobody handles:
 * one forgotten `await` and a store that fails for a moment would end every visit at once.
 */
import { errorName, StoreDownError } from './errors.ts';
import type { Audit } from './events.ts';
import { CORE_EVENTS } from './verdict.ts';

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

/**
 * Tends whatever the methods of a class promise. Called in a static block of each class whose methods an application calls.
 *
 * @param auditOf - where it is told what nobody heard of, if no visit that was handed in says so
 */
export function tendMethods<T extends object>(
  made: { readonly name: string; readonly prototype: T },
  auditOf: (its: T) => Audit | undefined = nowhere,
): void {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(made.prototype))) {
    const method: unknown = descriptor.value;
    if (name === 'constructor' || typeof method !== 'function') continue;
    const reason = `${made.name}.${name} failed, and nobody awaited it`;
    const value = function (this: T, ...given: unknown[]): unknown {
      const result: unknown = Reflect.apply(method, this, given);
      if (!(result instanceof Promise)) return result;
      return tended(result, (error) => report(auditIn(given[0]) ?? auditOf(this), reason, error));
    };
    Object.defineProperty(made.prototype, name, { ...descriptor, value });
  }
}

function nowhere(): undefined {
  return undefined;
}

function auditIn(visit: unknown): Audit | undefined {
  if (typeof visit !== 'object' || visit === null || !('audit' in visit)) return undefined;
  return typeof visit.audit === 'function' ? (visit.audit as Audit) : undefined;
}

function report(audit: Audit | undefined, reason: string, error: unknown): void {
  // Told when it went.
  if (error instanceof StoreDownError && error.told) return;
  if (audit === undefined) process.emitWarning(`${reason}: ${errorName(error)}`);
  else audit(CORE_EVENTS.unheard, { error, reason });
}
