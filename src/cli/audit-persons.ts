/** What is sealed in a log, opened for who has the policy and its secret. */
import type { AuditEvent } from '../audit/audit-event.ts';
import { type EventQuery, eventMatcher, type FoundEvent } from '../audit/reading/event-filter.ts';
import { openEvent } from '../audit/personal/open-event.ts';
import { PERSON, SEALED } from '../audit/personal/seal-event.ts';
import { openPersons } from '../layer/services.ts';
import { loadPolicy } from '../policy/load-policy.ts';
import { checkFiles } from './audit-files.ts';
import { printingAside } from './load-module.ts';
import type { Terminal } from './terminal.ts';

/** Reads what stands sealed in a log. */
export interface LogReader {
  /** Undefined: nothing is opened, and events are shown as they stand there. */
  readonly open: ((event: AuditEvent) => AuditEvent) | undefined;
  /** What an account may be called in the log: itself, and what stands for it. */
  namesOf(account: string): readonly string[];
  close(): void;
}

const AS_IT_STANDS: LogReader = {
  open: undefined,
  namesOf: (account) => [account],
  close: () => undefined,
};

/**
 * Says whether a line is wanted, as `eventMatcher` does; and once, of lines that are shown, what would open what stands sealed
 * there. Of those that are not too, where somebody asks for what may lie sealed: else "nothing found" would be all that is said.
 */
export function personMatcher(
  query: EventQuery,
  reader: LogReader,
  terminal: Terminal,
): (line: string) => FoundEvent | undefined {
  const match = eventMatcher(query, reader.open);
  const hint = sealedHint(reader, terminal);
  const asks = asksForPersons(query);
  return (line) => {
    const found = match(line);
    if (asks || found !== undefined) hint(found?.line ?? line);
    return found;
  };
}

/** Whether a query is about what may lie sealed. */
export function asksForPersons({ account, client, text }: EventQuery): boolean {
  return account !== undefined || client !== undefined || text !== undefined;
}

/** In the place of a value, or beside an event that has nothing but a person in it. */
const HAS_SEALED = new RegExp(`"${RegExp.escape(SEALED)}"|"sealed":`);

/** For each line that is looked at: says once what would open what stands sealed there. */
export function sealedHint({ open }: LogReader, { err }: Terminal): (line: string) => void {
  let said = open !== undefined;
  return (line) => {
    if (said || !HAS_SEALED.test(line)) return;
    said = true;
    err.write(
      `What is ${SEALED} is about persons: --policy FILE opens it, with the policy and secret of the application.\n`,
    );
  };
}

/** @param file - the policy, where the command line names one */
export async function logReader(file: string | undefined): Promise<LogReader> {
  if (file === undefined) return AS_IT_STANDS;
  checkFiles([file]);
  const policy = await printingAside(() => loadPolicy(file));
  await policy.state.close();
  const keys = openPersons(policy);
  if (keys === undefined) return AS_IT_STANDS;
  return {
    open: (event) => openEvent(event, keys),
    namesOf: (account) => [account, ...keys.refsOf(account).map((ref) => `${PERSON}${ref}`)],
    close: () => keys.close(),
  };
}
