/** `bulwark audit search`: events of a log by what they say. */
import type { Command } from 'commander';
import type { AuditEvent } from '../audit/audit-event.ts';
import type { EventSearch, IndexPage } from '../audit/index/event-search.ts';
import { eventMatcher, type EventQuery, type FoundEvent, openedLine } from '../audit/reading/event-filter.ts';
import { eventText } from '../audit/reading/event-text.ts';
import { checkFiles, countOf, eachLine, type QueryFlags, queryOf, withQuery } from './audit-files.ts';
import { isDatabase, openIndex } from './audit-index-place.ts';
import { asksForPersons, logReader, personMatcher, sealedHint } from './audit-persons.ts';
import { AnsweredNo, type Terminal, WrongUse } from './terminal.ts';

interface Flags extends QueryFlags {
  readonly limit: string;
  readonly index?: string;
  readonly after?: string;
}

const HELP = `
All options that are given have to fit. Files are read from the oldest to the newest, packed ones too. An index, made by
"bulwark audit index", answers at once, newest first, a page at a time.

Exit codes: 0 found, 1 nothing found, 2 wrong use.

Examples:
  bulwark audit search --index logs/audit.db --client 192.0.2.1 --limit 50
  bulwark audit search logs/audit.jsonl* --account ann@example.com --since 7d
  bulwark audit search logs/audit.jsonl --request 5kZ0mK2v --json
  bulwark audit search logs/*.gz --event 'malicious_*' --since 2026-01-01 --until 2026-02-01`;

/** Gives the command its arguments, options, help and work. */
export function define(command: Command, terminal: Terminal): void {
  withQuery(command)
    .description('find events by what they say')
    .argument('[files...]', 'files of the log, also packed (.gz), or - for standard input')
    .option('--limit <number>', 'at most so many', '1000')
    .option('--index <file>', 'ask this index, and no file; postgres: is that of DATABASE_URL')
    .option('--after <place>', 'the next page of an index, as the one before says')
    .option('--json', 'print lines as they stand in the log')
    .addHelpText('after', HELP)
    .action(async (files: string[], flags: Flags) => {
      const most = countOf('--limit', flags.limit);
      if ((flags.index === undefined) === (files.length === 0))
        throw new WrongUse('Name files of the log, or an index: one of them.');
      if (flags.index !== undefined) return searchIndex(flags.index, most, flags, terminal);
      const reader = await logReader(flags.policy);
      const match = personMatcher(queryOf(flags), reader, terminal);
      let count = 0;
      await eachLine(files, terminal, (line) => {
        const found = count < most ? match(line) : undefined;
        if (found === undefined) return;
        count += 1;
        terminal.out.write(`${flags.json === true ? found.line : eventText(found.event)}\n`);
      });
      reader.close();
      if (count === most) terminal.err.write(`Only the first ${most} are shown: --limit.\n`);
      if (count === 0) throw new AnsweredNo();
    });
}

async function searchIndex(path: string, most: number, flags: Flags, terminal: Terminal): Promise<void> {
  const { out, err } = terminal;
  if (!isDatabase(path)) checkFiles([path]);
  const index = await openIndex(path);
  const reader = await logReader(flags.policy);
  try {
    const query = queryOf(flags);
    const { account } = flags;
    const persons = account === undefined ? undefined : reader.namesOf(account);
    const { events, next } = await find(index, { ...query, persons }, reader.open, most, flags.after);
    const hint = sealedHint(reader, terminal);
    if (reader.open === undefined && asksForPersons(query))
      for (const { line } of (await besides(index, query)).events) hint(line);
    for (const { event, line } of events) {
      hint(line);
      out.write(`${flags.json === true ? line : eventText(event)}\n`);
    }
    if (next !== undefined) err.write(`There are more: --after ${next}\n`);
    if (events.length === 0) throw new AnsweredNo();
  } finally {
    reader.close();
    await index.close();
  }
}

const CHUNK = 500;

/** The newest that fit but for what may lie sealed in them. */
async function besides(
  index: Pick<EventSearch, 'page'>,
  { account: _account, client: _client, text: _text, ...asked }: EventQuery,
): Promise<IndexPage> {
  return await index.page(asked, CHUNK);
}

/** A page of an index, opened. What lies sealed there it cannot be asked for: that is looked for in what all else finds. */
async function find(
  index: Pick<EventSearch, 'page'>,
  query: EventQuery,
  open: ((event: AuditEvent) => AuditEvent) | undefined,
  most: number,
  after: string | undefined,
): Promise<IndexPage> {
  const { client, text, ...asked } = query;
  if (open === undefined) return index.page(query, most, after);
  if (client === undefined && text === undefined) {
    const { events, next } = await index.page(asked, most, after);
    return { events: events.map(({ event }) => openedLine(event, open)), next };
  }
  const match = eventMatcher({ client, text }, open);
  const events: FoundEvent[] = [];
  for (let from = after; ;) {
    const page = await index.page(asked, CHUNK, from);
    for (const [at, { line }] of page.events.entries()) {
      const found = match(line);
      if (found !== undefined) events.push(found);
      // The next page begins behind this one, wherever in the chunk it stands.
      if (events.length === most) return { events, next: (await index.page(asked, at + 1, from)).next };
    }
    if (page.next === undefined) return { events, next: undefined };
    from = page.next;
  }
}
