/** Which accounts are in the memory of this process. No class tells: each engine stands behind its checks. */

const inMemory = new WeakSet<object>();

/** Notes accounts that are gone with this process. */
export function noteInMemory(accounts: object): void {
  inMemory.add(accounts);
}

/** Whether accounts are gone with this process: asked before a table of users is moved into them. */
export function areInMemory(accounts: object): boolean {
  return inMemory.has(accounts);
}
