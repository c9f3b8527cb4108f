/** Pages that bear a nonce and that a shared cache keeps: whoever asks gets the same nonce, an attacker too. */
import type { OutgoingHead } from '../../core/head.ts';

const MOST_READ = 512;

/** Whether an answer may be kept by caches that many share (RFC 9111, 3 and 5.2.2), by what its head says of it. */
export function isKeptByOthers(head: OutgoingHead): boolean {
  const said = head.getHeader('cache-control');
  if (said === undefined) return false;
  const line = Array.isArray(said) ? said.join() : String(said);
  if (line !== lastLine) {
    lastIsKept = isKept(line.slice(0, MOST_READ).toLowerCase());
    lastLine = line;
  }
  return lastIsKept;
}

/** Nearly all pages of an application say the same: the last line that was read, and what it comes to. */
let lastLine = '';
let lastIsKept = false;

function isKept(line: string): boolean {
  const directives = line.split(',').map((one) => one.trim());
  if (directives.includes('no-store') || directives.includes('private')) return false;
  return directives.some((one) => one === 'public' || LASTS.test(one));
}

const LASTS = /^(?:s-maxage|max-age)\s*=\s*"?0*[1-9]/;

/** What to write in the place of such a head. */
export const KEPT_NONCE_FIX =
  "this page bears a nonce, and a shared cache would give it to everybody: Cache-Control: private, no-cache; or take the nonce out, and name the page's folder by csp: { built }";
