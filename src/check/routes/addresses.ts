/** Sets of addresses, as route patterns of any router describe them, and how two of them relate. */

/**
 * The segments of a path: a name in lower case, `*` for any one segment, `**` for any number of them, none included. The
 * form of a policy's own patterns, but that `**` may stand anywhere.
 */
export type Addresses = readonly string[];

/** Every address there is. */
export const EVERYWHERE: Addresses = ['**'];

/** The segments of a path without empty ones, which no rule tells apart. */
export function segmentsOf(path: string): string[] {
  return path
    .toLowerCase()
    .split('/')
    .filter((segment) => segment !== '');
}

/** Whether some address is in both. */
export function overlap(a: Addresses, b: Addresses): boolean {
  const [first, ...restOfA] = a;
  const [other, ...restOfB] = b;
  if (first === '**') return overlap(restOfA, b) || (other !== undefined && overlap(a, restOfB));
  if (other === '**') return overlap(a, restOfB) || (first !== undefined && overlap(restOfA, b));
  if (first === undefined || other === undefined) return first === other;
  return (first === other || first === '*' || other === '*') && overlap(restOfA, restOfB);
}

/** No pattern of a policy can have this for a name: what matches it matches any other segment too. */
const ANY_NAME = '#';

/** More would be a path with many wildcards, which the last of them stand for. */
const MOST_SAMPLES = 500;

/**
 * Paths that stand for all others but those that a pattern names.
 *
 * @param depth - how many segments `**` has at most; one more than any pattern has, and more make no difference
 */
export function samplesOf(addresses: Addresses, depth: number): readonly string[] {
  let paths = [''];
  for (const segment of addresses) {
    const ways =
      segment === '**' ? Array.from({ length: depth + 1 }, (_, count) => `/${ANY_NAME}`.repeat(count)) : [];
    const one = `/${segment === '*' ? ANY_NAME : segment}`;
    paths = (segment === '**' ? ways : [one]).flatMap((way) => paths.map((path) => path + way));
    if (paths.length > MOST_SAMPLES) paths = paths.slice(-MOST_SAMPLES);
  }
  return paths.map((path) => (path === '' ? '/' : path));
}
