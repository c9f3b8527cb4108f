import type { FilePlace } from '../ports/files.ts';

/** One page, newest first. */
export function pageOf<T>(
  all: readonly T[],
  placeOf: (one: T) => FilePlace,
  behind: FilePlace | undefined,
  limit: number,
): readonly T[] {
  const order = (a: FilePlace, b: FilePlace): number =>
    b.createdAt - a.createdAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
  return all
    .filter((one) => behind === undefined || order(placeOf(one), behind) > 0)
    .sort((a, b) => order(placeOf(a), placeOf(b)))
    .slice(0, limit);
}
