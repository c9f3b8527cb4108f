import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import {
  eventSearchSuite,
  newChain,
  numbersOf,
  records,
  START,
} from '../../../test/support/event-search-suite.ts';
import { EventIndex } from './event-index.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-index-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));

eventSearchSuite((name) => Promise.resolve(new EventIndex(join(FOLDER, `${name}.db`))));

test('each search goes by an index, and sorts nothing', () => {
  const index = new EventIndex(':memory:');
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
  index.close();
});

test('a file that it makes is for its owner alone, and so is what SQLite puts beside it', () => {
  const folder = mkdtempSync(join(FOLDER, 'own-'));
  const index = new EventIndex(join(folder, 'index.db'));
  index.take([JSON.stringify({ time: '2026-01-01T00:00:00Z', level: 'info', event: 'sys_startup' })]);
  const files = readdirSync(folder);
  assert.ok(files.length > 1, files.join());
  for (const file of files) assert.equal(statSync(join(folder, file)).mode & 0o077, 0, file);
  index.close();
});

test('forgets what is older', async () => {
  const index = new EventIndex(':memory:');
  const file = join(FOLDER, 'older.jsonl');
  writeFileSync(file, records(newChain(), 0, 5000));
  await index.add([file]);
  assert.equal(index.forget(START + 400), 4000);
  assert.equal((await numbersOf(index, {}, 1000)).length, 1000);
  index.close();
});

test('an index of an earlier version, which knew the greatest number of each chain alone, keeps what it has', async () => {
  const chain = newChain();
  const file = join(FOLDER, 'earlier.jsonl');
  writeFileSync(file, records(chain, 0, 30));
  const path = join(FOLDER, 'earlier.db');
  const first = new EventIndex(path);
  await first.add([file]);
  first.close();
  const database = new DatabaseSync(path);
  assert.equal(database.prepare('SELECT first, last FROM known').all().length, 1);
  database.exec('DROP TABLE known; CREATE TABLE chain (chain TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT');
  database.prepare('INSERT INTO chain VALUES (?, 30)').run(chain.id);
  database.close();
  const again = new EventIndex(path);
  assert.deepEqual(await again.add([file]), { added: 0, known: 30, others: 0 });
  again.close();
});
