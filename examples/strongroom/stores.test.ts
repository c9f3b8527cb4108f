import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Account, AccountsStore } from './accounts-store.ts';
import { openRecords } from './database.ts';
import { MAX_NOTES, NotesStore } from './notes-store.ts';
import { temporaryDirectory } from './testing/running.ts';
import { type EmailAddress, parseEmail } from './validation.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

function address(text: string): EmailAddress {
  const email = parseEmail(text);
  assert.ok(email.ok);
  return email.value;
}

const folders = temporaryDirectory();
let made = 0;
after(() => folders.remove());

function freshStores(): { accounts: AccountsStore; notes: NotesStore; anna: Account; bob: Account } {
  made += 1;
  const database = openRecords(join(folders.path, `${made}`));
  const accounts = new AccountsStore(database);
  const anna = accounts.create(address('anna@example.com'), 'hash-a', 'client', NOW);
  const bob = accounts.create(address('bob@example.com'), 'hash-b', 'operator', NOW);
  assert.ok(anna !== undefined && bob !== undefined);
  return { accounts, notes: new NotesStore(database), anna, bob };
}

test('finds an account by any spelling of its address, and by its id', () => {
  const { accounts, anna } = freshStores();
  assert.deepEqual(accounts.find(anna.id), {
    id: anna.id,
    email: 'anna@example.com',
    roles: ['client'],
    createdAt: NOW,
  });
  assert.equal(accounts.findByEmail(address('ANNA@Example.com'))?.passwordHash, 'hash-a');
  assert.equal(accounts.findByEmail(address('nobody@example.com')), undefined);
  assert.equal(accounts.find('nobody'), undefined);
});

test('hands out the password hash nowhere but where it is verified', () => {
  const { accounts, anna } = freshStores();
  assert.ok(!('passwordHash' in (accounts.find(anna.id) ?? {})));
});

test('makes one account of an address, and leaves the first as it is', () => {
  const { accounts } = freshStores();
  assert.equal(accounts.create(address('Anna@example.COM'), 'hash-of-a-thief', 'operator', NOW), undefined);
  const kept = accounts.findByEmail(address('anna@example.com'));
  assert.equal(kept?.passwordHash, 'hash-a');
  assert.deepEqual(kept?.roles, ['client']);
});

test('replaces only the hash that was verified', () => {
  const { accounts, anna } = freshStores();
  assert.ok(!accounts.replacePasswordHash(anna.id, 'an older one', 'stronger'));
  assert.equal(accounts.findByEmail(address(anna.email))?.passwordHash, 'hash-a');
  assert.ok(accounts.replacePasswordHash(anna.id, 'hash-a', 'stronger'));
  assert.equal(accounts.findByEmail(address(anna.email))?.passwordHash, 'stronger');
});

test('lists notes newest first', () => {
  const { notes, anna } = freshStores();
  for (const [index, text] of ['one', 'two', 'three'].entries()) notes.create(anna.id, text, NOW + index);
  // In one millisecond the order of writing decides.
  notes.create(anna.id, 'four', NOW + 2);
  assert.deepEqual(
    notes.list(anna.id).map((note) => note.text),
    ['four', 'three', 'two', 'one'],
  );
});

test("v5.0.0-8.2.2 shows and deletes nobody else's notes, even by their id", () => {
  const { notes, anna, bob } = freshStores();
  const note = notes.create(anna.id, 'for my eyes', NOW);
  assert.ok(note !== undefined);
  assert.deepEqual(notes.list(bob.id), []);
  assert.ok(!notes.delete(bob.id, note.id));
  assert.equal(notes.list(anna.id).length, 1);
  assert.ok(notes.delete(anna.id, note.id));
  assert.ok(!notes.delete(anna.id, note.id));
});

test('keeps any text as it is, markup and quotes and SQL included', () => {
  const { notes, anna } = freshStores();
  const text = `'; DROP TABLE notes; -- <script>alert(1)</script> "\u00e9\u{1f510}\n`;
  notes.create(anna.id, text, NOW);
  assert.equal(notes.list(anna.id)[0]?.text, text);
});

test('ends at a number of notes that no account can pass, and others still have theirs', () => {
  const { notes, anna, bob } = freshStores();
  for (let index = 0; index < MAX_NOTES; index += 1) assert.ok(notes.create(anna.id, 'x', NOW) !== undefined);
  assert.equal(notes.create(anna.id, 'one more', NOW), undefined);
  assert.ok(notes.create(bob.id, 'mine', NOW) !== undefined);
});

test('keeps no note without an owner', () => {
  const { notes } = freshStores();
  assert.throws(() => notes.create('nobody', 'x', NOW), /FOREIGN KEY/);
});

test('finds everything again after a restart, in a file that only its user may read', (t) => {
  const directory = join(mkdtempSync(join(tmpdir(), 'strongroom-')), 'made', 'here');
  t.after(() => rmSync(join(directory, '..', '..'), { recursive: true }));
  const first = openRecords(directory);
  const anna = new AccountsStore(first).create(address('anna@example.com'), 'hash', 'client', NOW);
  assert.ok(anna !== undefined);
  new NotesStore(first).create(anna.id, 'still here', NOW);
  first.close();

  const second = openRecords(directory);
  assert.equal(new AccountsStore(second).find(anna.id)?.email, 'anna@example.com');
  assert.equal(new NotesStore(second).list(anna.id)[0]?.text, 'still here');
  second.close();
  if (process.platform !== 'win32') {
    assert.equal(statSync(directory).mode & 0o777, 0o700);
    assert.equal(statSync(join(directory, 'strongroom.db')).mode & 0o777, 0o600);
  }
});

test('two programs write to one file side by side', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'strongroom-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const [server, cli] = [openRecords(directory), openRecords(directory)];
  const accounts = new AccountsStore(server);
  new AccountsStore(cli).create(address('anna@example.com'), 'hash', 'client', NOW);
  assert.ok(accounts.findByEmail(address('anna@example.com')) !== undefined);
  assert.equal(accounts.create(address('anna@example.com'), 'other', 'client', NOW), undefined);
  cli.close();
  server.close();
});
