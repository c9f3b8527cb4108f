/** What is kept on an exchange for those after it: only who imports the slot reads it, and the core knows none of them. */

declare const KEPT: unique symbol;

/** A place on every exchange for one value of this type. */
export interface Slot<Kept> {
  readonly index: number;
  /** Never there: it keeps the type of what is put in and taken out the same. */
  readonly [KEPT]?: (kept: Kept) => Kept;
}

// One count for all copies of the package in a process: a slot that a bundler's copy made is no slot of the server's.
const MADE = Symbol.for('bulwark.slots');
const shared = globalThis as { [MADE]?: { made: number } };
const count = (shared[MADE] ??= { made: 0 });

/**
 * Makes a slot: once for each thing that is kept, where a module is loaded, and never per request.
 *
 * @example
 * ```ts
 * export const TENANT = slot<Tenant>(); // a guard: exchange.set(TENANT, tenant); a handler: bulwark.of(request).get(TENANT)
 * ```
 */
export function slot<Kept>(): Slot<Kept> {
  count.made += 1;
  return { index: count.made - 1 };
}
