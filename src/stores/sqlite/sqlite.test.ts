import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { BulwarkError, StoreDownError } from '../../core/errors.ts';
import {
  accountStoreConformance,
  factorStoreConformance,
  fileStoreConformance,
  reportStoreConformance,
  storeConformance,
} from '../../testing/conformance.ts';
import { IDLE_MS, NOW, sketchSession } from '../../testing/conformance/support.ts';
import { SQLITE_STEPS } from '../sql/migrations.ts';
import { change, openDatabase } from './open.ts';
import { sqlite } from './state.ts';

const directories: string[] = [];
const newDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'bulwark-sqlite-'));
  directories.push(directory);
  return directory;
};
after(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

const FIVE = { count: 5, windowMs: 60_000 };
const isStoreError = (error: unknown): boolean =>
  error instanceof BulwarkError && error.code === 'ERR_BULWARK_STORE';

storeConformance('sqlite', () => sqlite(newDirectory()));
factorStoreConformance('sqlite', () => sqlite(newDirectory()));
accountStoreConformance('sqlite', () => sqlite(newDirectory()));
fileStoreConformance('sqlite', () => sqlite(newDirectory()));
reportStoreConformance('sqlite', () => sqlite(newDirectory()));

test('says that every process of the machine sees it', () => {
  const state = sqlite(newDirectory());
  assert.equal(state.reach, 'machine');
  void state.close();
});

test('makes its directory and files for their owner only', { skip: process.platform === 'win32' }, () => {
  const directory = join(newDirectory(), 'deep', 'data');
  const state = sqlite(directory);
  void state.sessions.create(sketchSession('a'));
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  for (const name of ['bulwark.db', 'bulwark.db-wal', 'bulwark.db-shm']) {
    assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600, name);
  }
  void state.close();
});

test('a folder that it makes is kept out of repositories; one that is there stays as it is', () => {
  const made = join(newDirectory(), 'data');
  void sqlite(made).close();
  assert.equal(readFileSync(join(made, '.gitignore'), 'utf8'), '*\n');
  const there = newDirectory();
  void sqlite(there).close();
  assert.ok(!existsSync(join(there, '.gitignore')));
});

test('what a reader let the log grow to is given back once it is gone', () => {
  const db = openDatabase(join(newDirectory(), 'one.db'), []);
  assert.deepEqual({ ...db.prepare('PRAGMA journal_size_limit').get() }, { journal_size_limit: 16_777_216 });
  db.close();
});

test('while another process holds the file, writes are to come back, and only the first one is waited for', () => {
  const file = join(newDirectory(), 'one.db');
  const db = openDatabase(file, ['CREATE TABLE notes (id TEXT)']);
  const insert = db.prepare("INSERT INTO notes VALUES ('a')");
  const waits = (): unknown => db.prepare('PRAGMA busy_timeout').get()?.['timeout'];
  assert.equal(waits(), 2000);
  const other = new DatabaseSync(file);
  other.exec('BEGIN IMMEDIATE');
  assert.throws(() => change(insert), StoreDownError);
  assert.equal(waits(), 50);
  assert.throws(() => change(insert), StoreDownError);
  assert.equal(waits(), 50);
  other.exec('COMMIT');
  assert.equal(change(insert), 1);
  assert.equal(waits(), 2000);
  other.close();
  db.close();
});

test('while another process holds the file, who is signed in is still let in, by the time that was noted before', async () => {
  const directory = newDirectory();
  const state = sqlite(directory);
  await state.sessions.create(sketchSession('a'));
  const before = await state.sessions.find('a', NOW);
  const other = new DatabaseSync(join(directory, 'bulwark.db'));
  other.exec('BEGIN IMMEDIATE');
  assert.deepEqual(await state.sessions.use('a', NOW + 2000, 1000), before);
  other.exec('COMMIT');
  assert.deepEqual(await state.sessions.use('a', NOW + 2000, 1000), { ...before, seenAt: NOW + 2000 });
  other.close();
  await state.close();
});

test('takes the rights of others from a file that had them', { skip: process.platform === 'win32' }, () => {
  const directory = newDirectory();
  const file = join(directory, 'bulwark.db');
  void sqlite(directory).close();
  chmodSync(file, 0o644);
  void sqlite(directory).close();
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('keeps what was stored over a restart', async () => {
  const directory = newDirectory();
  const before = sqlite(directory);
  await before.sessions.create(sketchSession('a', { data: '{"kept":true}' }));
  await before.sessions.putOnceToken('a', 't', NOW + 1000, NOW);
  await before.counters.take('k', FIVE, NOW);
  await before.close();
  const after = sqlite(directory);
  assert.equal((await after.sessions.find('a', NOW))?.data, '{"kept":true}');
  assert.ok(await after.sessions.takeToken('a', 't', NOW));
  assert.equal((await after.counters.take('k', FIVE, NOW)).remaining, 3);
  await after.close();
});

test('two connections on one file see the same sessions and count together', async () => {
  const directory = newDirectory();
  const one = sqlite(directory);
  const two = sqlite(directory);
  await one.sessions.create(sketchSession('a'));
  assert.deepEqual(await two.sessions.find('a', NOW), sketchSession('a'));
  const won = [
    await one.sessions.update('a', 1, { data: '{"by":1}' }, NOW),
    await two.sessions.update('a', 1, { data: '{"by":2}' }, NOW),
  ];
  assert.deepEqual(won, [true, false]);
  assert.ok(await two.sessions.revoke('a'));
  assert.equal(await one.sessions.find('a', NOW), undefined);
  assert.equal(await one.sessions.use('a', NOW, 0), undefined);
  const answers: boolean[] = [];
  for (const { counters } of [one, two, one, two, one, two, one]) {
    answers.push((await counters.take('k', FIVE, NOW)).allowed);
  }
  assert.equal(answers.filter(Boolean).length, 5);
  await one.close();
  await two.close();
});

test('refuses a file that a newer release wrote, and leaves it alone', () => {
  const directory = newDirectory();
  const db = new DatabaseSync(join(directory, 'bulwark.db'));
  db.exec('PRAGMA user_version = 999');
  db.close();
  assert.throws(
    () => sqlite(directory),
    (error) => isStoreError(error) && /version 999.*Start the release/.test(String(error)),
  );
  const again = new DatabaseSync(join(directory, 'bulwark.db'));
  assert.equal(again.prepare('PRAGMA user_version').get()?.user_version, 999);
  again.close();
});

test('refuses a file that is no database', () => {
  const directory = newDirectory();
  writeFileSync(join(directory, 'bulwark.db'), 'not a database'.repeat(1000));
  assert.throws(() => sqlite(directory), isStoreError);
});

test('refuses a directory it cannot make', () => {
  const directory = newDirectory();
  writeFileSync(join(directory, 'file'), '');
  assert.throws(() => sqlite(join(directory, 'file', 'data')), isStoreError);
});

test('fails with its code once it is closed, and closes twice', async () => {
  const state = sqlite(newDirectory());
  await state.close();
  await state.close();
  assert.throws(() => state.sessions.find('a', NOW), isStoreError);
  assert.throws(() => state.counters.take('k', FIVE, NOW), isStoreError);
  assert.throws(() => state.sessions.list('a', NOW), isStoreError);
  assert.throws(() => state.sessions.replace('a', sketchSession('b'), NOW), isStoreError);
});

test('a migration that fails leaves the database as it was', () => {
  const file = join(newDirectory(), 'app.db');
  openDatabase(file, ['CREATE TABLE a (x TEXT) STRICT']).close();
  const broken = ['CREATE TABLE a (x TEXT) STRICT', 'CREATE TABLE b (x TEXT) STRICT; CREATE TABLE a (x)'];
  assert.throws(() => openDatabase(file, broken), isStoreError);
  const db = openDatabase(file, ['CREATE TABLE a (x TEXT) STRICT']);
  assert.equal(db.prepare("SELECT count(*) AS n FROM sqlite_master WHERE name = 'b'").get()?.n, 0);
  db.close();
});

test('an application opens a database of its own with the same care, and gets its new steps only', () => {
  const file = join(newDirectory(), 'own', 'app.db');
  const first = openDatabase(file, ['CREATE TABLE notes (text TEXT NOT NULL) STRICT']);
  first.prepare('INSERT INTO notes VALUES (?)').run('kept');
  first.close();
  const second = openDatabase(file, [
    'CREATE TABLE notes (text TEXT NOT NULL) STRICT',
    "ALTER TABLE notes ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'",
  ]);
  assert.deepEqual({ ...second.prepare('SELECT * FROM notes').get() }, { text: 'kept', colour: 'blue' });
  assert.equal(second.prepare('PRAGMA journal_mode').get()?.journal_mode, 'wal');
  assert.equal(second.prepare('PRAGMA foreign_keys').get()?.foreign_keys, 1);
  second.close();
});

test('brings a file of the release before up to date, with everyone signed in still', async () => {
  const directory = newDirectory();
  const file = join(directory, 'bulwark.db');
  const before = openDatabase(file, SQLITE_STEPS.slice(0, 1));
  before.exec(
    `INSERT INTO sessions VALUES ('a', 'ann', '[]', ${NOW}, ${NOW}, NULL, ${NOW}, ${NOW + IDLE_MS}, ${IDLE_MS}, 1,
       '192.0.2.1', 'a browser', '{}')`,
  );
  before.close();
  const state = sqlite(directory);
  assert.equal((await state.sessions.find('a', NOW))?.account, 'ann');
  assert.equal(await state.factors?.recoveryCodes.count('ann'), 0);
  await state.close();
});

/** How SQLite goes about a query. */
const planOf =
  (db: DatabaseSync) =>
  (sql: string): string =>
    db
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map((row) => String(row.detail))
      .join('; ');

test('a page of files is found by an index, in its order: a million cost what a thousand do', () => {
  const db = openDatabase(join(newDirectory(), 'plan.db'), SQLITE_STEPS);
  const plan = planOf(db);
  const seen = "state IN ('quarantine', 'ready', 'refused')";
  const newest = 'ORDER BY created_at DESC, id DESC LIMIT 50';
  for (const where of ["owner = 'a'", "owner = 'a' AND (created_at, id) < (5, 'x')"]) {
    const steps = plan(`SELECT * FROM files WHERE ${where} AND ${seen} ${newest}`);
    assert.match(steps, /^SEARCH files USING INDEX files_by_owner/);
    assert.doesNotMatch(steps, /TEMP B-TREE/);
  }
  assert.match(
    plan('SELECT * FROM files WHERE held_until <= 5 OR expires_at <= 5'),
    /files_by_hold.*files_by_end/,
  );
  db.close();
});

test('acts that wait are found and listed by an index: those of another act are not walked through', () => {
  const db = openDatabase(join(newDirectory(), 'plan.db'), SQLITE_STEPS);
  const plan = planOf(db);
  for (const [sql, index] of [
    [
      "WHERE act = 'a' AND id > coalesce(NULL, '') AND expires_at > 5 ORDER BY id LIMIT 9",
      /act_requests_by_act \(act=\? AND id>\?\)$/,
    ],
    ["WHERE account = 'a' AND act = 'b' AND expires_at > 5", /\(account=\? AND act=\?\)$/],
    ["WHERE act = 'a' AND id = 'b' AND expires_at > 5", /\(id=\?\)$/],
    ['WHERE expires_at <= 5 LIMIT 9', /act_requests_by_end/],
  ] as const)
    assert.match(plan(`SELECT * FROM act_requests ${sql}`), index);
  db.close();
});

test('looks sessions up and sweeps by an index, however many there are', () => {
  const db = openDatabase(join(newDirectory(), 'plan.db'), SQLITE_STEPS);
  const plan = planOf(db);
  assert.match(
    plan("SELECT * FROM sessions WHERE id_hash = 'a' AND ends_at > 5"),
    /^SEARCH sessions USING INDEX/,
  );
  assert.match(
    plan("SELECT * FROM sessions WHERE account = 'a' AND ends_at > 5"),
    /SEARCH .*sessions_by_account/,
  );
  assert.match(
    plan('SELECT id_hash FROM sessions WHERE ends_at <= 5 LIMIT 1000'),
    /SEARCH .*sessions_by_end/,
  );
  assert.match(plan('SELECT key FROM counters WHERE tat <= 5 LIMIT 1000'), /SEARCH .*counters_by_end/);
  assert.match(plan("SELECT * FROM passkeys WHERE account = 'a'"), /SEARCH .*passkeys_by_account/);
  assert.match(
    plan("SELECT * FROM devices WHERE account = 'a' AND expires_at > 5"),
    /SEARCH .*devices_by_account/,
  );
  assert.match(
    plan('SELECT account FROM totp WHERE pending_expires_at <= 5 AND id IS NULL LIMIT 1000'),
    /SEARCH .*totp_by_end/,
  );
  const indexes: Readonly<Record<string, string>> = {
    "SELECT * FROM accounts WHERE email_key = 'a'": 'accounts USING INDEX',
    "SELECT * FROM mail_tokens WHERE hash = 'a' AND expires_at > 5": 'mail_tokens USING INDEX',
    "SELECT * FROM mail_tokens WHERE subject = 'a'": 'mail_tokens_by_subject',
    'SELECT seq FROM mail_tokens WHERE expires_at <= 5 LIMIT 1000': 'mail_tokens_by_end',
    'SELECT key FROM guesses WHERE expires_at <= 5 LIMIT 1000': 'guesses_by_end',
    "SELECT * FROM known_devices WHERE account = 'a'": 'known_devices USING PRIMARY KEY',
    "SELECT * FROM activity WHERE account = 'a' ORDER BY at DESC, seq DESC LIMIT 5": 'activity_by_account',
    "SELECT * FROM identities WHERE account = 'a'": 'identities_by_account',
    "SELECT * FROM api_tokens WHERE hash = 'a' AND expires_at > 5": 'api_tokens USING INDEX',
    "SELECT * FROM api_tokens WHERE account = 'a'": 'api_tokens_by_account',
    'SELECT seq FROM api_tokens WHERE expires_at <= 5 LIMIT 1000': 'api_tokens_by_end',
  };
  for (const [sql, index] of Object.entries(indexes)) {
    assert.match(plan(sql), new RegExp(`^SEARCH .*${index}`), sql);
    assert.doesNotMatch(plan(sql), /TEMP B-TREE/, sql);
  }
  db.close();
});

test('sweeping and revoking leave no row of a session behind', async () => {
  const directory = newDirectory();
  const state = sqlite(directory);
  for (const name of ['a', 'b']) {
    await state.sessions.create(sketchSession(name));
    await state.sessions.putOnceToken(name, 't', NOW + IDLE_MS * 9, NOW);
  }
  await state.sessions.revoke('a');
  await state.sessions.sweep(NOW + IDLE_MS);
  await state.close();
  const db = new DatabaseSync(join(directory, 'bulwark.db'));
  for (const table of ['sessions', 'tokens']) {
    assert.equal(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n, 0, table);
  }
  db.close();
  assert.ok(readFileSync(join(directory, 'bulwark.db')).byteLength > 0);
});
