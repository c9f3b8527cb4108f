/** Tokens of signed links as they stand in a path, which is written down in more places than a query. */

/** Kind, what the link says, and half of an HMAC-SHA-256 (`files/file-links.ts`), as one segment. */
const SIGNED = /(\/[st](?:\.[\w-]{1,512}){2,3}\.)[\w-]{22}(?=\/|$)/;

/** A path as it may be kept: with what the link is about, and without the signature, by which whoever reads it would open it. */
export function withoutLinkToken(path: string): string {
  // Nearly all paths end here.
  return path.includes('/s.') || path.includes('/t.') ? path.replace(SIGNED, '$1[redacted]') : path;
}
