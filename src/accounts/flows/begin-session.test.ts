import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccounts, PASSWORD, type Person } from '../../../test/support/accounts.ts';
import { STAY_COOKIE } from '../../identity/mfa/browser-cookie.ts';
import type { AccountStore } from '../../stores/ports/accounts.ts';

const EMAIL = 'ann@example.com';
const DAY = 24 * 3_600_000;

/** What fails once the session is there, and for how long it does. */
const FAILURES: Readonly<Record<string, (site: FakeAccounts) => () => void>> = {
  'what keeps somebody signed in cannot be stored': ({ state }) =>
    broken(accountsOf(state.accounts).stays, 'put'),
  'the account cannot be looked at': ({ state }) => onceBegun(state, [[accountsOf(state.accounts), 'find']]),
  'the account cannot be looked at, and the session not be ended': ({ state }) =>
    onceBegun(state, [
      [accountsOf(state.accounts), 'find'],
      [state.sessions, 'revoke'],
    ]),
  'nothing of what was begun can be ended': ({ state }) =>
    onceBegun(state, [
      [accountsOf(state.accounts), 'find'],
      [accountsOf(state.accounts).stays, 'remove'],
      [state.sessions, 'revoke'],
    ]),
};

for (const [what, fail] of Object.entries(FAILURES)) {
  test(`nobody is signed in where ${what}`, async () => {
    const site = new FakeAccounts({ staySignedIn: '30d' });
    await site.member(EMAIL);
    await site.accounts.settled();
    site.mails.length = 0;
    const before = site.events.length;
    const stranger = site.person('192.0.2.66');
    const mend = fail(site);
    await assert.rejects(signInToStay(site, stranger), /down/);
    mend();
    assert.equal(await stranger.who(), undefined);
    assert.equal(stranger.sessionId, undefined);
    assert.equal(stranger.cookie(STAY_COOKIE), undefined);
    await site.accounts.settled();
    assert.deepEqual(site.mails, [], 'there is no sign-in to tell of');
    const names = site.events.slice(before).map(({ event }) => event);
    assert.ok(!names.includes('authn_login_success'));
    assert.ok(names.includes('authn_login_fail'));
  });
}

test('a reset is not undone by a store that fails behind it: the old password opens nothing', async () => {
  const site = new FakeAccounts({ staySignedIn: '30d' });
  const { person: ann } = await site.member(EMAIL);
  await ann.visit((visit) => site.accounts.reset.ask(visit, EMAIL));
  const token = await site.mailedToken('reset');
  const { sessions } = site.state;
  const create = sessions.create.bind(sessions);
  // Before the session of the old password is stored, so that it is none of those that are ended.
  sessions.create = async (record) => {
    sessions.create = create;
    const next = 'five other quiet words here';
    assert.ok((await ann.visit((visit) => site.accounts.reset.finish(visit, token, next))).ok);
    await create(record);
  };
  const mend = broken(accountsOf(site.state.accounts).stays, 'put');
  const stranger = site.person('192.0.2.66');
  await assert.rejects(signInToStay(site, stranger), /down/);
  mend();
  assert.equal(await stranger.who(), undefined);
});

test('who comes back while the store fails is not signed in, and their old cookie opens nothing from then on', async () => {
  const site = new FakeAccounts({ staySignedIn: '30d' });
  const { person: ann } = await site.member(EMAIL);
  await signInToStay(site, ann);
  site.now += DAY;
  ann.closeBrowser();
  const mend = broken(accountsOf(site.state.accounts).stays, 'rotate');
  await assert.rejects(
    ann.visit((visit) => site.accounts.signIn.resume(visit)),
    /down/,
  );
  mend();
  assert.equal(await ann.who(), undefined);
  assert.equal(await ann.visit((visit) => site.accounts.signIn.resume(visit)), undefined);
});

test('a sign-in that holds is in the log, whatever fails behind it', async () => {
  const site = new FakeAccounts();
  const { account } = await site.member(EMAIL);
  const ann = site.person('192.0.2.10');
  const before = site.events.length;
  const mend = broken(accountsOf(site.state.accounts).knownBrowsers, 'put');
  await ann.signIn(EMAIL).catch(() => undefined);
  mend();
  assert.equal(await ann.who(), account.id);
  assert.ok(site.events.slice(before).some(({ event }) => event === 'authn_login_success'));
});

function accountsOf(accounts: AccountStore | undefined): AccountStore {
  assert.ok(accounts !== undefined);
  return accounts;
}

/** Has a method fail until it is mended. */
function broken<T extends object>(store: T, method: keyof T & string): () => void {
  const own = Reflect.get(store, method) as unknown;
  const isOwn = Object.hasOwn(store, method);
  const fail = (): never => {
    throw new Error('down');
  };
  Reflect.set(store, method, fail);
  return () => {
    if (isOwn) Reflect.set(store, method, own);
    else Reflect.deleteProperty(store, method);
  };
}

/** Has methods fail as soon as a session was stored. */
function onceBegun(
  { sessions }: FakeAccounts['state'],
  methods: readonly (readonly [object, string])[],
): () => void {
  const create = sessions.create.bind(sessions);
  let mends: readonly (() => void)[] = [];
  sessions.create = async (record) => {
    await create(record);
    mends = methods.map(([store, method]) => broken(store, method as never));
  };
  return () => {
    sessions.create = create;
    for (const mend of mends) mend();
  };
}

async function signInToStay(site: FakeAccounts, person: Person): Promise<unknown> {
  const typed = { email: EMAIL, password: PASSWORD, stay: true };
  return await person.visit((visit) => site.accounts.signIn.withPassword(visit, typed));
}
