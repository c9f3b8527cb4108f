/** Where to go after a sign-in: a page of this site, and no other. */

/** Longer than any link of a page, and too short to fill a session with. */
const MAX_LENGTH = 2048;

/**
 * The path as it was given, where it leads to this site; undefined where it leads anywhere else. A link to a sign-in page
 * that ends on another site shows its reader a host they trust, and then a copy of it.
 *
 * @param origin - this site's
 */
export function ownPath(path: unknown, origin: string): string | undefined {
  if (typeof path !== 'string' || path.length > MAX_LENGTH || !path.startsWith('/')) return undefined;
  // Browsers read `\` as `/`, and take out tabs and line ends before they read anything.
  if (/[\\\p{Cc}]/u.test(path) || !URL.canParse(path, origin)) return undefined;
  const url = new URL(path, origin);
  // `/.//evil.example` is a path of this site that whoever writes it out shorter makes a host of.
  return url.origin === origin && !url.pathname.startsWith('//') ? path : undefined;
}
