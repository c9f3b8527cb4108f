/** What pages need, as lines of a policy. */
import type { Additions } from '../controls/csp/advice.ts';
import type { Directives } from '../controls/csp/csp-grammar.ts';

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
    lines.push(`  ${quoted(page)}: {`, '    csp: {');
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
    const list = sources.map(quoted).join(', ');
    return `${/^[a-z]+$/.test(name) ? name : `'${name}'`}: [${list}],`;
  });
}

/** Neither a source nor a pattern of a route holds a double quote. */
function quoted(text: string): string {
  return text.includes("'") ? `"${text}"` : `'${text}'`;
}
