/** Browsers that an account knows: by an id of its own, and by none that somebody brought along. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccounts } from '../../../test/support/accounts.ts';
import type { AccountVisit } from '../context.ts';
import { KNOWN_DEVICE_COOKIE } from '../../identity/mfa/browser-cookie.ts';
import { KnownBrowsers } from './known-browsers.ts';

const ANN = 'ann@example.com';
const BOB = 'bob@example.com';

/** A visit with a cookie of known browsers, and what it was given. */
class Asking {
  readonly visit: AccountVisit;
  given: string | undefined;

  constructor(like: AccountVisit, value: string | undefined) {
    const cookie = value === undefined ? undefined : `${KNOWN_DEVICE_COOKIE}=${value}`;
    const setCookie = (line: string): void => {
      this.given = line.slice(KNOWN_DEVICE_COOKIE.length + 1, line.indexOf(';'));
    };
    this.visit = { ...like, cookie, setCookie };
  }
}

/** Known browsers of two accounts, and a way to ask with any cookie. */
async function twoAccounts(): Promise<{
  devices: KnownBrowsers;
  stored: (account: string) => Promise<readonly string[]>;
  ask: (value?: string) => Asking;
  ann: string;
  bob: string;
}> {
  const site = new FakeAccounts();
  const ann = (await site.member(ANN)).account.id;
  const bob = (await site.member(BOB)).account.id;
  const store = site.state.accounts ?? assert.fail('the memory keeps accounts');
  const devices = new KnownBrowsers({ store, clock: () => site.now });
  for (const account of [ann, bob]) await store.knownBrowsers.removeAll(account);
  const like = await site.person().visit((visit) => visit);
  return {
    devices,
    stored: async (account) => (await store.knownBrowsers.list(account)).map(({ idHash }) => idHash),
    ask: (value) => new Asking(like, value),
    ann,
    bob,
  };
}

test('an id that was planted is never stored: whoever planted it is known to nobody', async () => {
  const { devices, ask, ann, bob } = await twoAccounts();
  // Made up, and one by which the attacker's own account knows their browser.
  const attacker = ask();
  await note(devices, attacker.visit, bob);
  for (const planted of ['p'.repeat(22), attacker.given ?? '', `${'p'.repeat(22)}.${attacker.given}`]) {
    const victim = ask(planted);
    assert.equal(await note(devices, victim.visit, ann), true);
    const ids = victim.given?.split('.') ?? [];
    assert.equal(ids.length, planted.split('.').length + 1);
    for (const id of planted.split('.')) {
      assert.equal((await devices.recognise(ask(id).visit, ann)).idHash, undefined);
    }
    assert.ok((await devices.recognise(ask(ids.at(-1)).visit, ann)).idHash !== undefined);
  }
});

test('each of five people of a browser is known by an id of their own, and the sixth takes the first place', async () => {
  const { devices, ask, ann, bob } = await twoAccounts();
  let asking = ask();
  await note(devices, asking.visit, ann);
  asking = ask(asking.given);
  assert.equal(await note(devices, asking.visit, bob), true);
  for (const account of [ann, bob, ann]) {
    asking = ask(asking.given);
    assert.equal(await note(devices, asking.visit, account), false);
    assert.equal(asking.given?.split('.').length, 2);
  }
  const [bobs, anns] = asking.given?.split('.') ?? [];
  const others = ['c', 'd', 'e', 'f'].map((letter) => letter.repeat(22));
  asking = ask([bobs, anns, ...others.slice(1)].join('.'));
  // Bob was not there for longest; the others stand behind him.
  const cay = ask(asking.visit.cookie?.slice(KNOWN_DEVICE_COOKIE.length + 1));
  assert.equal(await note(devices, cay.visit, ann), false);
  assert.deepEqual(cay.given?.split('.'), [bobs, ...others.slice(1), anns]);
  const full = ask(cay.given);
  assert.ok((await devices.recognise(full.visit, bob)).idHash !== undefined);
  assert.equal(await note(devices, full.visit, 'a sixth'), true);
  assert.equal(full.given?.split('.').length, 5);
  assert.ok(!full.given?.includes(bobs ?? ''));
});

test('keeps one id for an account and browser, and forgets all of an account but that one', async () => {
  const { devices, ask, stored, ann, bob } = await twoAccounts();
  const [one, other] = [ask(), ask()];
  await note(devices, one.visit, ann);
  await note(devices, other.visit, ann);
  await note(devices, other.visit, bob);
  assert.equal((await stored(ann)).length, 2);
  await devices.forgetOthers(ask(one.given).visit, ann);
  assert.deepEqual(await stored(ann), [(await devices.recognise(ask(one.given).visit, ann)).idHash]);
  assert.equal((await stored(bob)).length, 1);
  await devices.forgetOthers(undefined, ann);
  assert.deepEqual(await stored(ann), []);
});

test('reads no cookie that is there twice, is malformed, or has more ids than are ever given', async () => {
  const { devices, ask } = await twoAccounts();
  const id = 'a'.repeat(22);
  for (const value of [
    '',
    id.slice(1),
    `${id}.`,
    `.${id}`,
    `${id}.${id.slice(1)}`,
    Array(6).fill(id).join('.'),
  ]) {
    assert.equal(devices.hasCookie(ask(value).visit), false, value);
  }
  const twice = `${id}; ${KNOWN_DEVICE_COOKIE}=${id}`;
  assert.equal(devices.hasCookie(ask(twice).visit), false);
  assert.equal(devices.hasCookie(ask(Array(5).fill(id).join('.')).visit), true);
});

/** Notes a sign-in. Returns whether the browser was new to the account. */
async function note(devices: KnownBrowsers, visit: AccountVisit, account: string): Promise<boolean> {
  const known = await devices.find(visit, account);
  await devices.note(visit, account, devices.idFor(known));
  return known === undefined;
}
