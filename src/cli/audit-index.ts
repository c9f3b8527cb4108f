/** `bulwark audit index`: makes a log searchable, however long it is. */
import type { Command } from 'commander';
import { escapedJson } from '../audit/escaped-json.ts';
import { checkFiles } from './audit-files.ts';
import { openIndex } from './audit-index-place.ts';
import { type Terminal, WrongUse } from './terminal.ts';

interface Flags {
  readonly into: string;
  readonly keep?: string;
  readonly json?: true;
}

const HELP = `
Reads files of the log into a database of SQLite, for "bulwark audit search --index". Run it again and it reads on: a
record is told by its place in its chain, and taken once. It proves nothing: "bulwark audit verify" reads the files.
In PostgreSQL several machines have one index, each reads its own files into it. "postgres:" is the address in
DATABASE_URL, which no list of processes shows. There --keep takes out whole weeks, and leaves their signed heads.

Exit codes: 0 done, 2 wrong use.

Examples:
  bulwark audit index logs/audit.jsonl* --into logs/audit.db
  bulwark audit index logs/audit.jsonl --into logs/audit.db --keep 90d
  bulwark audit index logs/audit.jsonl* --into postgres: --keep 400d
  bulwark audit search --index logs/audit.db --account ann@example.com --limit 50`;

const DAY_MS = 86_400_000;

/** Gives the command its arguments, options, help and work. */
export function define(command: Command, terminal: Terminal): void {
  command
    .description('read a log into an index')
    .argument('<files...>', 'files of the log, also packed (.gz), in any order')
    .requiredOption('--into <file>', 'a file of SQLite, which is made where it is not there, or postgres:')
    .option('--keep <days>', 'take out of the index what is older: 90d')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', HELP)
    .action(async (files: string[], { into, keep, json }: Flags) => {
      const logs = files.filter((file) => !file.endsWith('.heads') && file !== into);
      checkFiles(logs);
      const before = keep === undefined ? undefined : Date.now() - daysOf('--keep', keep) * DAY_MS;
      const index = await openIndex(into);
      try {
        const run = await index.add(logs);
        const forgotten = before === undefined ? 0 : await index.forget(before);
        terminal.out.write(
          json === true
            ? `${escapedJson({ ...run, forgotten })}\n`
            : `${run.added} events taken, ${run.known} were there, ${run.others} lines are no records; ${forgotten} forgotten.\n`,
        );
      } finally {
        await index.close();
      }
    });
}

/** A number of days, as `90d`. */
export function daysOf(flag: string, value: string): number {
  const days = Number(/^(\d{1,5})d$/.exec(value)?.[1] ?? 0);
  if (days < 1) throw new WrongUse(`${flag} takes days, such as 90d.`);
  return days;
}
