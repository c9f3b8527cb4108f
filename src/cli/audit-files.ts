/** What the commands about the log share: which files, and which events of them. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { inOrder } from '../audit/chain/verify-files.ts';
import { openLog, readLines } from '../audit/chain/read-lines.ts';
import type { EventQuery } from '../audit/reading/event-filter.ts';
import { isChainedFile, RecordFilter } from '../audit/reading/record-filter.ts';
import { type Terminal, WrongUse } from './terminal.ts';

/** The options by which events are chosen, as the command line has them. */
export interface QueryFlags extends EventQuery {
  readonly policy?: string;
  readonly json?: true;
}

const DAYS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const ISO = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z?)?$/;

/** Adds the options of {@link QueryFlags}. */
export function withQuery(command: Command): Command {
  return command
    .option('--event <name>', 'events of this name; authn_* for all that begin so')
    .option('--level <level>', 'info, warn or critical')
    .option('--outcome <outcome>', 'success or failure')
    .option('--account <account>', 'of this account')
    .option('--client <address>', 'from this address')
    .option('--request <id>', 'of this request')
    .option('--session <reference>', 'of this session')
    .option('--guard <name>', 'of this guard')
    .option('--since <time>', 'from then on: 2026-01-31, 2026-01-31T12:00Z, or 2h ago as 2h')
    .option('--until <time>', 'up to then')
    .option('--text <text>', 'lines with this text in them')
    .option('--policy <file>', 'opens what is sealed of persons, by the keys of this policy');
}

/** The query of the options. */
export function queryOf(flags: QueryFlags): EventQuery {
  const { policy: _policy, json: _json, ...query } = flags;
  return { ...query, since: timeOf('--since', flags.since), until: timeOf('--until', flags.until) };
}

/** Files that are there, or `-`. */
export function checkFiles(paths: readonly string[]): void {
  for (const path of paths) if (path !== '-' && !existsSync(path)) throw new WrongUse(`There is no ${path}.`);
}

/** Calls back for every record of the files, oldest file first; says on standard error where other lines stand between them. */
export async function eachLine(
  paths: readonly string[],
  terminal: Terminal,
  onLine: (line: string) => void,
): Promise<void> {
  checkFiles(paths);
  for (const path of await inOrder(paths)) {
    const records = new RecordFilter(path !== '-' && (await isChainedFile(path)));
    await readLines(path === '-' ? process.stdin : openLog(path), (line) => {
      if (records.takes(line)) onLine(line.toString());
    });
    if (records.skipped > 0) terminal.err.write(skippedText(path, records.skipped));
  }
}

/** What is said of lines that are no records. */
export function skippedText(path: string, count: number): string {
  const lines = count === 1 ? '1 line that is no record' : `${count} lines that are no records`;
  return `${path}: left out ${lines} of its chain: bulwark audit verify.\n`;
}

/** A whole number of an option. */
export function countOf(flag: string, value: string): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1 || count > 1_000_000)
    throw new WrongUse(`${flag} takes a number from 1 to 1000000.`);
  return count;
}

function timeOf(flag: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const [, amount, unit = ''] = /^(\d{1,6})([smhd])$/.exec(value) ?? [];
  const ago = DAYS[unit];
  if (ago !== undefined) return new Date(Date.now() - Number(amount) * ago).toISOString();
  const time = ISO.test(value)
    ? Date.parse(value.endsWith('Z') || value.length === 10 ? value : `${value}Z`)
    : NaN;
  if (Number.isNaN(time))
    throw new WrongUse(`${flag} takes a day, a time in UTC, or how long ago: 2026-01-31, 2h.`);
  return new Date(time).toISOString();
}
