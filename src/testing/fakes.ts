/** What tests put in the place of the world: secrets, the time, a log. */
import { randomBytes } from '../core/random.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import type { AuditSink } from '../audit/audit.options.ts';
import type { SecretProvider } from '../secrets/provider.ts';
import { checks } from './testing.calls.ts';

/**
 * A provider of secrets that are the same for each name.
 *
 * @param secrets - the current one first. Without any, one that is made as it is called: a secret that stood in this package
 * would be known to everybody, and end up in production one day
 */
export function fixedSecrets(...secrets: string[]): SecretProvider {
  checks.fixedSecrets(secrets);
  const kept = secrets.length === 0 ? [randomBytes(36).toString('base64')] : secrets;
  return { name: 'test', load: () => kept };
}

/** A clock that stands until it is told to go on. */
export interface ManualClock {
  /** Milliseconds since 1970. Needs no `this`. */
  readonly now: () => number;
  /** Lets milliseconds pass. Needs no `this`. */
  readonly pass: (ms: number) => void;
}

/**
 * A clock that stands still until a test moves it.
 *
 * @param start - milliseconds since 1970; the first of January 2026, where nothing is said
 */
export function manualClock(start: number = Date.UTC(2026, 0, 1)): ManualClock {
  checks.manualClock(start);
  let now = start;
  const pass = (ms: number): void => {
    checks.pass(ms);
    now += ms;
  };
  return { now: () => now, pass };
}

/** What was logged, for `audit` of a policy: `audit: { sink: log.sink }`. */
export interface RecordingAudit {
  readonly sink: AuditSink;
  /** In the order in which they were written. */
  readonly events: readonly AuditEvent[];
  /** Those of one name. */
  readonly named: (event: string) => readonly AuditEvent[];
}

/** A log that keeps what it is told, and writes it nowhere. */
export function recordingAudit(): RecordingAudit {
  const events: AuditEvent[] = [];
  return {
    events,
    sink: (_line, event) => void events.push(event),
    named: (event) => events.filter((one) => one.event === event),
  };
}
