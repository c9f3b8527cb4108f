/** The log of a command that acts: the policy's own, with what seals it, watches it and ships it. */
import type { AuditLog } from '../audit/audit.ts';
import { type LogPolicy, makeLog } from '../layer/services.ts';

/**
 * Has what a command does written as the application would write it, in a chain of its own. Standard output has the
 * result, so that a log of there goes to standard error.
 *
 * @throws BulwarkError ERR_BULWARK_AUDIT_FILE where the disk does not take what was written
 */
export async function withLog<T>(policy: LogPolicy, work: (audit: AuditLog) => Promise<T>): Promise<T> {
  const { sink, file } = policy.audit;
  const aside = sink === 'stdout' || (sink === undefined && file === undefined) ? 'stderr' : sink;
  const { audit, alerts } = makeLog({ ...policy, audit: { ...policy.audit, sink: aside } });
  try {
    const result = await work(audit);
    await audit.flushed();
    return result;
  } finally {
    // An alert is an event too.
    await alerts?.settled();
    await audit.close();
    await alerts?.close();
  }
}
