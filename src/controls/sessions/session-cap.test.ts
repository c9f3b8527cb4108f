import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memory } from '../../stores/memory/state.ts';
import {
  acrossNetwork,
  as,
  FakeBrowser,
  FakeSite,
  hasCode,
  look,
  signedIn,
} from '../../../test/support/sessions.ts';
import type { SessionSettings } from './session.options.ts';

const TWO = { perAccount: 2 } as const;
const REFUSES = { perAccount: 2, whenFull: 'refuse' } as const;

async function full(settings: Partial<SessionSettings>): Promise<[FakeSite, FakeBrowser, FakeBrowser]> {
  const site = new FakeSite(undefined, settings);
  const first = await signedIn(site);
  site.now += 1;
  const second = await signedIn(site);
  site.now += 1;
  return [site, first, second];
}

async function who(browser: FakeBrowser): Promise<string | undefined> {
  return (await browser.visit()).exchange.session?.principal?.account;
}

function told(site: FakeSite, name: string): readonly unknown[] {
  return site.events.filter(({ event }) => event === name).map(({ details }) => details);
}

test('v5.0.0-7.1.2 (in part) at one sign-in more the session that began first ends, and is told', async () => {
  const [site, first, second] = await full(TWO);
  const third = await signedIn(site);
  assert.equal(await who(first), undefined);
  for (const browser of [second, third]) assert.equal(await who(browser), 'ann');
  const [ended, ...others] = told(site, 'session_expired') as { account: string; reason: string }[];
  assert.equal(others.length, 0);
  assert.equal(ended?.account, 'ann');
  assert.match(ended.reason, /perAccount/);
});

test('a request that is held open over it gets no answer of that session', async () => {
  const [site, first] = await full(TWO);
  const held = await first.visit(() => signedIn(site));
  assert.equal(held.status, 401);
  assert.equal(held.refusal?.type, 'session-over');
});

test('v5.0.0-7.1.2 (in part) with `refuse` nobody is signed in until one has ended', async () => {
  const [site, first, second] = await full(REFUSES);
  const third = new FakeBrowser(site);
  const refused = await third.visit(as('ann'));
  assert.ok(hasCode('ERR_BULWARK_SESSIONS_FULL')(refused.error));
  assert.deepEqual([refused.status, refused.refusal?.type], [403, 'too-many-sessions']);
  assert.equal(third.id, undefined);
  assert.deepEqual(told(site, 'session_limit_reached'), [{ account: 'ann', limit: 2 }]);
  for (const browser of [first, second]) assert.equal(await who(browser), 'ann');
  await first.visit((its) => its.signOut());
  assert.equal((await third.visit(as('ann'))).status, 200);
  assert.equal(await who(third), 'ann');
});

test('another account, a visitor, and who proves anew that it is them, are not turned away', async () => {
  const [site, first] = await full(REFUSES);
  assert.equal(await who(await signedIn(site, 'bob')), 'bob');
  const visitor = new FakeBrowser(site);
  assert.equal((await visitor.visit((its) => its.set('cart', 1))).status, 200);
  assert.equal((await first.visit(as('ann'))).status, 200);
  assert.equal((await first.visit((its) => its.renew({ mfa: true }))).status, 200);
  // A visitor keeps what is theirs where there was no room for them.
  assert.equal((await visitor.visit(as('ann'))).status, 403);
  assert.equal(await look(visitor, (its) => its.get('cart')), 1);
});

test('v5.0.0-15.4.2 (in part) many sign-ins at once, in two processes on one store, leave as many as may be', async () => {
  const store = acrossNetwork(memory().sessions);
  const sites = [new FakeSite(store, REFUSES), new FakeSite(store, REFUSES)];
  const visits = await Promise.all(
    [...sites, ...sites, ...sites].map(async (site) => new FakeBrowser(site).visit(as('ann'))),
  );
  assert.equal(visits.filter(({ status }) => status === 200).length, 2);
  assert.equal((await store.list('ann', sites[0]?.now ?? 0)).length, 2);
});
