/** A value now where records are in a file of this machine, a promise where they are across a network. */
export type Awaitable<T> = T | Promise<T>;
