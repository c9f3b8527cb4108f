import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { sketchExchange } from '../../test/support/exchange.ts';
import { until } from '../../test/support/until.ts';
import { AuditLog } from '../audit/audit.ts';
import { auditOptions } from '../audit/audit.options.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import type { LogSink, ShippedRecord } from '../audit/shipping/log-sink.ts';
import { defaultsOf } from '../core/options.ts';
import type { CounterStore } from '../stores/ports/counters.ts';
import { memory } from '../stores/memory/state.ts';
import { sqlite } from '../stores/sqlite/state.ts';
import { alertsOptions, type AlertsSettings } from './alerts.options.ts';
import type { AlertWatch } from './alert-watch.ts';
import { openAlerts } from './open-alerts.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-alerts-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));

const WRONG = { name: 'authn_login_fail', level: 'warn', meaning: '', details: {} } as const;
const CRASH = { name: 'sys_crash', level: 'critical', meaning: '', details: {} } as const;
const SEEN = { name: 'authz_seen', level: 'info', meaning: '', details: {} } as const;

interface Process {
  readonly audit: AuditLog;
  readonly watch: AlertWatch;
  readonly raised: () => readonly AuditEvent[];
}

let spools = 0;

/** What a process has of alerts: a log, and what watches it. */
function processOf(counters: CounterStore, given: Partial<AlertsSettings> = {}): Process {
  const events: AuditEvent[] = [];
  const sink = (_line: string, event: AuditEvent): void => void events.push(event);
  const settings = { ...defaultsOf(alertsOptions), log: true, ...given };
  const audit: AuditLog = new AuditLog({ ...defaultsOf(auditOptions), sink }, Date.now, process, {
    watch: (kind, line) => watch.note(kind, line),
  });
  spools += 1;
  const spool = { folder: join(FOLDER, String(spools)), most: 1_048_576 };
  const watch = openAlerts({ settings, spool, state: { counters }, audit });
  return { audit, watch, raised: () => events.filter(({ event }) => event === 'alert_raised') };
}

test('writing an event looks at no rule, and an event that no rule reads is not kept', async () => {
  const asked: string[] = [];
  const { counters } = memory();
  const watched: CounterStore = {
    ...counters,
    take: (key, rate, now) => {
      asked.push(key);
      return counters.take(key, rate, now);
    },
    debit: (...given) => counters.debit(...given),
    debt: (...given) => counters.debt(...given),
  };
  const { audit, watch, raised } = processOf(watched);
  audit.write(CRASH, {});
  audit.write(SEEN, {});
  assert.deepEqual(asked, []);
  await watch.settled();
  assert.ok(asked.length > 0);
  assert.equal(raised().length, 1);
  assert.deepEqual(raised()[0]?.details?.['rule'], 'critical');
});

test('of two that share SQLite one raises the alert, of what neither has seen alone', async () => {
  const folder = join(FOLDER, 'shared');
  const states = [sqlite(folder), sqlite(folder)] as const;
  const one = processOf(states[0].counters);
  const other = processOf(states[1].counters);
  for (let network = 0; network < 6; network += 1) {
    const { audit } = network % 2 === 0 ? one : other;
    audit.write(WRONG, { account: 'ann' } as never, sketchExchange({ peer: `10.0.${network}.1` }));
  }
  await Promise.all([one.watch.settled(), other.watch.settled()]);
  const raised = [...one.raised(), ...other.raised()].map(({ details }) => details?.['rule']);
  assert.deepEqual(raised, ['one-account']);
  for (const state of states) await state.close();
});

test('a flood is bounded: what no rule could look at is counted and told, and the log has it all', async () => {
  const { audit, watch, raised } = processOf(memory().counters);
  for (let count = 0; count < 10_050; count += 1) audit.write(WRONG, {});
  assert.equal(watch.counts.dropped, 50);
  await watch.settled();
  assert.equal(audit.counts.get('authn_login_fail'), 10_050);
  assert.equal(audit.counts.get('alert_events_dropped'), 1);
  // Whoever is on call hears that the rules were blind for a moment.
  assert.deepEqual(
    raised().map(({ details }) => details?.['about']),
    ['alert_events_dropped'],
  );
});

test('a receiver that is gone loses no alert, and has each of them when it is back', async () => {
  const taken: ShippedRecord[] = [];
  let isGone = true;
  const chat: LogSink = {
    name: 'chat',
    send: async (records) => {
      if (isGone) throw new Error('ECONNREFUSED');
      taken.push(...records);
    },
  };
  const { audit, watch } = processOf(memory().counters, { to: [chat] });
  for (const account of ['ann', 'bob', 'cat'])
    audit.write({ ...WRONG, name: 'privilege_permissions_changed' }, { account } as never);
  audit.write(SEEN, {});
  await watch.settled();
  await until('the receiver is known to be gone', () => watch.receivers.get('chat')?.isFailing);
  isGone = false;
  await until('the receiver has them', () => taken.length >= 3);
  assert.deepEqual(
    taken.map(({ event }) => event.details?.['about']),
    ['ann', 'bob', 'cat'],
  );
  assert.equal(watch.receivers.get('chat')?.lost, 0);
  assert.ok((audit.counts.get('sys_log_receiver_gone') ?? 0) >= 1);
  await watch.close();
});

test('a receiver that is slow keeps no event waiting, and no other receiver', async () => {
  const taken: ShippedRecord[] = [];
  let answer: (() => void) | undefined;
  const slow: LogSink = {
    name: 'slow',
    send: async () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  };
  const quick: LogSink = { name: 'quick', send: async (records) => void taken.push(...records) };
  const { audit, watch, raised } = processOf(memory().counters, { to: [slow, quick] });
  audit.write(CRASH, {});
  await watch.settled();
  await until('the slow one is asked', () => answer !== undefined);
  audit.write({ ...CRASH, name: 'crypt_decrypt_fail' }, {});
  await watch.settled();
  assert.equal(raised().length, 2);
  await until('the quick one has both', () => taken.length === 2);
  answer?.();
  await until('the slow one is asked for the second', () => watch.receivers.get('slow')?.sent === 1);
  answer?.();
  await watch.close();
});

test('only what is escalated goes to those whom it is escalated to', async () => {
  const told: ShippedRecord[] = [];
  const boss: LogSink = { name: 'boss', send: async (records) => void told.push(...records) };
  const { rules } = defaultsOf(alertsOptions);
  const often = { threshold: undefined, quiet: 1000, severity: 'warn' } as const;
  const settings = { escalateTo: [boss], escalateAfter: 1, rules: { ...rules, 'role-granted': often } };
  const { watch } = processOf(memory().counters, settings);
  const line = (second: number): string =>
    JSON.stringify({
      time: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
      level: 'warn',
      event: 'privilege_permissions_changed',
      service: 'shop',
      account: 'ann',
    });
  watch.note(WRONG, line(0));
  watch.note(WRONG, line(10));
  await watch.settled();
  await until('it is told', () => told.length > 0);
  assert.equal(told.length, 1);
  assert.equal(told[0]?.event.details?.['escalated'], true);
  await watch.close();
});
