/** What `bulwark csp` says, in words and in lines to write. */
import type { Additions, Need } from '../controls/csp/advice.ts';
import type { Directives } from '../controls/csp/csp-grammar.ts';
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

/** A number with its word. */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** The lines of a policy that say it. */
export function linesOf({ site, routes }: Additions, mode: readonly string[] = []): readonly string[] {
  const lines: string[] = [];
  if (Object.keys(site).length > 0 || mode.length > 0)
    lines.push('csp: {', ...mode.map((one) => `  ${one}`), ...directivesText(site), '},');
  const pages = Object.entries(routes);
  if (pages.length === 0) return lines;
  lines.push('routes: {');
  for (const [page, directives] of pages) {
    lines.push(`  '${page}': {`, '    csp: {');
    for (const line of entries(directives)) lines.push(`      ${line}`);
    lines.push('    },', '  },');
  }
  lines.push('},');
  return lines;
}

function directivesText(directives: Directives): readonly string[] {
  if (Object.keys(directives).length === 0) return [];
  return ['  directives: {', ...entries(directives).map((line) => `    ${line}`), '  },'];
}

function entries(directives: Directives): readonly string[] {
  return Object.entries(directives).map(([name, sources]) => {
    const list = sources.map((source) => (source.includes("'") ? `"${source}"` : `'${source}'`)).join(', ');
    return `${/^[a-z]+$/.test(name) ? name : `'${name}'`}: [${list}],`;
  });
}
