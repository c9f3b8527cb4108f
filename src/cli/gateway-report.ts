/** `bulwark gateway report`: what would have been refused, from the log. */
import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Command } from 'commander';
import { escapedJson } from '../audit/escaped-json.ts';
import {
  type ObservedGroup,
  ObservedReport,
  type ObservedSummary,
} from '../gateway/observed/observed-report.ts';
import { AnsweredNo, faint, strong, type Terminal, WrongUse } from './terminal.ts';

interface Flags {
  readonly json?: true;
  readonly top?: string;
}

const HELP = `
Guards in mode "observe" decide as ever, and let pass; the log has each. This reads the log, of the gateway or of an
application with the layer in itself, and says how often which guard would have refused what. Paths are put together
where they differ in ids alone. Lines without a status are of heads that would have been changed, each told once for a
route.

Exit codes: 0 nothing would have been refused, 1 something would, 2 wrong use, or no event to read.

Examples:
  bulwark gateway report /var/log/bulwark.log
  journalctl -u bulwark -o cat --since yesterday | bulwark gateway report -
  bulwark gateway report *.log --json`;

/** Gives the command its arguments, options and work. */
export function define(command: Command, terminal: Terminal, input: Readable = process.stdin): void {
  command
    .description('say what would have been refused, by the log of guards in mode observe')
    .argument('<logs...>', 'files of the audit log, or - for standard input')
    .option('--top <number>', 'how many lines to show', '50')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', HELP)
    .action(async (logs: string[], flags: Flags) => {
      const top = Number(flags.top);
      if (!Number.isInteger(top) || top < 1) throw new WrongUse('--top takes a number of lines.');
      for (const log of logs) if (log !== '-' && !existsSync(log)) throw new WrongUse(`There is no ${log}.`);
      const report = new ObservedReport();
      for (const log of logs) {
        const stream = log === '-' ? input : createReadStream(log);
        for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) report.add(line);
      }
      const { summary } = report;
      terminal.out.write(flags.json === true ? `${escapedJson(summary)}\n` : asText(summary, top, terminal));
      // An empty or another file would pass for a log in which nothing is wrong.
      if (summary.events === 0) throw new WrongUse('There is no event of the audit log in what was read.');
      if (summary.groups.some(({ status }) => status !== undefined)) throw new AnsweredNo();
    });
}

function asText(
  { groups, observed, events, others }: ObservedSummary,
  top: number,
  { out }: Terminal,
): string {
  const read = `${events} events read, ${observed} of guards that observe${others > 0 ? `; ${others} lines are no events` : ''}.`;
  if (groups.length === 0) return `Nothing would have been refused or changed. ${read}\n`;
  const widths = {
    count: Math.max(5, ...groups.map(({ count }) => String(count).length)),
    guard: Math.max(5, ...groups.map(({ guard }) => guard.length)),
  };
  const row = (count: string, guard: string, status: string, route: string): string =>
    `${count.padStart(widths.count)}  ${guard.padEnd(widths.guard)}  ${status.padEnd(6)}  ${route}`;
  const lines = groups
    .slice(0, top)
    .flatMap((group) => [
      row(String(group.count), group.guard, String(group.status ?? '-'), shown(group.route)),
      faint(`${' '.repeat(widths.count + 2)}${sampleOf(group)}`, out),
    ]);
  const more = groups.length > top ? [`and ${groups.length - top} more: --top ${groups.length}`] : [];
  return `${[strong(row('count', 'guard', 'status', 'route'), out), ...lines, ...more, read].join('\n')}\n`;
}

/** What a person needs to find it again, and why it was. */
function sampleOf({ sample }: ObservedGroup): string {
  const { time, client, requestId, details } = sample;
  const facts = { ...(typeof details === 'object' ? details : {}) } as Record<string, unknown>;
  delete facts['observed'];
  delete facts['heldBack'];
  const why = Object.entries(facts).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  const found = [time, client, requestId].filter((part) => typeof part === 'string');
  return shown([...found, ...why].join('  ')).slice(0, 160);
}

/** A log may come from anywhere: what a terminal would obey is not shown. */
function shown(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}
