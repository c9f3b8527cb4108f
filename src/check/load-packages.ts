/**
 * Rules of others: a package exports `rules` (they ask a running site) or `sourceRules` (they read files). What is wrong with one is
 * said before anything runs: a rule that cannot run is no pass.
 */
import { readFileSync } from 'node:fs';
import { createRequire, findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Rule, RuleFacts } from '../core/rule.ts';
import { importQuietly } from '../policy/quiet-import.ts';
import { mistakeText } from './rule-mistake.ts';
import { SECTIONS } from './sections.ts';
import { shownText } from './shown-text.ts';
import type { SourceRule } from './source/source-rule.ts';

/** Both kinds of rules. */
export interface RuleSet {
  readonly outside: readonly Rule[];
  readonly inside: readonly SourceRule[];
}

/** A package that brings no rules, or one whose rules are none. The message names the package and the field. */
export class BadRules extends Error {}

/** Imports what a name or path means from a folder. Handed in by tests and by executables, which import in ways of their own. */
export type ImportModule = (name: string, from: string) => Promise<Readonly<Record<string, unknown>>>;

/**
 * Adds the rules of packages to ours.
 *
 * @param from - the folder whose node_modules has them
 * @throws BadRules
 */
export async function withPackages(
  ours: RuleSet,
  names: readonly string[],
  from: string,
  importModule: ImportModule = importFrom,
): Promise<RuleSet> {
  const rooms = new Set([...ours.outside, ...ours.inside].map(roomOf));
  const known = new Set<string>();
  const [outside, inside] = [[...ours.outside], [...ours.inside]];
  for (const name of names) {
    let module: Readonly<Record<string, unknown>>;
    try {
      module = await importModule(name, from);
    } catch (cause) {
      throw new BadRules(`${name} does not load: ${mistakeText(cause)}`, { cause });
    }
    const theirs = {
      outside: listOf(module['rules'], name, 'rules', isRule) as readonly Rule[],
      inside: listOf(module['sourceRules'], name, 'sourceRules', isSourceRule) as readonly SourceRule[],
    };
    const all = [...theirs.outside, ...theirs.inside];
    if (all.length === 0) throw new BadRules(`${name} exports neither rules nor sourceRules`);
    for (const rule of all) {
      // An id of ours would be taken for our word, in reports, baselines and waivers.
      if (rooms.has(roomOf(rule)))
        throw new BadRules(`${rule.id} of ${name}: ${roomOf(rule)}. is ours, take a word of your own`);
      if (known.has(rule.id)) throw new BadRules(`${rule.id} of ${name} is there twice`);
      known.add(rule.id);
    }
    outside.push(...theirs.outside);
    inside.push(...theirs.inside);
  }
  return { outside, inside };
}

function roomOf({ id }: RuleFacts): string {
  return id.split('.', 1)[0] ?? '';
}

async function importFrom(name: string, from: string): Promise<Readonly<Record<string, unknown>>> {
  return importQuietly(fileOf(name, from));
}

/** A path, or what a package says its module is; `require` alone does not see packages that are for `import` only. */
function fileOf(name: string, from: string): string {
  try {
    return createRequire(join(from, 'package.json')).resolve(name);
  } catch (error) {
    const manifest = /^[./]/.test(name)
      ? undefined
      : findPackageJSON(name, pathToFileURL(join(from, 'package.json')));
    if (manifest === undefined) throw error;
    const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly exports?: unknown };
    const main = targetOf(exports);
    if (main === undefined) throw error;
    return join(dirname(manifest), main);
  }
}

/** `exports` as packages write it: a text, by subpath, or by condition. */
function targetOf(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (typeof exports !== 'object' || exports === null) return undefined;
  const by = exports as Fields;
  return targetOf(by['.'] ?? by['node'] ?? by['import'] ?? by['default']);
}

type Fields = Readonly<Record<string, unknown>>;

function listOf(
  given: unknown,
  name: string,
  list: 'rules' | 'sourceRules',
  is: (rule: Fields) => string | undefined,
): readonly RuleFacts[] {
  const what = `${list} of ${name}`;
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw new BadRules(`${what} is no list`);
  return given.map((one: unknown, index) => {
    const fault =
      typeof one === 'object' && one !== null
        ? (faultOf(one as Fields) ?? is(one as Fields))
        : 'it is no object';
    if (fault !== undefined) throw new BadRules(`${what}[${index}]: ${fault}`);
    return plainFacts(one as RuleFacts, name);
  });
}

/** What stands in a list, a report or a log as ours do: one line of plain text each. */
function plainFacts(rule: RuleFacts, name: string): RuleFacts {
  const { title, why, mend } = rule;
  return {
    ...rule,
    title: shownText(title, NONE),
    ...(why !== undefined && { why: shownText(why, NONE) }),
    ...(mend !== undefined && {
      mend: Object.fromEntries(Object.entries(mend).map(([key, code]) => [key, plainCode(code)])),
    }),
    // It has a page of its own, or none: never one of ours.
    help: rule.help ?? '',
    package: shownText(name, NONE),
  };
}

function plainCode(code: string): string {
  return code
    .split('\n')
    .map((line) => line.replaceAll(/[^\P{C}\t]/gu, ' '))
    .join('\n');
}

const NONE: ReadonlySet<string> = new Set();
const LEVELS: readonly unknown[] = ['error', 'warning', 'note'];
const NEEDS: readonly unknown[] = ['page', 'site', 'own-host', 'account', 'own-account', 'tls', 'source'];

function faultOf({ id, title, level, guide, asvs, cwe, needs, help, why, mend }: Fields): string | undefined {
  if (typeof id !== 'string' || !/^[a-z][a-z\d-]{0,40}\.[a-z][a-z\d-]{0,60}$/.test(id))
    return 'id must be two words with a dot between, such as acme.banner';
  if (typeof title !== 'string' || title.trim() === '')
    return `title of ${id} must say what is so where it holds`;
  if (!LEVELS.includes(level)) return `level of ${id} must be error, warning or note`;
  if (typeof guide !== 'number' || !SECTIONS.has(guide))
    return `guide of ${id} must be a section of the checklist, 1 to ${SECTIONS.size}`;
  if (!isListOf(asvs, /^v5\.0\.0-\d+\.\d+\.\d+(?: \(in part\))?$/))
    return `asvs of ${id} must be a list such as ['v5.0.0-3.4.1']; it may be empty`;
  if (!isListOf(cwe, /^CWE-\d+$/)) return `cwe of ${id} must be a list such as ['CWE-79']; it may be empty`;
  if (!NEEDS.includes(needs)) return `needs of ${id} must be one of ${NEEDS.join(', ')}`;
  if (help !== undefined && (typeof help !== 'string' || (help !== '' && !ADDRESS.test(help))))
    return `help of ${id} must be an https address`;
  if (why !== undefined && typeof why !== 'string') return `why of ${id} must be a text`;
  if (mend !== undefined && !isMend(mend)) return `mend of ${id} must be texts by where they are written`;
  return undefined;
}

/** It becomes a link of a page and a line of a terminal. */
const ADDRESS = /^https:\/\/[^\s"'<>`\\\p{C}]+$/u;

function isMend(given: unknown): boolean {
  return (
    typeof given === 'object' &&
    given !== null &&
    Object.values(given).every((code) => typeof code === 'string')
  );
}

function isRule({ id, needs, run }: Fields): string | undefined {
  if (needs === 'source') return `${String(id)} reads the source: it goes into sourceRules`;
  return typeof run === 'function' ? undefined : `run of ${String(id)} must be a function`;
}

function isSourceRule({ id, needs, start }: Fields): string | undefined {
  if (needs !== 'source') return `needs of ${String(id)} must be source`;
  return typeof start === 'function' ? undefined : `start of ${String(id)} must be a function`;
}

function isListOf(given: unknown, form: RegExp): boolean {
  return Array.isArray(given) && given.every((one) => typeof one === 'string' && form.test(one));
}
