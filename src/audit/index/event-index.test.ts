import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Chain } from '../chain/chain.ts';
import { signerOfRing } from '../chain/signing-key.ts';
import { KeyRing } from '../../core/key-ring.ts';
import { EventIndex } from './event-index.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-index-'));
const LOG = join(FOLDER, 'audit.jsonl');
const START = Date.parse('2026-01-01T00:00:00Z');
after(() => rmSync(FOLDER, { recursive: true, force: true }));

function lines(chain: Chain, from: number, to: number): string {
  let text = '';
  for (let n = from; n < to; n += 1)
    text += `${chain.link(
      JSON.stringify({
        // Ten in each millisecond: a page must not lose those that share one.
        time: new Date(START + Math.floor(n / 10)).toISOString(),
        level: n % 100 === 0 ? 'critical' : 'warn',
        event: n % 2 === 0 ? 'authz_fail' : 'authn_login_fail',
        outcome: 'failure',
        service: 'app',
        client: `192.0.2.${n % 7}`,
        account: n % 3 === 0 ? 'ann' : 'bob',
        details: { n },
      }),
    )}\n`;
  return text;
}

const chain = new Chain(signerOfRing(new KeyRing([Buffer.alloc(32, 7)])), 'app', () => START);
const index = new EventIndex(join(FOLDER, 'audit.db'));
after(() => index.close());

before(async () => {
  writeFileSync(LOG, `${chain.open({ reason: 'start' })}\n${lines(chain, 0, 5000)}`);
  assert.deepEqual(await index.add([LOG]), { added: 5001, known: 0, others: 0 });
});

/** The numbers of all events of a query, page by page. */
function all(query: Parameters<EventIndex['page']>[0], size: number): number[] {
  const found: number[] = [];
  let next: string | undefined;
  do {
    const page = index.page(query, size, next);
    for (const { event } of page.events)
      if (typeof event.details?.['n'] === 'number') found.push(event.details['n']);
    next = page.next;
  } while (next !== undefined);
  return found;
}

test('pages have every event once, newest first, also where many share a moment', () => {
  const found = all({}, 37);
  assert.equal(found.length, 5000);
  assert.equal(new Set(found).size, 5000);
  assert.deepEqual(found.slice(0, 3), [4999, 4998, 4997]);
});

test('finds by what is asked for', () => {
  assert.equal(all({ account: 'ann' }, 100).length, 1667);
  assert.equal(all({ event: 'authn_*', client: '192.0.2.3' }, 100).length, 357);
  assert.equal(all({ level: 'critical' }, 100).length, 50);
  assert.equal(
    all({ since: '2026-01-01T00:00:00.100Z', until: '2026-01-01T00:00:00.200Z' }, 100).length,
    1000,
  );
  assert.deepEqual(all({ text: '"N":4321}' }, 10), [4321]);
  assert.deepEqual(index.page({ account: "ann' OR 1=1 --" }, 10).events, []);
});

test('reads on, and takes nothing twice: not after a rotation, and not packed', async () => {
  renameSync(LOG, `${LOG}.1`);
  writeFileSync(`${LOG}.1.gz`, gzipSync(readFileSync(`${LOG}.1`)));
  writeFileSync(LOG, lines(chain, 5000, 5100));
  const run = await index.add([LOG, `${LOG}.1.gz`, `${LOG}.1`]);
  assert.deepEqual([run.added, run.known], [100, 10_002]);
  assert.equal(all({}, 1000).length, 5100);
});

test('each search goes by an index, and sorts nothing', () => {
  for (const query of [
    {},
    { account: 'ann' },
    { client: '192.0.2.1' },
    { event: 'authz_fail' },
    { level: 'critical' },
  ]) {
    const plan = index.explain(query).join('; ');
    assert.match(plan, /USING (?:COVERING )?INDEX/, plan);
    assert.doesNotMatch(plan, /TEMP B-TREE/, plan);
  }
});

test('forgets what is older', () => {
  assert.equal(index.forget(START + 400), 4001);
  assert.equal(all({}, 1000).length, 1100);
});

test('an archive is found that is added after the file of today, once, also by the next process', async () => {
  const other = new Chain(signerOfRing(new KeyRing([Buffer.alloc(32, 7)])), 'app', () => START);
  const [old, middle, today] = ['old', 'middle', 'today'].map((name) => join(FOLDER, `${name}.jsonl`));
  if (old === undefined || middle === undefined || today === undefined) assert.fail();
  writeFileSync(old, lines(other, 0, 10));
  writeFileSync(middle, lines(other, 10, 20));
  writeFileSync(today, lines(other, 20, 30));
  const path = join(FOLDER, 'late.db');
  const added: number[] = [];
  for (const files of [[today], [old], [old, today], [middle], [today, old, middle]]) {
    const late = new EventIndex(path);
    const run = await late.add(files);
    added.push(run.added);
    late.close();
  }
  assert.deepEqual(added, [10, 10, 0, 10, 0]);
  const database = new DatabaseSync(path);
  assert.equal(database.prepare('SELECT first, last FROM known').all().length, 1);
  // As an earlier version left it: the greatest number alone.
  database.exec('DROP TABLE known; CREATE TABLE chain (chain TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT');
  database.prepare('INSERT INTO chain VALUES (?, 30)').run(other.id);
  database.close();
  const again = new EventIndex(path);
  assert.deepEqual(await again.add([today, old]), { added: 0, known: 20, others: 0 });
  again.close();
});
