import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEvent } from '../audit/audit-event.ts';
import { EventIndex } from '../audit/index/event-index.ts';
import { searchEvents } from './event-search.ts';

const START = Date.parse('2026-01-01T00:00:00Z');

function line(n: number): string {
  return JSON.stringify({
    time: new Date(START + n).toISOString(),
    level: n === 7 ? 'critical' : 'warn',
    event: n % 2 === 0 ? 'authz_fail' : 'authn_login_fail',
    outcome: 'failure',
    service: 'app',
    client: `192.0.2.${n % 5}`,
    account: n === 3 ? 'rare' : 'bob',
    details: { n },
  });
}

const index = new EventIndex(':memory:');
index.take(Array.from({ length: 6000 }, (_, n) => line(n)));

test('finds what fits all conditions, page by page, each once', async () => {
  const seen: unknown[] = [];
  let next: string | undefined;
  do {
    const page = await searchEvents(
      { index },
      { account: 'bob', event: 'authz_*', client: '192.0.2.4' },
      50,
      next,
    );
    seen.push(...page.events.map(({ event }) => event.details?.['n']));
    ({ next } = page);
  } while (next !== undefined);
  assert.equal(seen.length, 600);
  assert.equal(new Set(seen).size, 600);
  assert.equal(seen[0], 5994);
});

test('a client is found whose address is sealed in the index', async () => {
  const sealed = new EventIndex(':memory:');
  sealed.take([line(1), line(2), line(6)].map((one) => one.replace(/192\.0\.2\.1/, '*sealed*')));
  const log = {
    sealsClients: true,
    namesOf: (account: string) => [account],
    opened: (event: AuditEvent) => (event.client === '*sealed*' ? { ...event, client: '192.0.2.1' } : event),
  };
  const { events } = await searchEvents({ index: sealed, log }, { client: '192.0.2.1' }, 50);
  assert.deepEqual(
    events.map(({ event }) => event.details?.['n']),
    [6, 1],
  );
});

test('looks at a bounded number of events, and says where to go on', async () => {
  const first = await searchEvents({ index }, { text: '"n":3}' }, 50);
  assert.deepEqual([first.events.length, first.looked], [0, 4000]);
  const second = await searchEvents({ index }, { text: '"n":3}' }, 50, first.next);
  assert.deepEqual([second.events.length, second.next], [1, undefined]);
});

test('asks the index by the condition that finds fewest, however many events others have', async () => {
  for (const query of [{ account: 'rare', event: 'authn_*' }, { level: 'critical' }] as const) {
    const { looked, events } = await searchEvents({ index }, query, 50);
    assert.deepEqual([looked, events.length], [1, 1], JSON.stringify(query));
  }
  assert.match(index.explain({ level: 'critical' }).join(), /event_critical/);
});

test('lines of a chain are taken once', () => {
  const one = new EventIndex(':memory:');
  const chained = `${line(1).slice(0, -1)},"chain":"abcdefghijkl","seq":5,"hash":"${'A'.repeat(43)}"}`;
  one.take([chained, chained]);
  one.take([chained, line(2), line(2)]);
  assert.equal(one.page({}, 10).events.length, 3);
  assert.deepEqual(
    one.behind(1, 10).map(({ place }) => place),
    [2, 3],
  );
  assert.equal(one.lastPlace, 3);
  one.close();
});

test('lines that could not be written are taken the next time', () => {
  const one = new EventIndex(':memory:');
  const chained = `${line(1).slice(0, -1)},"chain":"abcdefghijkl","seq":5,"hash":"${'A'.repeat(43)}"}`;
  // An event without a name, which the table does not take.
  const broken = line(2).replace('"authz_fail"', '"authz_fail","level":null');
  assert.throws(() => one.take([chained, broken]));
  assert.equal(one.page({}, 10).events.length, 0);
  one.take([chained]);
  assert.equal(one.page({}, 10).events.length, 1);
  one.close();
});
