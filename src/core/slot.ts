/** What a room keeps on an exchange between its guards: only who imports the slot reads it, and the core knows none of them. */

declare const KEPT: unique symbol;

/** A place on every exchange for one value of this type. */
export interface Slot<Kept> {
  readonly index: number;
  /** Never there: it keeps the type of what is put in and taken out the same. */
  readonly [KEPT]?: (kept: Kept) => Kept;
}

let made = 0;

/** Makes a slot: once for each thing that is kept, where a module is loaded, and never per request. */
export function slot<Kept>(): Slot<Kept> {
  made += 1;
  return { index: made - 1 };
}
