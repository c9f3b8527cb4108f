import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEvent } from '../audit/audit-event.ts';
import { defaultsOf, readOptions } from '../core/options.ts';
import { Problems } from '../core/problems.ts';
import { MemoryCounters } from '../stores/memory/counters.ts';
import { allEvents } from '../policy/controls.ts';
import { type Alert, AlertBook, silenceKey } from './alert-book.ts';
import { EVERY_ALERT } from './alert-rules.ts';
import { alertsOptions, type AlertsOptions } from './alerts.options.ts';
import { Tally } from './tally.ts';

const START = Date.parse('2026-01-05T10:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

type Made = Partial<AuditEvent> & { readonly event: string };

interface Book {
  readonly book: AlertBook;
  readonly tally: Tally;
  readonly at: (ms: number, ...events: readonly Made[]) => Promise<readonly Alert[]>;
}

function bookOf(options: AlertsOptions = {}): Book {
  const problems = new Problems('production');
  const settings = readOptions('alerts', alertsOptions, options, problems);
  problems.throwIfAny();
  const tally = new Tally(new MemoryCounters());
  const book = new AlertBook({
    settings,
    tally,
    rolesOf: async (account) => (account === 'ada' ? ['admin'] : ['user']),
  });
  return {
    book,
    tally,
    at: async (ms, ...events) => {
      const alerts: Alert[] = [];
      for (const event of events)
        alerts.push(
          ...(await book.look({
            time: new Date(START + ms).toISOString(),
            level: 'warn',
            outcome: 'failure',
            service: 'shop',
            ...event,
          })),
        );
      return alerts;
    },
  };
}

function named(alerts: readonly Alert[]): readonly string[] {
  return alerts.map(({ rule, about }) => `${rule}: ${about}`);
}

function wrong(client: string, account?: string): Made {
  return { event: 'authn_login_fail', client, ...(account === undefined ? undefined : { account }) };
}

function many(count: number, make: (index: number) => Made): readonly Made[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

test('wrong sign-ins from 31 networks are stuffing, and from one network never, however many', async () => {
  const { at } = bookOf();
  assert.deepEqual(await at(0, ...many(200, () => wrong('192.0.2.1'))), []);
  assert.deepEqual(await at(0, ...many(29, (index) => wrong(`10.0.${index}.1`))), []);
  assert.deepEqual(named(await at(0, wrong('198.51.100.1'))), ['stuffing: the application']);
});

test('eleven accounts from one network are spraying, and one account eleven times is not', async () => {
  const { at } = bookOf();
  assert.deepEqual(await at(0, ...many(11, () => wrong('192.0.2.1', 'ann'))), []);
  const alerts = await at(0, ...many(10, (index) => wrong('192.0.2.77', `user${index}`)));
  assert.deepEqual(named(alerts), ['spraying: 192.0.2.0/24']);
});

test('names that nobody has are sprayed too, beside those of accounts', async () => {
  const { at } = bookOf();
  const unknown = (tried: string): Made => ({ ...wrong('192.0.2.1'), details: { tried } });
  assert.deepEqual(await at(0, ...many(20, () => unknown('name/a'))), []);
  assert.deepEqual(await at(0, ...many(5, (index) => wrong('192.0.2.1', `user${index}`))), []);
  const alerts = await at(0, ...many(5, (index) => unknown(`name/${index}`)));
  assert.deepEqual(named(alerts), ['spraying: 192.0.2.0/24']);
});

test('one account from six networks is told, with its page of what to do', async () => {
  const { at } = bookOf();
  const [alert, ...rest] = await at(0, ...many(6, (index) => wrong(`10.0.${index}.1`, 'ann')));
  assert.equal(rest.length, 0);
  assert.equal(alert?.rule, 'one-account');
  assert.equal(alert.about, 'ann');
  assert.match(alert.help, /\/docs\/alerts\/one-account\.md$/);
});

test('what accounts and the gateway found out about guessing themselves is told by the rule that it is of', async () => {
  const { at } = bookOf();
  const told = (reason: string, account?: string): Made => ({
    event: 'authn_login_fail_max',
    client: '192.0.2.1',
    ...(account === undefined ? undefined : { account }),
    details: { reason },
  });
  const alerts = await at(
    0,
    told('wrong passwords for one account from many addresses', 'ann'),
    told('wrong passwords for many accounts from one address'),
    told('wrong passwords for many accounts from many addresses'),
  );
  assert.deepEqual(named(alerts), [
    'one-account: ann',
    'spraying: 192.0.2.0/24',
    'stuffing: the application',
  ]);
});

function refused(
  count: number,
  guard = 'csrf',
  details = {},
  mode: 'enforce' | 'observe' = 'enforce',
): readonly Made[] {
  return many(count, () => ({ event: 'malicious_cors', guard, mode, status: 403, details }));
}

test('refusals surge against the day before, and not where as many are usual', async () => {
  const { at } = bookOf();
  assert.deepEqual(named(await at(0, ...refused(201))), ['refusals-surge: csrf']);
  for (let hours = 3; hours < 12; hours += 1)
    assert.deepEqual(await at(hours * HOUR, ...refused(201)), [], `after ${hours} hours`);
  // Four times as many are news.
  const [alert] = await at(12 * HOUR, ...refused(1800));
  assert.equal(alert?.rule, 'refusals-surge');
  // Another guard has a past of its own.
  assert.deepEqual(named(await at(12 * HOUR, ...refused(201, 'access'))), ['refusals-surge: access']);
});

test('refusals that were held back in a flood count, and those of a guard that observes do not', async () => {
  const { at } = bookOf();
  assert.deepEqual(await at(0, ...refused(500, 'csrf', {}, 'observe')), []);
  assert.deepEqual(named(await at(0, ...refused(1, 'csrf', { heldBack: 400 }))), ['refusals-surge: csrf']);
});

test('a session in three networks within an hour is told, and one that leaves the house is not', async () => {
  const { at } = bookOf();
  const moved = (client: string): Made => ({
    event: 'session_moved',
    client,
    account: 'ann',
    sessionRef: 's1',
  });
  assert.deepEqual(await at(0, moved('192.0.2.1'), moved('192.0.2.9'), moved('198.51.100.1')), []);
  assert.deepEqual(named(await at(0, moved('203.0.113.1'))), ['session-elsewhere: ann']);
});

test('a bound session without its device is told at once, and of links without a proof the second one', async () => {
  const { at } = bookOf();
  const seen = (event: string, sessionRef: string, reason?: string): Made => ({
    event,
    account: 'ann',
    sessionRef,
    client: '203.0.113.9',
    details: { reason },
  });
  assert.deepEqual(await at(0, seen('session_link_unproved', 's1'), seen('session_link_unproved', 's2')), []);
  assert.deepEqual(named(await at(HOUR, seen('session_link_unproved', 's1'))), ['device-misuse: ann']);
  const { at: other } = bookOf();
  const [alert, ...more] = await other(0, {
    ...seen('session_misuse_refused', 's1', 'no proof'),
    level: 'critical',
  });
  assert.equal(alert?.because, 'no proof: session s1 from 203.0.113.9');
  assert.deepEqual([named([alert]), more], [['device-misuse: ann'], []], 'and by no other rule');
});

test('a bound token without its key is told once, whatever comes of it', async () => {
  const { at } = bookOf();
  const seen: Made = {
    event: 'authn_token_misused',
    level: 'critical',
    account: 'ann',
    details: { id: 't1' },
  };
  assert.deepEqual(named(await at(0, seen, seen)), ['token-misuse: t1']);
  assert.deepEqual(await at(HOUR, seen), []);
});

test('a new browser of an operator is told, by role and by name, and that of anybody else is not', async () => {
  const { at } = bookOf({ operators: ['kim'] });
  const signedIn = (account: string, details: object): Made => ({
    event: 'authn_login_success',
    level: 'info',
    account,
    details: { ...details },
  });
  const alerts = await at(
    0,
    signedIn('ada', { device: 'known' }),
    signedIn('bob', { device: 'new' }),
    signedIn('ada', { device: 'new' }),
    signedIn('kim', { browser: 'new' }),
  );
  assert.deepEqual(named(alerts), ['operator-browser: ada', 'operator-browser: kim']);
});

test('a role, a broken log, a new violation, a store, a certificate and a secret are told at the first event', async () => {
  const { at } = bookOf();
  const alerts = await at(
    0,
    { event: 'privilege_permissions_changed', account: 'ada', details: { account: 'bob' } },
    { event: 'log_verification_failed', level: 'critical', details: { faults: 3, first: 'x' } },
    { event: 'sys_browser_report', details: { kind: 'deprecation', page: '/' } },
    { event: 'sys_browser_report', details: { kind: 'csp-violation', page: '/', directive: 'img-src' } },
    { event: 'sys_store_unavailable', level: 'critical', details: { store: 'redis' } },
    { event: 'certificate_ending', level: 'critical', details: { until: '2026-01-09' } },
    { event: 'secrets_ending', level: 'warn', details: { provider: 'files', until: '2026-01-09', days: 9 } },
    { event: 'sys_crash', level: 'critical', guard: 'csrf' },
  );
  assert.deepEqual(named(alerts), [
    'role-granted: bob',
    'log-broken: shop',
    'csp-new: img-src on /',
    'store-down: redis',
    'certificate: shop',
    'secret: files',
    'critical: sys_crash of csrf',
  ]);
});

const CRASH: Made = { event: 'sys_crash', level: 'critical' };

test('the same is not told again before its quiet time is over', async () => {
  const { at, book } = bookOf();
  assert.equal((await at(0, CRASH, CRASH)).length, 1);
  assert.equal((await at(59 * MINUTE, CRASH)).length, 0);
  assert.equal((await at(61 * MINUTE, CRASH)).length, 1);
  assert.equal(book.untold.grouped, 2);
});

test('a silence ends, and what is silent is not told afterwards but at the next event', async () => {
  const { at, book, tally } = bookOf();
  const end = await tally.silence(silenceKey('critical'), 4 * HOUR, START);
  assert.equal(end, START + 4 * HOUR);
  assert.equal((await at(HOUR, CRASH)).length, 0);
  assert.equal(book.untold.silenced, 1);
  // One more, which ends later: neither the sum of both nor the first of them.
  assert.equal(await tally.silence(silenceKey('critical'), 4 * HOUR, START + HOUR), START + 5 * HOUR);
  assert.equal(await tally.silence(silenceKey('critical'), HOUR, START + HOUR), START + 5 * HOUR);
  assert.equal((await at(5 * HOUR - 1, CRASH)).length, 0);
  assert.equal((await at(5 * HOUR, CRASH)).length, 1);
});

test('a silence of one thing leaves the others of its rule, and one of all is of all', async () => {
  const { at, tally } = bookOf();
  const changed = (account: string): Made => ({ event: 'privilege_permissions_changed', account });
  await tally.silence(silenceKey('role-granted:ann'), HOUR, START);
  assert.deepEqual(named(await at(0, changed('ann'), changed('bob'))), ['role-granted: bob']);
  await tally.silence(silenceKey('*'), HOUR, START);
  assert.deepEqual(await at(0, changed('cat'), CRASH), []);
});

test('what comes a fourth time within a day is escalated, and is critical', async () => {
  const { at } = bookOf();
  const changed: Made = { event: 'privilege_permissions_changed', account: 'ann' };
  const seen = [];
  for (let time = 0; time < 4; time += 1) seen.push(...(await at(time * 2 * MINUTE, changed)));
  assert.deepEqual(
    seen.map(({ escalated, severity }) => [escalated, severity]),
    [
      [false, 'warn'],
      [false, 'warn'],
      [false, 'warn'],
      [true, 'critical'],
    ],
  );
});

test('a thousand accounts under attack are no thousand alerts', async () => {
  const { at } = bookOf();
  const alerts = await at(
    0,
    ...many(1000, (index) => ({ event: 'privilege_permissions_changed', account: `user${index}` })),
  );
  assert.equal(alerts.length, 21);
  assert.equal(alerts.at(-1)?.about, 'many');
});

test('an hour of ordinary use, and a load of a site that is loved, raise nothing', async () => {
  const { at } = bookOf();
  const alerts: Alert[] = [];
  for (let minute = 0; minute < 60; minute += 1) {
    const person = (index: number): string => `user${(minute * 7 + index * 13) % 400}`;
    const place = (index: number): string => `10.${(minute + index) % 200}.${index}.9`;
    alerts.push(
      ...(await at(
        minute * MINUTE,
        ...many(20, (index) => ({
          event: 'authn_login_success',
          level: 'info',
          account: person(index),
          client: place(index),
          details: { device: index % 5 === 0 ? 'new' : 'known' },
        })),
        // One of twelve mistypes, most of them twice.
        ...many(2, (index) => wrong(place(index), person(index))),
        ...many(2, (index) => wrong(place(index), person(index))),
        ...many(1, (index) => ({
          event: 'session_moved',
          account: person(index),
          sessionRef: person(index),
          client: place(index),
        })),
        ...refused(10, 'access'),
        ...refused(3, 'csrf'),
      )),
    );
  }
  // A load: two thousand sign-ins and as many requests at once, of which some are over the limit.
  alerts.push(
    ...(await at(
      HOUR,
      ...many(2000, (index) => ({ event: 'authn_login_success', level: 'info', account: `user${index}` })),
      ...refused(150, 'rate-limit'),
    )),
  );
  assert.deepEqual(named(alerts), []);
});

test('a rule that is off finds nothing, and a threshold of the policy is its own', async () => {
  const { at } = bookOf({ rules: { critical: false, 'one-account': { threshold: '1/hour' } } });
  assert.deepEqual(await at(0, CRASH), []);
  const alerts = await at(0, wrong('192.0.2.1', 'ann'), wrong('198.51.100.1', 'ann'));
  assert.deepEqual(named(alerts), ['one-account: ann']);
});

test('rules that are misspelt, and thresholds of rules that count nothing, are refused', () => {
  const refusedBy = (rules: object): void => {
    const problems = new Problems('production');
    readOptions('alerts', alertsOptions, { rules }, problems);
    assert.throws(() => problems.throwIfAny(), /alerts\.rules/);
  };
  refusedBy({ stufing: false });
  refusedBy({ 'role-granted': { threshold: '5/hour' } });
  refusedBy({ stuffing: true });
});

test('where the store fails the process counts for itself', async () => {
  const failing = (): never => {
    throw new Error('gone');
  };
  const tally = new Tally({ take: failing, debit: failing, debt: failing });
  const book = new AlertBook({ settings: defaultsOf(alertsOptions), tally });
  const event = {
    time: new Date(START).toISOString(),
    level: 'critical',
    outcome: 'failure',
    service: 'shop',
    event: 'sys_store_unavailable',
  } as const;
  assert.deepEqual(named(await book.look(event)), ['store-down: the store']);
  assert.deepEqual(await book.look(event), []);
  assert.ok(tally.faults > 0);
  await assert.rejects(tally.silence('a', 1000, START));
});

test('every event that a rule waits for is one that some room writes, with the details that it reads', () => {
  const declared = new Map<string, string[]>();
  for (const [, { name, details }] of allEvents())
    declared.set(name, [...(declared.get(name) ?? []), ...Object.keys(details)]);
  for (const [id, { events }] of EVERY_ALERT)
    for (const name of events) assert.ok(name === '*' || declared.has(name), `${id}: ${name}`);
  const read = [
    ['authn_login_fail_max', 'reason'],
    ['authn_login_success', 'device'],
    ['authn_login_success', 'browser'],
    ['privilege_permissions_changed', 'account'],
    ['sys_browser_report', 'directive'],
    ['sys_store_unavailable', 'store'],
    ['certificate_ending', 'until'],
    ['certificate_refused', 'reason'],
    ['certificate_renewal_failed', 'reason'],
    ['secrets_ending', 'provider'],
    ['secrets_ending', 'until'],
  ] as const;
  for (const [name, detail] of read) assert.ok(declared.get(name)?.includes(detail), `${name}: ${detail}`);
});
