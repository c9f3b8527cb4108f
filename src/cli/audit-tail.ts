/** `bulwark audit tail`: the last events of a log, and those to come. */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { FoundEvent } from '../audit/reading/event-filter.ts';
import { eventText } from '../audit/reading/event-text.ts';
import { isChainedFile, RecordFilter } from '../audit/reading/record-filter.ts';
import { countOf, eachLine, type QueryFlags, queryOf, skippedText, withQuery } from './audit-files.ts';
import { logReader, personMatcher } from './audit-persons.ts';
import type { Terminal } from './terminal.ts';

interface Flags extends QueryFlags {
  readonly lines: string;
  readonly follow?: true;
}

const HELP = `
What strangers put into an event is shown as text: no terminal obeys it. With --json lines come as they stand in the
log, where control characters are escaped too.

Exit codes: 0 shown, 2 wrong use.

Examples:
  bulwark audit tail logs/audit.jsonl
  bulwark audit tail logs/audit.jsonl --follow --level critical
  bulwark audit tail logs/audit.jsonl -n 100 --event 'authn_*' --account ann@example.com`;

const LOOK_MS = 250;
const MOST_BYTES = 1_048_576;

/** Gives the command its arguments, options, help and work. */
export function define(command: Command, terminal: Terminal, until?: AbortSignal): void {
  withQuery(command)
    .description('show the last events of a log, and those to come')
    .argument('<file>', 'the file of the log')
    .option('-n, --lines <number>', 'how many', '20')
    .option('-f, --follow', 'show what comes, until the command is ended')
    .option('--json', 'print lines as they stand in the log')
    .addHelpText('after', HELP)
    .action(async (file: string, flags: Flags) => {
      const most = countOf('--lines', flags.lines);
      const reader = await logReader(flags.policy);
      const match = personMatcher(queryOf(flags), reader, terminal);
      const last: FoundEvent[] = [];
      const from = existsSync(file) ? statSync(file).size : 0;
      await eachLine([file], terminal, (line) => {
        const found = match(line);
        if (found === undefined) return;
        last.push(found);
        if (last.length > most) last.shift();
      });
      const show = ({ event, line }: FoundEvent): boolean =>
        terminal.out.write(`${flags.json === true ? line : eventText(event)}\n`);
      for (const found of last) show(found);
      if (flags.follow !== true) {
        reader.close();
        return;
      }
      const records = new RecordFilter(existsSync(file) && (await isChainedFile(file)));
      const matchRecord = (line: Buffer): FoundEvent | undefined =>
        records.takes(line) ? match(line.toString()) : undefined;
      await follow(file, from, matchRecord, show, until);
      reader.close();
      if (records.skipped > 0) terminal.err.write(skippedText(file, records.skipped));
    });
}

async function follow(
  file: string,
  from: number,
  match: (line: Buffer) => FoundEvent | undefined,
  show: (found: FoundEvent) => void,
  until: AbortSignal | undefined,
): Promise<void> {
  let [at, rest] = [from, Buffer.alloc(0)];
  for (;;) {
    if (until?.aborted === true) return;
    const size = existsSync(file) ? statSync(file).size : 0;
    // Cut or replaced, as a rotation does: what is there now is new.
    if (size < at) [at, rest] = [0, Buffer.alloc(0)];
    if (size === at) await pause(LOOK_MS);
    else {
      const bytes = readAt(file, at, Math.min(size - at, MOST_BYTES));
      at += bytes.byteLength;
      const data = Buffer.concat([rest, bytes]);
      const end = data.lastIndexOf(0x0a) + 1;
      rest = data.subarray(end);
      for (let start = 0; start < end;) {
        const next = data.indexOf(0x0a, start);
        const found = match(data.subarray(start, next));
        if (found !== undefined) show(found);
        start = next + 1;
      }
    }
  }
}

function readAt(path: string, position: number, bytes: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(bytes);
    return buffer.subarray(0, readSync(file, buffer, 0, bytes, position));
  } finally {
    closeSync(file);
  }
}
