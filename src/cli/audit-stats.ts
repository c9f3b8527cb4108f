/** `bulwark audit stats`: a log in numbers. */
import type { Command } from 'commander';
import { plainText } from '../audit/reading/event-text.ts';
import { type Counted, type LogStats, StatsCounter } from '../audit/reading/log-stats.ts';
import { escapedJson } from '../audit/escaped-json.ts';
import { countOf, eachLine, type QueryFlags, queryOf, withQuery } from './audit-files.ts';
import { logReader, personMatcher } from './audit-persons.ts';
import { strong, type Terminal, WrongUse } from './terminal.ts';

interface Flags extends QueryFlags {
  readonly top: string;
}

const HELP = `
Exit codes: 0 counted, 2 wrong use, or no event to count.

Examples:
  bulwark audit stats logs/audit.jsonl*
  bulwark audit stats logs/audit.jsonl --since 24h --level critical --json`;

const WIDTH = 36;

/** Gives the command its arguments, options, help and work. */
export function define(command: Command, terminal: Terminal): void {
  withQuery(command)
    .description('count what a log holds')
    .argument('<files...>', 'files of the log, also packed (.gz), or - for standard input')
    .option('--top <number>', 'how many clients and accounts', '10')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', HELP)
    .action(async (files: string[], flags: Flags) => {
      const top = countOf('--top', flags.top);
      const reader = await logReader(flags.policy);
      const match = personMatcher(queryOf(flags), reader, terminal);
      const counter = new StatsCounter();
      await eachLine(files, terminal, (line) => counter.add(match(line)?.event));
      reader.close();
      const stats = counter.stats(top);
      if (stats.events === 0) throw new WrongUse('There is no such event in what was read.');
      terminal.out.write(flags.json === true ? `${escapedJson(stats)}\n` : asText(stats, terminal));
    });
}

function asText(stats: LogStats, { out }: Terminal): string {
  const { events, others, first = '', last = '' } = stats;
  const tables: readonly (readonly [title: string, counted: Counted])[] = [
    ['level', stats.byLevel],
    ['event', stats.byEvent],
    ['guard', stats.byGuard],
    ['day', stats.byDay],
    ['client', stats.clients],
    ['account', stats.accounts],
  ];
  const lines: string[] = [];
  for (const [title, counted] of tables) {
    if (counted.length === 0) continue;
    lines.push('', strong(title, out));
    for (const [value, count] of counted) lines.push(`  ${plainText(value).padEnd(WIDTH)} ${count}`);
  }
  const left = others > 0 ? `; ${others} other lines` : '';
  return `${[`${events} events from ${plainText(first)} to ${plainText(last)}${left}`, ...lines].join('\n')}\n`;
}
