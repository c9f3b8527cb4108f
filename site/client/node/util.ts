/** What is asked of values. */

export const types = {
  isNativeError: (value: unknown): boolean => value instanceof Error,
  isPromise: (value: unknown): boolean => value instanceof Promise,
  isProxy: (): boolean => false,
};
export const inspect: (value: unknown) => string = String;
/** Of functions that are missing here too. */
export const promisify = (): (() => Promise<never>) => () =>
  Promise.reject(new Error('it is not there in a browser'));
