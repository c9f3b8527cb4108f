import { hash } from 'node:crypto';

/**
 * What stands for a session in the log. The store's key is the SHA-256 of the id, and this is 72 bits of the SHA-256
 * of that: a reader of the log can neither use the session nor look its row up.
 */
export function sessionRef(idHash: string): string {
  return hash('sha256', idHash, 'base64url').slice(0, 12);
}
