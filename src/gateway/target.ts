/** The target that an upstream gets. */
import type { Exchange } from '../core/exchange.ts';

/** A letter, a digit, or one of `-._~`: written out or as an escape, it is the same (RFC 3986 6.2.2.2). */
const UNRESERVED = /%(?:2[de]|3\d|4[1-9a-f]|5[\da]|5f|6[1-9a-f]|7[\da]|7e)/gi;
/** What no address has but as an escape (RFC 3986 2). Browsers write it so, and not every server takes it otherwise. */
const UNFIT = /["<>\\^`{}]/g;
const ODD = /%|\/\/|["<>\\^`{}]/;

/**
 * The path in the spelling that it was judged in, and the query. Servers decode paths, but frameworks that match what came byte by
 * byte would take `/%61dmin` and `/a//b` for other paths than the rules did.
 */
export function upstreamTarget({ target, rawPath, pathHasOneReading }: Exchange): string {
  // Where the guard of paths only observes, what can be read in two ways is passed on as it came.
  if (!pathHasOneReading || !ODD.test(target)) return target;
  const path = rawPath.replaceAll(/\/{2,}/g, '/').replaceAll(UNRESERVED, unescaped);
  return (path + target.slice(rawPath.length)).replaceAll(UNFIT, escaped);
}

function unescaped(escape: string): string {
  return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
}

function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
