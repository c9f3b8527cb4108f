/** `bulwark audit export`: events for other programs. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { type Command, Option } from 'commander';
import { COLUMNS, csvLine } from '../audit/reading/event-text.ts';
import { eachLine, type QueryFlags, queryOf, withQuery } from './audit-files.ts';
import { logReader, personMatcher } from './audit-persons.ts';
import type { Terminal } from './terminal.ts';

interface Flags extends QueryFlags {
  readonly format: 'csv' | 'jsonl';
  readonly out?: string;
}

const HELP = `
Cells of CSV that a spreadsheet would take for a formula begin with an apostrophe. jsonl is the log as it stands, with
its chain: what was left out is missing when it is verified. With --policy what is sealed of persons stands there
opened, or as (forgotten), and nothing of it can be verified.

Exit codes: 0 written, 2 wrong use.

Examples:
  bulwark audit export logs/audit.jsonl --format csv --out events.csv
  bulwark audit export logs/audit.jsonl* --format jsonl --account ann@example.com > ann.jsonl`;

/** Gives the command its arguments, options, help and work. */
export function define(command: Command, terminal: Terminal): void {
  withQuery(command)
    .description('write events for other programs')
    .argument('<files...>', 'files of the log, also packed (.gz), or - for standard input')
    .addOption(new Option('--format <format>', 'of the output').choices(['csv', 'jsonl']).default('csv'))
    .option('--out <file>', 'where to; standard output where none is named')
    .addHelpText('after', HELP)
    .action(async (files: string[], flags: Flags) => {
      const reader = await logReader(flags.policy);
      const match = personMatcher(queryOf(flags), reader, terminal);
      const file =
        flags.out === undefined ? undefined : createWriteStream(flags.out, { flags: 'wx', mode: 0o600 });
      if (file !== undefined) await once(file, 'open');
      const out = file ?? terminal.out;
      if (flags.format === 'csv') out.write(`${COLUMNS.join(',')}\r\n`);
      await eachLine(files, terminal, (line) => {
        const found = match(line);
        if (found === undefined) return;
        out.write(flags.format === 'csv' ? `${csvLine(found.event)}\r\n` : `${found.line}\n`);
      });
      reader.close();
      if (file === undefined) return;
      file.end();
      await once(file, 'close');
    });
}
