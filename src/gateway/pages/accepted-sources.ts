/** The sources that an operator has accepted: a file beside the policy, and the policy of pages with them. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dangerOf } from '../../controls/csp/csp-builder.ts';
import { directivesOnto, type Directives } from '../../controls/csp/csp-grammar.ts';
import type { CspSettings } from '../../controls/csp/csp.options.ts';
import { isPlainObject } from '../../core/options.ts';
import { Problems } from '../../core/problems.ts';

/** By directive, each source with a word about what it is. */
export type AcceptedSources = Readonly<Record<AcceptedDirective, Readonly<Record<string, string>>>>;

/** Directives that a source can be accepted for. */
export type AcceptedDirective = 'script-src' | 'style-src';

const DIRECTIVES = ['script-src', 'style-src'] as const;
const NONE: AcceptedSources = { 'script-src': {}, 'style-src': {} };

/** So many hashes make a head that proxies in front may not pass (nginx: 4 KB in all). */
export const MOST_SOURCES = 48;

/**
 * What the file says; nothing, where there is none.
 *
 * @throws PolicyError where it is of another form, or would let in what a policy refuses
 */
export function readAccepted(file: string): AcceptedSources {
  if (!existsSync(file)) return NONE;
  const problems = new Problems('production');
  const accepted = readFile(file, problems);
  for (const directive of DIRECTIVES) {
    const sources = Object.keys(accepted[directive]);
    directivesOnto({})({ [directive]: sources.length === 0 ? ["'self'"] : sources }, file, problems);
    for (const source of sources) {
      const danger = dangerOf('script-src', source);
      if (danger !== undefined) refuse(problems, file, `a source of ${directive}: ${danger}`);
    }
    if (sources.length > MOST_SOURCES)
      refuse(
        problems,
        file,
        `${directive} has over ${MOST_SOURCES} sources: put scripts into files, which 'self' is for.`,
      );
  }
  problems.throwIfAny();
  return accepted;
}

/** Writes the file, in an order that makes differences easy to read. */
export function writeAccepted(file: string, accepted: AcceptedSources): void {
  const sorted = Object.fromEntries(
    DIRECTIVES.map((directive) => [
      directive,
      Object.fromEntries(Object.entries(accepted[directive]).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    ]),
  );
  writeFileSync(file, `${JSON.stringify(sorted, undefined, 2)}\n`);
}

/** The policy of pages with what was accepted beside its own sources. */
export function withAccepted(csp: CspSettings, accepted: AcceptedSources): CspSettings {
  const directives: Record<string, readonly string[]> = { ...csp.directives };
  for (const directive of DIRECTIVES) {
    const sources = Object.keys(accepted[directive]);
    if (sources.length === 0) continue;
    const own = (directives[directive] ?? directives['default-src'] ?? []).filter(
      (source) => source !== "'none'",
    );
    // Beside it browsers take no file by its host, and no hash speaks for the file of an application that has no integrity.
    const isByHost = directive === 'script-src' && sources.some((source) => !source.startsWith("'sha"));
    const kept = isByHost ? own.filter((source) => source !== "'strict-dynamic'") : own;
    directives[directive] = [...new Set([...kept, ...sources])];
  }
  return { ...csp, directives: directives satisfies Directives };
}

function readFile(file: string, problems: Problems): AcceptedSources {
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    read = undefined;
  }
  if (
    isPlainObject(read) &&
    Object.entries(read).every(([name, value]) => isDirective(name) && isSources(value))
  )
    return { ...NONE, ...(read as Partial<AcceptedSources>) };
  refuse(
    problems,
    file,
    `it is an object of ${DIRECTIVES.join(' and ')}, each of sources with a word about them.`,
  );
  return NONE;
}

function isDirective(name: string): boolean {
  return (DIRECTIVES as readonly string[]).includes(name);
}

function isSources(value: unknown): boolean {
  return isPlainObject(value) && Object.values(value).every((word) => typeof word === 'string');
}

function refuse(problems: Problems, file: string, reason: string): void {
  problems.refuse('ERR_BULWARK_INVALID_OPTION', file, reason, 'bulwark gateway csp accept writes it');
}
