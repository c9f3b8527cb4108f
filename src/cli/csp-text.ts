/** What `bulwark csp` says, in words. */
import { counted } from '../console/csp-lines.ts';
import type { Need } from '../controls/csp/advice.ts';
import { faint, type Output, strong } from './terminal.ts';

const MOST_PAGES_SHOWN = 3;

/** A group of needs under a title; nothing, where there are none. */
export function needsText(title: string, needs: readonly Need[], out: Output): readonly string[] {
  if (needs.length === 0) return [];
  return [strong(title, out), ...needs.flatMap((need) => needText(need, out)), ''];
}

function needText(need: Need, out: Output): readonly string[] {
  const { directive, blocked, source, word, sample, place, count, clients, pages } = need;
  const what = [directive, blocked, ...(sample === '' ? [] : [`"${sample}"`])].join(' ');
  const where = pages.slice(0, MOST_PAGES_SHOWN).join(', ');
  const more = pages.length > MOST_PAGES_SHOWN ? ', ...' : '';
  const seen = `${counted(count, 'report')}, ${counted(clients, 'client')}, on ${where}${more}${place === '' ? '' : `, at ${place}`}`;
  const advice = source === undefined ? word : `write ${source}${word === '' ? '' : ` (${word})`}`;
  return [`  ${what}`, `    ${faint(seen, out)}`, `    ${advice}`];
}
