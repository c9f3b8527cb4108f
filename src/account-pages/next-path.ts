const BASE = 'http://application.invalid';

/**
 * The page to go to afterwards: a path of this site, or `fallback`. Browsers read `//host`, `/\host` and a tab or
 * newline inside either as another site (CWE-601).
 */
export function parseNextPath(text: string, fallback: string): string {
  if (!/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,4096}$/.test(text)) return fallback;
  const url = new URL(text, BASE);
  // What the parser made of it: `/.//host` becomes the path `//host`.
  return url.origin === BASE && !url.pathname.startsWith('//') ? url.pathname + url.search : fallback;
}
