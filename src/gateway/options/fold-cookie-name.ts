/** Names of cookies, as readers behind a gateway take them. */

/**
 * A name as the most lenient reader sees it: without case, escapes read, and what PHP turns into an underscore turned into
 * one. What a client sends under any of these spellings must not reach an application beside the vault.
 */
export function foldCookieName(name: string): string {
  const plain = name.trim();
  const read = plain.includes('%') ? plain.replace(/%([\da-f]{2})/gi, readEscape) : plain;
  return read
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9*]/g, '_');
}

function readEscape(_: string, hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}
