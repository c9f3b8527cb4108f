/**
 * Whether a text is a path of this site, with or without a query. `//evil.example` and `/\evil.example` are other hosts
 * to a browser, and so are both with a tab or a line break in between, which it drops.
 */
export function isLocalPath(text: string): boolean {
  // A query may give a list, which reads as a text does.
  return typeof text === 'string' && LOCAL.test(text);
}

const LOCAL = /^\/(?![/\\])[\x21\x22\x24-\x7e]*$/;
