const BASE = 'http://application.invalid';
const PATH = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,4096}$/;

/**
 * The page to go to afterwards, such as that of `?next=`: a path of this site, or the other one. Browsers read `//host`,
 * `/\host` and a tab or newline inside either as another site (CWE-601; ASVS v5.0.0-3.7.2).
 *
 * @example
 * ```ts
 * response.redirect(safeRedirect(request.query.next, '/home'));
 * ```
 * @param next - as the request has it, of whatever type; of a parameter that is there twice nothing is taken
 * @param otherwise - a path of this site
 */
export function safeRedirect(next: unknown, otherwise: string): string {
  if (typeof next !== 'string' || !PATH.test(next)) return otherwise;
  const url = new URL(next, BASE);
  // What the parser made of it: `/.//host` becomes the path `//host`.
  return url.origin === BASE && !url.pathname.startsWith('//') ? url.pathname + url.search : otherwise;
}
