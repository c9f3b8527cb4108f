import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memory } from '../../stores/memory/state.ts';
import {
  acrossNetwork,
  as,
  FakeBrowser,
  FakeSite,
  type Handler,
  hasCode,
  look,
  signedIn,
  START,
} from '../../../test/support/sessions.ts';
import { EXPIRED_SESSION_COOKIE, hashSessionId } from './session-cookie.ts';

const MINUTE = 60_000;

test('v5.0.0-7.5.2 (in part) lists the sessions of an account and ends any of them', async () => {
  const site = new FakeSite();
  const laptop = await signedIn(site);
  site.now += MINUTE;
  const phone = new FakeBrowser(site);
  await phone.visit(as('ann'), { peer: '198.51.100.7', headers: { 'user-agent': 'a phone' } });
  const bob = await signedIn(site, 'bob');
  const list = await look(laptop, async (its) => its.list());
  assert.deepEqual(list.map(({ current }) => current).filter(Boolean), [true]);
  const other = list.find(({ current }) => !current);
  assert.deepEqual(other, {
    current: false,
    idHash: hashSessionId(phone.id ?? ''),
    createdAt: START + MINUTE,
    signedInAt: START + MINUTE,
    seenAt: START + MINUTE,
    address: '198.51.100.7',
    userAgent: 'a phone',
    deviceBound: false,
  });
  assert.equal(await look(laptop, async (its) => its.revoke(other?.idHash ?? '')), true);
  assert.equal(await look(laptop, async (its) => its.revoke(other?.idHash ?? '')), false);
  assert.equal(await look(phone, (its) => its.live), false);
  assert.equal(await look(bob, (its) => its.live), true);
});

test("ending one's own session in the list is signing out", async () => {
  const browser = await signedIn(new FakeSite());
  const visit = await browser.visit(async (its) => its.revoke(its.idHash ?? ''));
  assert.deepEqual([visit.status, visit.setCookies], [200, [EXPIRED_SESSION_COOKIE]]);
});

test('nobody ends a session of another account, and the attempt is noted', async () => {
  const site = new FakeSite();
  const [ann, bob, visitor] = [await signedIn(site), await signedIn(site, 'bob'), new FakeBrowser(site)];
  await visitor.visit(async (its) => its.set('a', 1));
  const hash = hashSessionId(bob.id ?? '');
  assert.equal(await look(ann, async (its) => its.revoke(hash)), false);
  assert.equal(await look(visitor, async (its) => its.revoke(hash)), false);
  assert.equal(await look(ann, async (its) => its.revoke(hashSessionId(visitor.id ?? ''))), false);
  assert.equal(await look(visitor, async (its) => its.revokeOthers()), 0);
  assert.equal(await look(bob, (its) => its.live), true);
  assert.equal(site.events.filter(({ event }) => event === 'malicious_direct_reference').length, 2);
});

test('v5.0.0-7.4.3 ends every other session of the account', async () => {
  const site = new FakeSite();
  const [here, ...others] = [await signedIn(site), await signedIn(site), await signedIn(site)];
  const bob = await signedIn(site, 'bob');
  assert.ok(here);
  assert.equal(await look(here, async (its) => its.revokeOthers()), 2);
  assert.equal(await look(here, (its) => its.live), true);
  for (const other of others) assert.equal(await look(other, (its) => its.live), false);
  assert.equal(await look(bob, (its) => its.live), true);
});

test('a request held open over its own revocation neither lists nor ends the sessions of the owner', async () => {
  const site = new FakeSite();
  const [owner, thief] = [await signedIn(site), await signedIn(site)];
  const acts: Handler[] = [
    async (its) => its.list(),
    async (its) => its.revokeOthers(),
    async (its) => its.revoke(hashSessionId(owner.id ?? '')),
    async (its) => its.issueToken('p', 1000),
  ];
  for (const act of acts) {
    const held = await thief.visit(async (its, exchange) => {
      await look(owner, async (itsToo) => itsToo.revokeOthers());
      await act(its, exchange);
    });
    assert.ok(hasCode('ERR_BULWARK_SESSION_OVER')(held.error));
    assert.equal(held.status, 401);
    await thief.visit(as('ann'));
  }
  assert.equal(await look(owner, (its) => its.live), true);
});

test('a one-time token works once, for its purpose, in its session', async () => {
  const site = new FakeSite();
  const [ann, bob] = [await signedIn(site), await signedIn(site, 'bob')];
  const token = await look(ann, async (its) => its.issueToken('transfer', MINUTE));
  assert.match(token, /^[\w-]{32}$/);
  const use = async (browser: FakeBrowser, purpose: string, text: string | undefined): Promise<boolean> =>
    look(browser, async (its) => its.useToken(purpose, text));
  assert.equal(await use(ann, 'other', token), false);
  assert.equal(await use(bob, 'transfer', token), false);
  assert.equal(await use(new FakeBrowser(site), 'transfer', token), false);
  for (const text of [undefined, '', 'x', `${token}x`, '\u00e9'.repeat(32)])
    assert.equal(await use(ann, 'transfer', text), false);
  assert.equal(await use(ann, 'transfer', token), true);
  assert.equal(await use(ann, 'transfer', token), false);
});

test('lets exactly one of ten simultaneous uses of a token through, and notes the others', async () => {
  for (const store of [memory().sessions, acrossNetwork(memory().sessions)]) {
    const browser = await signedIn(new FakeSite(store));
    const token = await look(browser, async (its) => its.issueToken('transfer', MINUTE));
    const uses = await Promise.all(
      Array.from({ length: 10 }, async () =>
        look(new FakeBrowser(browser.site, browser.id), async (its) => its.useToken('transfer', token)),
      ),
    );
    assert.equal(uses.filter(Boolean).length, 1);
    assert.equal(browser.site.events.filter(({ event }) => event === 'input_validation_fail').length, 9);
  }
});

test('a token ends in time and with its session, and its life is a positive number', async () => {
  const site = new FakeSite();
  const browser = await signedIn(site);
  const late = await look(browser, async (its) => its.issueToken('p', MINUTE));
  site.now += MINUTE;
  assert.equal(await look(browser, async (its) => its.useToken('p', late)), false);
  const renewed = await look(browser, async (its) => its.issueToken('p', MINUTE));
  await look(browser, async (its) => its.renew());
  assert.equal(await look(browser, async (its) => its.useToken('p', renewed)), false);
  for (const life of [0, -1, Number.NaN, Infinity]) {
    await assert.rejects(
      look(browser, async (its) => its.issueToken('p', life)),
      { code: 'ERR_BULWARK_INVALID_ARGUMENT' },
    );
  }
});
