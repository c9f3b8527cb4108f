/** A policy that an application sends itself: what it would open beside ours, and the line to write for it. */
import { type Directives, isDirective } from './csp-grammar.ts';

const MOST_READ = 4096;
const MOST_SOURCES = 12;
const NONCE_OR_EMPTY = /^'nonce-|^$/i;

/**
 * The `csp` of a route by which ours would open as much. Undefined: it opens nothing that ours does not.
 *
 * @param theirs - the value of the header, of whatever length
 */
export function widerThan(ours: Directives, theirs: string): string | undefined {
  const found: string[] = [];
  for (const part of theirs.slice(0, MOST_READ).split(/[;,]/)) {
    const [name = '', ...sources] = part.trim().split(/\s+/);
    const directive = name.toLowerCase();
    if (!isDirective(directive)) continue;
    const own = ours[directive] ?? ours['default-src'] ?? [];
    const more = sources.filter(
      (source) =>
        !own.includes(source) && !NONCE_OR_EMPTY.test(source) && PRINTED.test(source) && source !== "'none'",
    );
    if (more.length === 0) continue;
    const all = [...own.filter((source) => source !== "'none'"), ...more].slice(0, MOST_SOURCES);
    found.push(`'${directive}': [${all.map((source) => `"${source}"`).join(', ')}]`);
  }
  return found.length === 0 ? undefined : `csp: { ${found.join(', ')} }`;
}

const PRINTED = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;
