/** `bench profile`: where the CPU time of a secured stack goes, by function and by line. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runSlice, SCENARIOS, startVariant, warmUp } from '../load/measure.ts';
import type { Hot, Profile } from '../load/profiler.ts';
import { Progress } from '../report/progress.ts';
import { plainTable, show, type Table } from '../report/table.ts';
import { stackNamed } from '../stacks/all.ts';

/** Where the time of one stack goes. */
export interface ProfileResult {
  readonly stack: string;
  /** CPU time per request while it was profiled, in microseconds: more than without a profiler. */
  readonly cpu: number;
  /** Shares of all of it, by whose code it is. */
  readonly parts: readonly (readonly [who: string, share: number])[];
  readonly functions: readonly Hot[];
  /** Lines of Bulwark's own code. */
  readonly lines: readonly HotLine[];
}

/** A line of Bulwark's, with its text. */
export interface HotLine extends Hot {
  readonly text: string;
}

const ROOT = join(import.meta.dirname, '../..');
const SECONDS = 8;
const QUICK_SECONDS = 2;
const SHOWN = 20;

/** Profiles a stack in memory, under load, with a page of someone who is signed in. */
export async function runProfile(stackName: string, quick: boolean): Promise<ProfileResult> {
  const progress = new Progress(`profile of ${stackName}`);
  progress.report(0, 1);
  const [scenario] = SCENARIOS;
  if (scenario === undefined) throw new Error('there is no scenario');
  const running = await startVariant({ stack: stackNamed(stackName), store: 'memory' });
  try {
    const target = { ...running, scenario };
    await warmUp(target);
    let cpu = 0;
    const profile = await running.server.profile(async () => {
      ({ cpu } = await runSlice(target, quick ? QUICK_SECONDS : SECONDS));
    });
    progress.report(1, 1);
    return {
      stack: stackName,
      cpu,
      parts: partsOf(profile),
      functions: profile.functions.slice(0, SHOWN).map(withShortPath),
      lines: linesOf(profile),
    };
  } finally {
    await running.server.stop();
  }
}

/** The profile as tables, with a title each. */
export function profileTables(result: ProfileResult): readonly (readonly [title: string, table: Table])[] {
  const cost = (share: number): string[] => [`${show(share * 100)} %`, show(share * result.cpu)];
  const tables: (readonly [title: string, table: Table])[] = [
    [
      `${result.stack}: whose code takes the time`,
      { head: ['code', 'share', 'us'], rows: result.parts.map(([who, share]) => [who, ...cost(share)]) },
    ],
    [
      `${result.stack}: dearest functions, by their own time`,
      {
        head: ['function', 'share', 'us'],
        rows: result.functions.map((hot) => [`${hot.name} (${place(hot)})`, ...cost(hot.share)]),
      },
    ],
  ];
  const lines = result.lines.map((hot) => [`${place(hot)}  ${hot.text}`, ...cost(hot.share)]);
  if (lines.length > 0) {
    tables.push([
      `${result.stack}: dearest lines of Bulwark`,
      { head: ['line', 'share', 'us'], rows: lines },
    ]);
  }
  return tables;
}

/** The profile as a person reads it. */
export function showProfile(result: ProfileResult): string {
  return profileTables(result)
    .map(([title, table]) => `${title}\n\n${plainTable(table)}`)
    .join('\n\n');
}

function partsOf({ functions }: Profile): (readonly [string, number])[] {
  const parts = new Map<string, number>();
  for (const hot of functions) parts.set(ownerOf(hot), (parts.get(ownerOf(hot)) ?? 0) + hot.share);
  return [...parts].sort(([, a], [, b]) => b - a);
}

function ownerOf({ file, name }: Hot): string {
  if (isOurs({ file })) return 'Bulwark';
  if (file.startsWith(join(ROOT, 'bench'))) return 'the application';
  if (file.includes('/node_modules/')) return 'the framework and its packages';
  if (file.startsWith('node:')) return 'Node.js, in JavaScript';
  return name === '(garbage collector)' ? 'garbage collection' : 'Node.js and V8, native';
}

function isOurs({ file }: Pick<Hot, 'file'>): boolean {
  return file.startsWith(join(ROOT, 'src'));
}

function place({ file, line }: Hot): string {
  return line === 0 ? file || 'native' : `${file}:${line}`;
}

function shorten(file: string): string {
  return file.startsWith(ROOT) ? relative(ROOT, file) : file;
}

function withShortPath({ file, name, line, start, share }: Hot): Hot {
  return { file: shorten(file), name, line, start, share };
}

/**
 * The dearest lines of Bulwark. Where the compiler put a function into another, V8 may give a line of the other: what
 * lies outside of the function counts for its first line.
 */
function linesOf({ lines }: Profile): HotLine[] {
  const all = new Map<string, HotLine>();
  for (const hot of lines.filter(isOurs)) {
    const source = sourceOf(hot.file);
    const line = isWithin(hot, source) ? hot.line : hot.start;
    const key = `${hot.file}:${line}:${hot.name}`;
    const share = hot.share + (all.get(key)?.share ?? 0);
    const text = source[line - 1]?.trim() ?? '';
    all.set(key, { file: shorten(hot.file), name: hot.name, line, start: hot.start, share, text });
  }
  return [...all.values()].sort((a, b) => b.share - a.share).slice(0, SHOWN);
}

/** By the form that the formatter gives it: a function ends with the first bracket that is not further in than its start. */
function isWithin({ line, start }: Hot, source: readonly string[]): boolean {
  const first = source[start - 1] ?? '';
  const indent = first.length - first.trimStart().length;
  const end = source.findIndex((text, index) => index >= start && /^[})\]]/.test(text.slice(indent)));
  return line >= start && line <= (end === -1 ? start : end + 1);
}

const sources = new Map<string, readonly string[]>();

function sourceOf(file: string): readonly string[] {
  let source = sources.get(file);
  if (source === undefined) {
    source = readFileSync(file, 'utf8').split('\n');
    sources.set(file, source);
  }
  return source;
}
