/** Runs the check that a command line asks for: outside, inside, or both as one. */
import { readFileSync } from 'node:fs';
import type { CheckOptions } from '../check/check.ts';
import { BadProfile, type Profile, readProfile } from '../check/outside/profile.ts';
import { type CheckReport, reportOf, type RuleResult } from '../check/report/report.ts';
import type { SourceRule } from '../check/source/source-rule.ts';
import type { Rule } from '../core/rule.ts';
import { SmallHeap } from './small-heap.ts';
import { messageOf, progressOn, type Terminal, WrongUse } from './terminal.ts';

/** Files. Smaller ones are read before their garbage is worth a look. */
const LARGE_TREE = 2000;
/** The same of folders, before the files are counted. */
const LARGE_WALK = 50;

/** What a command line says of it. */
export interface RunFlags {
  readonly plain?: string | false;
  readonly active?: true;
  readonly ownHost?: true;
  readonly burst?: string;
  readonly login?: string;
  readonly source?: string;
}

/** What is to be run. */
export interface Chosen {
  readonly url: string | undefined;
  readonly flags: RunFlags;
  readonly outside: readonly Rule[];
  readonly inside: readonly SourceRule[];
}

/**
 * Runs it, and tells how far it is where there is a terminal.
 *
 * @throws WrongUse where an address, folder or profile is none
 */
export async function runCheck(
  { url, flags, outside, inside }: Chosen,
  { err }: Terminal,
): Promise<CheckReport> {
  const parts: CheckReport[] = [];
  if (url !== undefined) {
    const { check } = await import('../check/check.ts');
    const options = checkOptions(url, flags, outside);
    const progress = progressOn(err, 'Looking from outside');
    let ended = 0;
    const onResult = (): void => progress?.((ended += 1) / outside.length);
    parts.push(await refusing(() => check({ ...options, onResult })).finally(() => progress?.(1)));
  }
  const { source } = flags;
  if (source !== undefined) {
    const { checkSource } = await import('../check/source/check-source.ts');
    const progress = progressOn(err, 'Reading the source');
    let heap: SmallHeap | undefined;
    let folders = 0;
    // From the walk on: by the first file the place for what is new has grown.
    const onFolder = (): void => {
      folders += 1;
      if (folders < LARGE_WALK) return;
      heap ??= new SmallHeap();
      heap.look();
    };
    const onFile = (done: number, all: number): void => {
      progress?.(Math.min(0.99, done / all));
      if (all < LARGE_TREE) return;
      heap ??= new SmallHeap();
      heap.look();
    };
    const report = await refusing(() => checkSource(source, { rules: inside, onFile, onFolder })).finally(
      () => progress?.(1),
    );
    parts.push(report);
  }
  return reportOf(
    parts.flatMap(({ results }) => results.map(told)),
    {
      url: parts.find((part) => part.url !== undefined)?.url,
      source: parts.find((part) => part.source !== undefined)?.source,
      requests: parts.reduce((sum, { counts }) => sum + counts.requests, 0),
      limited: parts.reduce((sum, { counts }) => sum + counts.limited, 0),
      changed: parts.flatMap(({ changed }) => changed),
      leftOut: parts.flatMap(({ leftOut }) => leftOut),
      enforced: parts.find(({ enforced }) => enforced !== undefined)?.enforced,
      // What one of them saw says nothing for the other.
      blind: parts.find(({ blind }) => blind !== undefined)?.blind,
    },
  );
}

/**
 * Prints what would be sent. What follows depends on answers: a site with more pages and forms is sent more of the same.
 *
 * @throws WrongUse where an address or profile is none
 */
export async function rehearseCheck({ url, flags, outside }: Chosen, { out }: Terminal): Promise<void> {
  if (url === undefined) {
    out.write('Nothing would be sent: only files are read.\n');
    return;
  }
  const { check } = await import('../check/check.ts');
  const lines: string[] = [];
  const options = checkOptions(url, flags, outside);
  await refusing(() => check({ ...options, dryRun: (line) => void lines.push(line) }));
  out.write(
    `${[...new Set(lines)].join('\n')}\n\n${lines.length} requests to a site of one page with one form, to no other host; nothing was sent.\n`,
  );
}

/** What a program hands over, by the name it has on the command line. */
const FLAGS: readonly (readonly [option: string, flag: string])[] = [
  ['(ownHost: true)', '(--active)'],
  ['(burst)', '(--burst)'],
  ['(plain)', '(--plain)'],
  ['(signIn)', '(--login)'],
  ['(other)', '(other in the profile)'],
];

/** Why a rule saw nothing, for whoever typed a command. */
function asFlags(why: string): string {
  return FLAGS.reduce((text, [option, flag]) => text.replace(option, flag), why);
}

function told(result: RuleResult): RuleResult {
  return result.outcome === 'not-seen' ? { ...result, why: asFlags(result.why) } : result;
}

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TypeError) throw new WrongUse(error.message, { cause: error });
    throw error;
  }
}

function checkOptions(url: string, flags: RunFlags, rules: readonly Rule[]): CheckOptions {
  const plain = flags.plain === undefined ? besideHttps(url) : flags.plain;
  const profile = flags.login === undefined ? undefined : loadProfile(flags.login);
  return {
    url,
    rules,
    ownHost: isActive(flags),
    burst: readBurst(flags),
    ...(typeof plain === 'string' && { plain }),
    // A walk of who is signed in, and what is sent as them, is as much again.
    ...(profile !== undefined && { profile, limits: { requests: 600 } }),
  };
}

function loadProfile(path: string): Profile {
  try {
    return readProfile(readFileSync(path, 'utf8'), process.env);
  } catch (cause) {
    if (cause instanceof BadProfile)
      throw new WrongUse(`${path} is no profile: ${cause.message}.`, { cause });
    throw new WrongUse(messageOf(cause), { cause });
  }
}

/** Where browsers go that are told a name and nothing else. */
function besideHttps(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'https:' && url.port === '' ? `http://${url.hostname}` : undefined;
}

function isActive({ active, ownHost }: RunFlags): boolean {
  return active === true || ownHost === true;
}

function readBurst(flags: RunFlags): number {
  const { burst } = flags;
  if (burst === undefined) return 0;
  if (!/^[1-9]\d{0,3}$/.test(burst)) throw new WrongUse('--burst is a number from 1 to 9999.');
  if (!isActive(flags)) throw new WrongUse('--burst goes with --active: it spends what visitors need.');
  return Number(burst);
}
