/** What is kept of addresses and of code that browsers report: enough to find the place, nothing of who was there. */
import { withoutIds } from '../../core/masked-path.ts';

const MOST_PATH = 120;
const WORD = /^(?::id|[\w.~-]*)$/;
/** Whatever is longer is no word of a route, and may open something. */
const MOST_SEGMENT = 40;
/** As much as browsers send of a script. */
export const MOST_SAMPLE = 40;

/**
 * A path without query, and without what may say who was there: ids, tokens, addresses of mail. It is made of plain words, since
 * an operator is handed it as the key of a route, in a line to paste.
 */
export function maskedPath(path: string): string {
  const segments = withoutIds(path.split(/[?#;]/, 1)[0] ?? '', ':id')
    .split('/')
    .map((segment) => (segment.length <= MOST_SEGMENT && WORD.test(segment) ? segment : ':id'));
  return plain(segments.join('/').slice(0, MOST_PATH));
}

/**
 * How a script or style begins, without the texts and numbers in it: an application writes names and addresses of its visitors
 * there. The same of a whole text as of what a browser sends of it, so that one can be found by the other.
 */
export function maskedSample(text: string): string {
  const start = plain(text.replace(/(?:\u2026|\.\.\.)$/, '').slice(0, MOST_SAMPLE));
  return start.replaceAll(/(["'`])(?:(?!\1).)*(?:\1|$)/g, '$1$1').replaceAll(/\d+/g, '0');
}

/** A message of a browser, without what is quoted from a page. */
export function maskedMessage(text: string): string {
  return plain(text.slice(0, MOST_PATH))
    .replaceAll(/https?:\/\/[^\s/]{0,100}\/\S*/g, '(address)')
    .replaceAll(/\d{3,}/g, '0');
}

/** Visible ASCII on one line: for a terminal, a log and a page alike. */
function plain(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, ' ');
}
