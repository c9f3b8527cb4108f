import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { kindOf } from '../../../test/support/events.ts';
import { sketchExchange } from '../../../test/support/exchange.ts';
import { until } from '../../../test/support/until.ts';
import { KeyRing } from '../../core/key-ring.ts';
import { defaultsOf } from '../../core/options.ts';
import { auditOptions } from '../audit.options.ts';
import { AuditLog, type AuditParts } from '../audit.ts';
import type { AuditEvent } from '../audit-event.ts';
import { auditFileOptions } from '../file/file.options.ts';
import { openerOf } from '../file/open-log.ts';
import { openEvent } from './open-event.ts';
import { PersonKeys } from './person-keys.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-persons-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));
const SECRET = Buffer.alloc(32, 7);
const ring = new KeyRing([SECRET]);
const DAY_MS = 86_400_000;
let count = 0;

function newPath(): string {
  return join(FOLDER, `${(count += 1)}.db`);
}

/** A log whose lines are kept. */
function logWith(persons: PersonKeys | undefined, more: AuditParts = {}): { log: AuditLog; lines: string[] } {
  const lines: string[] = [];
  const settings = {
    ...defaultsOf(auditOptions),
    sink: (line: string): void => void lines.push(line),
    personal: { keys: '', fields: ['iban'] },
  };
  return { log: new AuditLog(settings, () => 1_767_225_600_000, process, { persons, ...more }), lines };
}

function parse(line: string | undefined): AuditEvent {
  return JSON.parse(line ?? '') as AuditEvent;
}

const ANN = { account: 'ann@example.com', iban: 'DE00 1234', amount: 7, __proto__: null };

test('nothing of a person stands in the line, and with the keys all of it is there again', () => {
  const persons = new PersonKeys(newPath(), ring);
  const clear = logWith(undefined);
  const sealed = logWith(persons);
  const exchange = sketchExchange({ method: 'POST', target: '/pay', peer: '192.0.2.9' });
  for (const { log } of [clear, sealed]) log.write(kindOf('sensitive_create'), ANN, exchange);
  const [line = ''] = sealed.lines;
  assert.doesNotMatch(line, /ann|example\.com|192\.0\.2|1234/);
  assert.match(line, /"account":"person\.[\da-f]{16}"/);
  assert.match(line, /"client":"\*sealed\*".*"iban":"\*sealed\*","amount":7/);
  assert.deepEqual(openEvent(parse(line), persons), parse(clear.lines[0]));
  const other = new PersonKeys(newPath(), ring);
  assert.equal(openEvent(parse(line), other).account, '(forgotten)');
  for (const one of [persons, other]) one.close();
});

test('what an event does not have is not sealed, and not shown as forgotten', () => {
  const persons = new PersonKeys(newPath(), ring);
  const { log, lines } = logWith(persons);
  log.write(kindOf('sensitive_create'), {
    account: 'ann',
    name: undefined,
    iban: undefined,
    email: 'ann@example.com',
  });
  const event = parse(lines[0]);
  assert.deepEqual(event.details, { email: '*sealed*' });
  assert.deepEqual(openEvent(event, persons).details, { email: 'ann@example.com' });
  persons.close();
});

test('whom somebody acted on has a key of their own: one is forgotten, and the other stays', () => {
  const persons = new PersonKeys(newPath(), ring);
  const { log, lines } = logWith(persons);
  const exchange = sketchExchange({ peer: '192.0.2.9' });
  exchange.session = { idHash: 'h', principal: { account: 'operator', roles: [] } } as never;
  log.write(kindOf('user_updated'), { account: 'bob@example.com', name: 'Bob' }, exchange);
  const event = parse(lines[0]);
  assert.deepEqual(openEvent(event, persons).details, { account: 'bob@example.com', name: 'Bob' });
  persons.forget(persons.refsOf('BOB@example.com'));
  const left = openEvent(event, persons);
  assert.deepEqual(left.details, { account: '(forgotten)', name: '(forgotten)' });
  assert.deepEqual([left.account, left.client], ['operator', '192.0.2.9']);
  assert.deepEqual(persons.refsOf('bob@example.com'), []);
  persons.close();
});

test('a process that has the key in memory uses it no more, from its next turn on, once another has destroyed it', async () => {
  const path = newPath();
  const [serving, command] = [new PersonKeys(path, ring), new PersonKeys(path, ring)];
  const before = serving.of('ann').ref;
  assert.equal(command.of('ann').ref, before);
  command.forget(command.refsOf('ann'));
  await new Promise((resolve) => void setImmediate(resolve));
  const now = serving.of('ann').ref;
  assert.notEqual(now, before);
  assert.deepEqual(command.refsOf('ann'), [now]);
  for (const one of [serving, command]) one.close();
});

test('a key lies wrapped, and nothing of a destroyed one is left in the files of the database', () => {
  const path = newPath();
  const persons = new PersonKeys(path, ring);
  for (let n = 0; n < 50; n += 1) persons.of(`person ${n}`);
  persons.settleNow();
  const { ref, key } = persons.of('person 20');
  const reader = new DatabaseSync(path, { readOnly: true });
  const wrapped = String(reader.prepare('SELECT key FROM person WHERE ref = ?').get(ref)?.['key']);
  reader.close();
  const files = (): string =>
    ['', '-wal'].map((end) => readFileSync(path + end).toString('latin1')).join('\n');
  assert.ok(files().includes(wrapped));
  assert.ok(!files().includes(key.export().toString('latin1')));
  persons.forget([ref]);
  assert.ok(!files().includes(wrapped));
  assert.ok(files().includes(persons.of('person 21').ref));
  persons.close();
});

test('another secret opens nothing; one that was rotated away opens what is old, and names it', () => {
  const path = newPath();
  const first = new PersonKeys(path, ring);
  const { log, lines } = logWith(first);
  log.write(kindOf('authn_login_fail'), ANN);
  const newer = new PersonKeys(path, new KeyRing([Buffer.alloc(32, 9), SECRET]));
  assert.equal(openEvent(parse(lines[0]), newer).account, 'ann@example.com');
  assert.deepEqual(newer.refsOf('ann@example.com'), first.refsOf('ann@example.com'));
  assert.equal(newer.of('ann@example.com').ref, first.of('ann@example.com').ref);
  const stranger = new PersonKeys(path, new KeyRing([Buffer.alloc(32, 9)]));
  assert.equal(openEvent(parse(lines[0]), stranger).account, '(forgotten)');
  for (const one of [first, newer, stranger]) one.close();
});

test('what is sealed opens in its own entry alone', () => {
  const persons = new PersonKeys(newPath(), ring);
  const { log, lines } = logWith(persons);
  log.write(kindOf('authn_login_fail'), ANN);
  const event = parse(lines[0]);
  assert.equal(openEvent({ ...event, time: '2026-01-01T00:00:00.001Z' }, persons).account, '(forgotten)');
  persons.close();
});

test('where there is no key to be had the event is written without what is about the person', () => {
  const persons = new PersonKeys(newPath(), ring);
  const said: string[] = [];
  const { log, lines } = logWith(persons);
  persons.close();
  const write = process.stderr.write.bind(process.stderr);
  process.stderr.write = (line) => said.push(String(line)) > 0;
  try {
    for (let n = 0; n < 2; n += 1) log.write(kindOf('authn_login_fail'), ANN, sketchExchange());
  } finally {
    process.stderr.write = write;
  }
  assert.deepEqual([lines.length, said.length], [2, 1]);
  const { account, client, details } = parse(lines[0]);
  assert.deepEqual({ account, client, details }, {
    account: '[left out]',
    client: '*sealed*',
    details: { iban: '*sealed*', amount: 7 },
  }); // prettier-ignore
});

test('rules of alerts see the entry in clear', () => {
  const persons = new PersonKeys(newPath(), ring);
  const seen: string[] = [];
  const { log } = logWith(persons, { watch: (_kind, line) => void seen.push(line) });
  log.write(kindOf('authn_login_fail'), ANN);
  assert.equal(parse(seen[0]).account, 'ann@example.com');
  persons.close();
});

test('persons that nobody was told of for a while, and what a log has yet to say', () => {
  const path = newPath();
  let now = 1_767_225_600_000;
  const persons = new PersonKeys(path, ring, () => now);
  const [ann, bob] = [persons.of('ann').ref, persons.of('bob').ref];
  now += 100 * DAY_MS;
  persons.of('bob');
  assert.deepEqual(persons.unused(90), [ann]);
  assert.deepEqual(persons.present([ann, bob, 'nobody']), [ann, bob]);
  persons.forget([ann, 'nobody']);
  persons.close();
  // As after a crash before the log knew.
  const again = new PersonKeys(path, ring, () => now);
  assert.deepEqual(again.untold(), [ann]);
  again.told([ann]);
  assert.deepEqual(again.untold(), []);
  again.close();
});

test('a record that comes while keys are being settled waits for its own', async () => {
  const path = join(FOLDER, 'meanwhile.jsonl');
  const settings = { ...defaultsOf(auditFileOptions), path, hangUp: false };
  const settling = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let asked = 0;
  const log = openerOf(settings, ring)('app', Date.now, {
    settle: async () => await settling[(asked += 1) - 1]?.promise,
    failing: (error) => assert.fail(error),
    recovered: () => undefined,
    heads: () => undefined,
    headsLost: (error) => assert.fail(error),
  });
  log.append('{"event":"first"}');
  const flushed = log.flushed();
  await until('the first is asked for', () => asked === 1);
  log.append('{"event":"second"}');
  settling[0]?.resolve();
  await until('the second is asked for', () => asked === 2);
  assert.match(readFileSync(path, 'utf8'), /first/);
  assert.doesNotMatch(readFileSync(path, 'utf8'), /second/);
  settling[1]?.resolve();
  await flushed;
  await log.flushed();
  assert.match(readFileSync(path, 'utf8'), /second/);
  await log.close();
});

test('no record is written before the keys that it needs are on the disk', async () => {
  const path = join(FOLDER, 'order.jsonl');
  const settings = { ...defaultsOf(auditFileOptions), path, hangUp: false };
  const steps: string[] = [];
  let isFull = true;
  const log = openerOf(settings, ring)('app', Date.now, {
    settle: async () => {
      await Promise.resolve();
      steps.push(readFileSync(path, 'utf8').includes('of a person') ? 'written' : 'settled');
      if (isFull) throw new Error('no room');
    },
    failing: () => void steps.push('failing'),
    recovered: () => void steps.push('recovered'),
    heads: () => undefined,
    headsLost: (error) => assert.fail(error),
  });
  log.append('{"event":"of a person"}');
  await assert.rejects(log.flushed());
  assert.equal(readFileSync(path, 'utf8'), '');
  isFull = false;
  await log.flushed();
  assert.deepEqual(steps, ['settled', 'failing', 'settled', 'recovered']);
  assert.match(readFileSync(path, 'utf8'), /of a person/);
  await log.close();
});

test('once keys are wrapped anew the old secret can be taken away: all opens, and whose it is is found', () => {
  const path = newPath();
  const first = new PersonKeys(path, ring);
  const { log, lines } = logWith(first);
  for (let n = 0; n < 600; n += 1) first.of(`person ${n}`);
  log.write(kindOf('authn_login_fail'), ANN);
  first.close();
  const newer = Buffer.alloc(32, 9);
  const rotated = new PersonKeys(path, new KeyRing([newer, SECRET]));
  assert.deepEqual(rotated.rewrap(), { wrapped: 601, lost: 0 });
  assert.deepEqual(rotated.rewrap(), { wrapped: 0, lost: 0 });
  rotated.close();
  const alone = new PersonKeys(path, new KeyRing([newer]));
  assert.equal(openEvent(parse(lines[0]), alone).account, 'ann@example.com');
  alone.forget(alone.refsOf('Ann@example.com'));
  assert.equal(openEvent(parse(lines[0]), alone).account, '(forgotten)');
  alone.close();
  const old = new PersonKeys(path, ring);
  assert.deepEqual(old.rewrap(), { wrapped: 0, lost: 600 });
  old.close();
});

test('a key is on the disk once it is settled, also one that was made while that took its time', async () => {
  const path = newPath();
  const persons = new PersonKeys(path, ring);
  persons.of('ann');
  const first = persons.settle();
  persons.of('bob');
  await first;
  // Nothing was made since, and nothing is to be done: the file need not be there.
  await persons.settle();
  rmSync(`${path}-wal`);
  await persons.settle();
  persons.of('eve');
  await assert.rejects(persons.settle(), { code: 'ENOENT' });
  persons.close();
});

test('processes that begin at once on a fresh file all have their keys', async () => {
  const path = newPath();
  const [keys, rings] = ['./person-keys.ts', '../../core/key-ring.ts'].map((file) =>
    import.meta.resolve(file),
  );
  const code = `(async () => {
    const { PersonKeys } = await import(${JSON.stringify(keys)});
    const { KeyRing } = await import(${JSON.stringify(rings)});
    new PersonKeys(${JSON.stringify(path)}, new KeyRing([Buffer.alloc(32, 7)])).of('person ' + require('node:worker_threads').threadId);
  })()`;
  const workers = Array.from({ length: 6 }, () => new Worker(code, { eval: true }));
  const codes = await Promise.all(workers.map(async (worker) => (await once(worker, 'exit'))[0] as number));
  assert.deepEqual([...new Set(codes)], [0]);
  const persons = new PersonKeys(path, ring);
  assert.equal(persons.rewrap().lost, 0);
  assert.equal(persons.unused(-1).length, 6);
  persons.close();
});

test('while another program reads the file a forgotten key is not said to be gone, and the next run cuts it out', () => {
  const path = newPath();
  const persons = new PersonKeys(path, ring);
  const { ref } = persons.of('ann');
  const reader = new DatabaseSync(path);
  const wrapped = String(reader.prepare('SELECT key FROM person WHERE ref = ?').get(ref)?.['key']);
  const left = (): boolean => ['', '-wal'].some((end) => readFileSync(path + end).includes(wrapped));
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM person').get();
  assert.throws(() => persons.forget([ref]), /their bytes not yet: another program reads/);
  assert.deepEqual([persons.untold(), left()], [[ref], true]);
  reader.exec('ROLLBACK');
  reader.close();
  persons.forget([]);
  assert.equal(left(), false);
  persons.close();
});

test('a process that writes keys costs nobody whose key is there their name, and a long forgetting lets others write', () => {
  const path = newPath();
  let now = 1_767_225_600_000;
  const persons = new PersonKeys(path, ring, () => now);
  const { ref } = persons.of('ann');
  now += DAY_MS;
  const other = new DatabaseSync(path);
  other.exec('BEGIN IMMEDIATE');
  assert.equal(persons.of('ann').ref, ref);
  other.exec('ROLLBACK');
  const add = other.prepare('INSERT INTO person VALUES (?, ?, ?, 1)');
  const refs = Array.from({ length: 450 }, (_, n) => `r${n}`);
  for (const one of refs) add.run(one, one, 'x');
  const generation = (): number =>
    Number(other.prepare('SELECT generation FROM state').get()?.['generation']);
  const before = generation();
  persons.forget(refs);
  assert.deepEqual([generation() - before, persons.present(refs)], [3, []]);
  other.close();
  persons.close();
});

test('ids that differ in case, or behind a long beginning, are two persons, and a typed address is one in any case', () => {
  const persons = new PersonKeys(newPath(), ring);
  const ref = (account: string): string => persons.of(account).ref;
  assert.notEqual(ref('aB1'), ref('Ab1'));
  assert.notEqual(ref(`${'q'.repeat(300)}1`), ref(`${'q'.repeat(300)}2`));
  assert.equal(ref(`${'q'.repeat(400)}@example.com`), ref(`${'Q'.repeat(400)}@example.com`));
  assert.equal(ref('Ann@Example.com'), ref('ann@example.com'));
  persons.forget(persons.refsOf('aB1'));
  assert.equal(persons.refsOf('Ab1').length, 1);
  persons.close();
});
