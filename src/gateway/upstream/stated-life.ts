/** How long an upstream says that it keeps a connection: `Keep-Alive: timeout=5` (RFC 2068 19.7.1.1; Node.js, Apache, Tomcat). */

/** However long a server says: behind a firewall a connection that is silent for a minute may be gone without a word. */
const LONGEST_MS = 30_000;

/**
 * Milliseconds for which a connection is kept: a second less than its upstream says, half of that where it says a second, so
 * that no request meets it as it closes. 0 where it says nothing, or nothing that can be read in one way.
 *
 * @param line - the value of its `Keep-Alive`; two lines are no value
 */
export function statedLife(line: string | undefined): number {
  if (line === undefined) return 0;
  let seconds: number | undefined;
  for (const part of line.split(',')) {
    const match = /^[ \t]*(timeout|max)[ \t]*=[ \t]*(\d{1,9})[ \t]*$/i.exec(part);
    // Others have been made up (RFC 2068 allows any); they say nothing of how long.
    if (match === null) {
      if (/timeout|max/i.test(part)) return 0;
      continue;
    }
    const value = Number(match[2]);
    if (match[1]?.toLowerCase() === 'max') {
      if (value === 0) return 0;
    } else if (seconds === undefined) seconds = value;
    else return 0;
  }
  if (seconds === undefined) return 0;
  return Math.min(LONGEST_MS, seconds * 1_000 - Math.min(1_000, seconds * 500));
}
