/** Someone has a dump of the database, and tries every piece of it as every kind of key. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { FakeAccounts, PASSWORD } from '../../test/support/accounts.ts';
import { FakeBrowser, look } from '../../test/support/sessions.ts';
import { sqlite } from '../stores/sqlite/state.ts';

const EMAIL = 'ann@example.com';

test('v5.0.0-6.5.2 a dump of the database opens nothing: no session, link, known browser or password', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'bulwark-accounts-dump-'));
  const state = sqlite(directory);
  t.after(async () => {
    await state.close();
    rmSync(directory, { recursive: true });
  });
  const site = new FakeAccounts({ attempts: '60/minute', mails: '60/hour' }, state);
  const { accounts } = site;
  const { person } = await site.member(EMAIL);
  const given: string[] = [PASSWORD, person.sessionId ?? ''];
  await person.visit(async (visit) => {
    given.push(/__Host-known=([^;]+)/.exec(visit.cookie ?? '')?.[1] ?? '');
    accounts.reset.ask(visit, EMAIL);
    accounts.registration.ask(visit, 'bob@example.com');
    const own = await accounts.current(visit);
    assert.ok(own !== undefined);
    await accounts.changeEmail.ask(visit, own, 'ann@elsewhere.example');
  });
  for (const page of ['reset', 'register', 'account/email'] as const)
    given.push(await site.mailedToken(page));
  await site.person().signIn('someone.who.typed@example.com', 'a wrong one, typed');
  given.push('someone.who.typed', 'a wrong one, typed');
  assert.ok(given.every((secret) => secret.length > 10));

  const stored = [...rowsOf(join(directory, 'bulwark.db'))];
  assert.ok(stored.length > 20);
  const text = stored.join('\n');
  for (const secret of given) assert.ok(!text.includes(secret), 'what was handed out lies in the store');

  for (const value of stored) {
    assert.equal(await accounts.reset.look(value), undefined);
    assert.equal(await accounts.registration.look(value), undefined);
    assert.equal(await accounts.changeEmail.look(value), undefined);
    const thief = new FakeBrowser(site.site, value);
    assert.equal(await look(thief, ({ live }) => live), false, 'a stored value is a session');
  }
  const { passwordHash = '' } = (await state.accounts?.findByEmail(EMAIL)) ?? {};
  assert.ok(stored.length > 20 && passwordHash.startsWith('$argon2id$'));
  assert.equal(await site.person('203.0.113.9').signIn(EMAIL, passwordHash), 'credentials');
  // All of this would go unseen if what was handed out opened nothing either.
  assert.ok(await look(new FakeBrowser(site.site, person.sessionId), ({ live }) => live));
});

/** Every value of every row, and every piece of those that are lists. */
function* rowsOf(file: string): Generator<string> {
  const db = new DatabaseSync(file, { readOnly: true });
  for (const { name } of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()) {
    for (const row of db.prepare(`SELECT * FROM "${String(name)}"`).all()) {
      for (const value of Object.values(row)) yield* String(value).split(/[\s",:{}[\]]+/);
    }
  }
  db.close();
}
