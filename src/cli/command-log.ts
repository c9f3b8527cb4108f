/** The log of a command that acts: the policy's own, with what seals it, watches it and ships it, and the index of its console. */
import { existsSync } from 'node:fs';
import type { AuditLog } from '../audit/audit.ts';
import { EventIndex } from '../audit/index/event-index.ts';
import { type LogPolicy, makeLog } from '../layer/services.ts';
import type { Policy } from '../policy/policy.ts';
import { messageOf } from './terminal.ts';

/** Lines that are put into an index at once: an import of many accounts must not hold all of them. */
const AT_ONCE = 500;

/**
 * Has what a command does written as the application would write it, in a chain of its own. Standard output has the
 * result, so that a log of there goes to standard error.
 *
 * @throws BulwarkError ERR_BULWARK_AUDIT_FILE where the disk does not take what was written
 */
export async function withLog<T>(
  policy: LogPolicy & Partial<Pick<Policy, 'console'>>,
  work: (audit: AuditLog) => Promise<T>,
): Promise<T> {
  const { sink, file } = policy.audit;
  const aside = sink === 'stdout' || (sink === undefined && file === undefined) ? 'stderr' : sink;
  const { audit, alerts } = makeLog({ ...policy, audit: { ...policy.audit, sink: aside } });
  const endShowing = showInConsole(audit, policy.console?.index);
  try {
    const result = await work(audit);
    await audit.flushed();
    return result;
  } finally {
    // An alert is an event too.
    await alerts?.settled();
    await audit.close();
    await alerts?.close();
    endShowing();
  }
}

/**
 * Has operators see in their console what was done at the machine, since no process of the application hears of it. An index
 * that is not there is not made: it would belong to whoever ran the command.
 *
 * @returns what puts down the last of it
 */
function showInConsole(audit: AuditLog, path: string | undefined): () => void {
  if (path === undefined || !existsSync(path)) return () => undefined;
  let lines: string[] = [];
  const put = (): void => {
    const taken = lines;
    lines = [];
    if (taken.length === 0) return;
    try {
      const index = new EventIndex(path);
      try {
        index.take(taken);
      } finally {
        index.close();
      }
    } catch (error) {
      // It is done, and in the log.
      process.emitWarning(
        `The console does not show this yet (${messageOf(error)}): bulwark audit index LOG --into ${path}`,
      );
    }
  };
  audit.follow((_kind, line) => {
    lines.push(line);
    if (lines.length >= AT_ONCE) put();
  });
  return put;
}
