import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FakeAccounts } from '../../../test/support/accounts.ts';
import { HASH, importText } from '../../../test/support/import-text.ts';
import { memory } from '../../stores/memory/state.ts';
import type { AccountRecord, AccountStore } from '../../stores/ports/accounts.ts';
import type { ImportParts } from './import-accounts.ts';

/** What is told of the only row of a table. */
async function problemOf(header: string, row: string, parts: Partial<ImportParts> = {}): Promise<string> {
  const { told } = await importText(`${header}\n${row}\n`, parts);
  const [one] = told;
  return one === undefined ? 'taken' : `${one.outcome}: ${one.field}: ${one.reason}`;
}

interface Fixture {
  readonly format: string;
  readonly by: string;
  readonly password: string;
  readonly stored: string;
}

function fixtures(): readonly Fixture[] {
  const vectors = (name: string): unknown =>
    JSON.parse(
      readFileSync(new URL(`../../../test/vectors/passwords/${name}.json`, import.meta.url), 'utf8'),
    );
  const hashes = ['debian-12', 'debian-13'].flatMap(
    (name) => (vectors(name) as { readonly hashes: readonly Fixture[] }).hashes,
  );
  const { password, matching } = vectors('aspnet-identity') as {
    readonly password: string;
    readonly matching: readonly (readonly [format: string, stored: string])[];
  };
  const aspnet = matching.map(([format, stored]) => ({ format, by: 'ASP.NET', password, stored }));
  const barred = new Set(['fast-hash', 'sha-crypt', 'no-password', 'unknown', 'argon2id']);
  const readable = [...hashes, ...aspnet].filter(({ format }) => !barred.has(format));
  return [
    ...Map.groupBy(readable, ({ format, by }) => `${format} ${by}`)
      .values()
      .map((all) => all.findLast(({ password: word }) => word.startsWith('correct')) ?? all[0]),
  ].filter((fixture) => fixture !== undefined);
}

test('people of Werkzeug, Django, passlib, bcrypt and ASP.NET sign in with the old password, and their hashes are upgraded', async () => {
  const people = fixtures();
  const formats = new Set(people.map(({ format }) => format));
  for (const format of [
    'werkzeug-scrypt',
    'django-pbkdf2',
    'passlib-pbkdf2',
    'bcrypt',
    'aspnet-identity-v3',
  ]) {
    assert.ok(formats.has(format), format);
  }
  const state = memory();
  const table = people.map(({ stored }, at) => `p${at}@example.com,"${stored}"\n`).join('');
  const { result, told, find } = await importText(`email,password\n${table}`, {}, state);
  assert.deepEqual([result.imported, told], [people.length, []]);
  const site = new FakeAccounts({}, state);
  for (const [at, { password, stored, by }] of people.entries()) {
    const email = `p${at}@example.com`;
    const person = site.person(`192.0.2.${at + 1}`);
    assert.equal(await person.signIn(email, `${password}!`), 'credentials', by);
    assert.equal((await find(email))?.passwordHash, stored, by);
    assert.equal(await person.signIn(email, password), 'signed in', by);
    assert.match((await find(email))?.passwordHash ?? '', /^\$argon2id\$v=19\$/, by);
    assert.equal(await person.signIn(email, password), 'signed in', by);
  }
});

test('takes the columns of Django, and whoever is not active may not sign in, by a reset neither', async () => {
  const state = memory();
  const header =
    'id,password,last_login,is_superuser,username,first_name,last_name,email,is_staff,is_active,date_joined';
  const rows = [
    `1,${HASH},,t,ann,Ann,,ann@example.com,t,t,2020-05-06 07:08:09.123456+02`,
    `2,${HASH},,f,bob,Bob,,bob@example.com,f,f,2020-05-06 07:08:09+00`,
    `3,!abcdef,,f,cy,Cy,,cy@example.com,f,0,2020-05-06`,
  ];
  const { result, find } = await importText(`${header}\n${rows.join('\n')}`, {}, state);
  assert.deepEqual([result.imported, result.refused, result.disabled], [3, 0, 2]);
  const ann = await find('ann@example.com');
  assert.deepEqual(
    [ann?.roles, ann?.createdAt, ann?.disabledAt],
    [[], Date.parse('2020-05-06T05:08:09.123Z'), undefined],
  );
  assert.equal((await find('cy@example.com'))?.passwordHash, undefined);
  const site = new FakeAccounts({}, state);
  const password = 'correct horse battery staple';
  assert.equal(await site.person().signIn('ann@example.com', password), 'signed in');
  assert.equal(await site.person('192.0.2.2').signIn('bob@example.com', password), 'credentials');
  await site.person().visit((visit) => site.accounts.reset.ask(visit, 'bob@example.com'));
  await site.accounts.settled();
  assert.deepEqual(
    site.mails.filter(({ to }) => to !== 'ann@example.com'),
    [],
  );
});

test('of several columns that shut somebody out, each does; a NULL is no answer', async () => {
  const header = 'email,hash,active,banned,deleted_at';
  const isOut = async (marks: string): Promise<boolean | string> => {
    const { find, told } = await importText(`${header}\na@example.com,${HASH},${marks}\n`);
    const record = await find('a@example.com');
    return record === undefined ? `${told[0]?.field}` : record.disabledAt !== undefined;
  };
  assert.equal(await isOut('1,0,'), false);
  for (const marks of ['0,0,', '1,1,', '1,0,2024-01-01 00:00:00', 'f,f,'])
    assert.equal(await isOut(marks), true);
  for (const marks of [',0,', '2,0,', '2024-01-01,0,']) assert.equal(await isOut(marks), 'active', marks);
  for (const marks of ['1,maybe,', '1,3,', '1,0,0000-00-00'])
    assert.equal(await isOut(marks), 'disabled', marks);
});

test('a password of an address that nobody confirmed does not move; its owner may choose one', async () => {
  const header = 'email,password,confirmed_at';
  for (const mark of ['2024-05-06T07:08:09', '1', 'true']) {
    assert.equal(await problemOf(header, `a@example.com,${HASH},${mark}`), 'taken');
  }
  for (const mark of ['', '0', 'false', 'NULL']) {
    assert.match(await problemOf(header, `a@example.com,${HASH},${mark}`), /^refused: confirmed: /);
    const { find } = await importText(`${header}\na@example.com,${HASH},${mark}`, { withoutPassword: true });
    assert.equal((await find('a@example.com'))?.passwordHash, undefined);
  }
  assert.equal(await problemOf(header, `a@example.com,${HASH},`, { named: { confirmed: [''] } }), 'taken');
});

test('refuses a row by its number, field and fix, and tells nothing that it holds', async () => {
  const secret = 'SECRET\u001B[2J=cmd()';
  const bad = [
    `${secret},${HASH},,`,
    `,${HASH},,`,
    `a@example.com,${secret},,`,
    `a@example.com,${HASH},${secret},`,
    `a@example.com,${HASH},,${secret}`,
    `a@example.com,${HASH},,,${secret}`,
    `a@example.com,5f4dcc3b5aa765d61d8327deb882cf99,,`,
    `a@example.com,,,`,
    `a@example.com,SE"CRET,,`,
  ];
  const { told, result } = await importText(`email,password,roles,created_at\n${bad.join('\n')}\n`);
  assert.deepEqual(
    told.map(({ row, field }) => [row, field]),
    [
      [2, 'email'],
      [3, 'email'],
      [4, 'password'],
      [5, 'roles'],
      [6, 'created'],
      [7, undefined],
      [8, 'password'],
      [9, 'password'],
      [10, undefined],
    ],
  );
  assert.deepEqual([result.imported, result.refused], [0, bad.length]);
  assert.doesNotMatch(JSON.stringify(told), /SECRET|example\.com|5f4dcc|u001b/);
  for (const { fix } of told) assert.ok(fix.length > 10);
});

test('one address in two spellings is one: the second row is refused, and so is one that has an account', async () => {
  const state = memory();
  const { result, told, find } = await importText(
    `email,hash\nAnn@Example.com,${HASH}\nann@example.com ,${HASH}\n`,
    {},
    state,
  );
  assert.deepEqual([result.imported, told[0]?.row, told[0]?.field], [1, 3, 'email']);
  const before = await find('ann@example.com');
  assert.equal(before?.email, 'Ann@example.com');
  const again = await importText(
    `email,hash,roles\nann@example.com,${HASH},admin\nbob@example.com,${HASH},a;b`,
    {},
    state,
  );
  assert.deepEqual([again.result.imported, again.told[0]?.row], [1, 2]);
  assert.deepEqual(await find('ann@example.com'), before);
  assert.deepEqual((await find('bob@example.com'))?.roles, ['a', 'b']);
});

test('a dry run tells the same and writes nothing', async () => {
  const text = `email,hash\na@example.com,${HASH}\nA@example.com,${HASH}\nb@example.com,md5\nc@example.com,${HASH}\n`;
  const dry = await importText(text, { dryRun: true });
  assert.deepEqual(await dry.store.after(undefined, 10), []);
  const wet = await importText(text);
  assert.deepEqual([dry.result, dry.told], [wet.result, wet.told]);
});

test('an import that was interrupted is gone on with by importing again', async () => {
  const state = memory();
  const text = `email,hash\n${Array.from({ length: 9 }, (_, at) => `p${at}@example.com,${HASH}\n`).join('')}`;
  const stop = new AbortController();
  const store = state.accounts as AccountStore;
  const failing = {
    findByEmail: store.findByEmail.bind(store),
    create: async (record: AccountRecord) => {
      if (record.emailKey.startsWith('p4')) stop.abort(new Error('interrupted'));
      return await store.create(record);
    },
  };
  const first = await importText(text, { store: failing, signal: stop.signal }, state);
  assert.deepEqual([first.result.imported, first.result.stopped?.row], [5, 7]);
  const second = await importText(text, {}, state);
  assert.deepEqual([second.result.imported, second.result.refused, second.result.stopped], [4, 5, undefined]);
});

test('columns are found by their names or by those that are given, and nothing is guessed', async () => {
  assert.equal(await problemOf('USERNAME,pw_hash', `a@example.com,${HASH}`), 'taken');
  assert.equal(
    await problemOf('login,pw', `a@example.com,${HASH}`, { named: { email: ['Login'], password: ['pw'] } }),
    'taken',
  );
  const bad = [
    ['login,password', {}, /no column is called/],
    ['email,mail,password', {}, /more than one column may be email: email, mail/],
    ['email,password,password', {}, /more than one column may be password/],
    ['email,name', {}, /no column of password hashes/],
    ['email,password', { email: ['mail'] }, /no column has the name/],
    [`secret@example.com,${HASH}`, {}, /this is the data of somebody/],
    ['email;password', {}, /separated by commas/],
  ] as const;
  for (const [header, named, why] of bad) {
    await assert.rejects(importText(`${header}\n`, { named }), (error: Error) => {
      assert.match(error.message, why);
      return !error.message.includes('secret');
    });
  }
  await assert.rejects(importText(''), { code: 'ERR_BULWARK_IMPORT_FILE', message: /empty/ });
});

test('roles of rows that name none, and hashes whose pepper is not here', async () => {
  const { find } = await importText(
    `email,hash,roles\na@example.com,${HASH},\nb@example.com,${HASH},"{x,y}"`,
    {
      roles: ['member'],
    },
  );
  assert.deepEqual((await find('a@example.com'))?.roles, ['member']);
  assert.deepEqual((await find('b@example.com'))?.roles, ['x', 'y']);
  const peppered = `"$argon2id$v=19$m=19456,t=2,p=1,keyid=AAAAAAAAAAA$${'A'.repeat(22)}$${'A'.repeat(43)}"`;
  assert.match(await problemOf('email,hash', `a@example.com,${peppered}`), /refused: password: its pepper/);
  assert.equal(
    await problemOf('email,hash', `a@example.com,${peppered}`, { hasPepper: () => true }),
    'taken',
  );
});
