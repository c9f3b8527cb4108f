/** A value now where state is in memory or embedded, a promise where it is across a network. */
export type MaybePromise<T> = T | Promise<T>;

/** Goes on at once with a value that is there, later with one that is not: no await on the path that needs none. */
export function whenReady<T, R>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<R>,
): MaybePromise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
