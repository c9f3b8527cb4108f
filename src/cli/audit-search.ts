/** `bulwark audit search`: events of a log by what they say. */
import type { Command } from 'commander';
import { eventMatcher } from '../audit/reading/event-filter.ts';
import { eventText } from '../audit/reading/event-text.ts';
import { countOf, eachLine, type QueryFlags, queryOf, withQuery } from './audit-files.ts';
import { AnsweredNo, type Terminal } from './terminal.ts';

interface Flags extends QueryFlags {
  readonly limit: string;
}

const HELP = `
All options that are given have to fit. Files are read from the oldest to the newest, packed ones too.

Exit codes: 0 found, 1 nothing found, 2 wrong use.

Examples:
  bulwark audit search logs/audit.jsonl* --account ann@example.com --since 7d
  bulwark audit search logs/audit.jsonl --request 5kZ0mK2v --json
  bulwark audit search logs/*.gz --event 'malicious_*' --since 2026-01-01 --until 2026-02-01`;

/** Gives the command its arguments, options, help and work. */
export function define(command: Command, terminal: Terminal): void {
  withQuery(command)
    .description('find events by what they say')
    .argument('<files...>', 'files of the log, also packed (.gz), or - for standard input')
    .option('--limit <number>', 'at most so many', '1000')
    .option('--json', 'print lines as they stand in the log')
    .addHelpText('after', HELP)
    .action(async (files: string[], flags: Flags) => {
      const most = countOf('--limit', flags.limit);
      const match = eventMatcher(queryOf(flags));
      let count = 0;
      await eachLine(files, (line) => {
        const found = count < most ? match(line) : undefined;
        if (found === undefined) return;
        count += 1;
        terminal.out.write(`${flags.json === true ? found.line : eventText(found.event)}\n`);
      });
      if (count === most) terminal.err.write(`Only the first ${most} are shown: --limit.\n`);
      if (count === 0) throw new AnsweredNo();
    });
}
