/** Paths of which there are as many as routes, and not as many as rows: for what is counted and shown by path. */

/** Numbers, UUIDs, and long runs of letters and digits mixed: ids, of which there are as many as rows. */
const ID = /^(?:\d+|[\da-f]{8}-[\da-f-]{27}|(?=[^/]*\d)[\w-]{16,})$/i;

/** A path with a word in the place of what looks like an id. */
export function withoutIds(path: string, word: string): string {
  return path
    .split('/')
    .map((segment) => (ID.test(segment) ? word : segment))
    .join('/');
}
