/** A value now where state is in memory or embedded, a promise where it is across a network. */
export type MaybePromise<T> = T | Promise<T>;

/** Goes on at once with a value that is there, later with one that is not: no await on the path that needs none. */
export function whenReady<T, R>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<R>,
): MaybePromise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Likewise with two that were asked for at once: one trip where they are across a network. */
export function whenBoth<A, B, R>(
  a: MaybePromise<A>,
  b: MaybePromise<B>,
  next: (a: A, b: B) => MaybePromise<R>,
): MaybePromise<R> {
  return a instanceof Promise || b instanceof Promise
    ? Promise.all([a, b]).then((both) => next(...both))
    : next(a, b);
}
