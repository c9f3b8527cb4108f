/** JSON that can be shown: nothing in it acts on a terminal, or reads in another order than it stands. */

// JSON.stringify escapes C0 and lone surrogates. These it lets through: DEL and C1 (terminals obey them), line and
// paragraph separators, marks that reorder text (a log entry that reads as another: CVE-2021-42574), and invisible ones.
const UNSAFE = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** JSON without a raw control character or mark. */
export function escapedJson(value: object | string): string {
  return JSON.stringify(value).replace(UNSAFE, escapeUnsafe);
}

function escapeUnsafe(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
