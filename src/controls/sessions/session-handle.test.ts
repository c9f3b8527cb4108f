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
import type { SessionHandle } from './session-handle.ts';

const MINUTE = 60_000;
const CLEARED = '"storage"';

test('v5.0.0-7.2.4 gives a new id at sign-in, at a second sign-in and at each change of privilege', async () => {
  const site = new FakeSite();
  const browser = new FakeBrowser(site);
  const ids: (string | undefined)[] = [];
  const changes: ((its: SessionHandle) => Promise<void>)[] = [
    async (its) => its.set('a', 1),
    as('ann'),
    as('ann'),
    async (its) => its.renew({ roles: ['admin'] }),
    async (its) => its.renew(),
    as('bob'),
  ];
  for (const change of changes) {
    await look(browser, change);
    ids.push(browser.id);
  }
  assert.equal(new Set(ids).size, changes.length);
  assert.equal(await site.store.count(), 1);
  for (const id of ids.slice(0, -1))
    assert.equal(await site.store.find(hashSessionId(id ?? ''), START), undefined);
});

test('a handler that adds a role to the list it is shown is told, and adds it to nothing', async () => {
  const site = new FakeSite();
  const browser = new FakeBrowser(site);
  const given = ['reader'];
  const add = (its: SessionHandle): unknown => (its.principal?.roles as string[] | undefined)?.push('admin');
  const { error } = await browser.visit(async (its) => {
    await its.signIn({ account: 'ann', roles: given });
    add(its);
  });
  assert.ok(error instanceof TypeError);
  assert.deepEqual(given, ['reader']);
  assert.ok((await browser.visit(add)).error instanceof TypeError);
  assert.deepEqual(await look(browser, (its) => its.principal?.roles), ['reader']);
});

test('binds later tokens of the same response to the new id', async () => {
  const browser = await signedIn(new FakeSite());
  const { exchange } = await browser.visit(async (its) => {
    const before = its.idHash;
    await its.renew();
    assert.notEqual(its.idHash, before);
  });
  assert.equal(exchange.session?.idHash, hashSessionId(browser.id ?? ''));
});

test('keeps what a visitor stored over the sign-in, and nothing of another account', async () => {
  const browser = new FakeBrowser(new FakeSite());
  await look(browser, async (its) => its.set('cart', ['book']));
  await look(browser, as('ann'));
  assert.deepEqual(await look(browser, (its) => its.get('cart')), ['book']);
  await look(browser, as('ann'));
  assert.deepEqual(await look(browser, (its) => its.get('cart')), ['book']);
  await look(browser, as('bob'));
  assert.equal(await look(browser, (its) => its.get('cart')), undefined);
});

test('takes along at sign-in what another request stored a moment before', async () => {
  const site = new FakeSite();
  const browser = new FakeBrowser(site);
  await look(browser, async (its) => its.set('a', 1));
  const other = new FakeBrowser(site, browser.id);
  await look(browser, async (its) => {
    await other.visit(async (itsToo) => itsToo.set('b', 2));
    await its.signIn({ account: 'ann' });
  });
  assert.deepEqual(await look(browser, (its) => [its.get('a'), its.get('b')]), [1, 2]);
});

test('says who signed in, when, and with what', async () => {
  const site = new FakeSite();
  const browser = new FakeBrowser(site);
  await look(browser, async (its) => its.signIn({ account: 'ann', roles: ['reader'] }));
  site.now += MINUTE;
  const principal = {
    account: 'ann',
    roles: ['reader'],
    signedInAt: START,
    mfaAt: undefined,
    via: 'session',
    scopes: [],
  };
  assert.deepEqual(await look(browser, (its) => its.principal), principal);
  await look(browser, async (its) => its.renew({ mfa: true }));
  const stronger = { ...principal, mfaAt: START + MINUTE };
  assert.deepEqual(await look(browser, (its) => its.principal), stronger);
  await look(browser, async (its) => its.renew({ roles: ['admin'] }));
  assert.deepEqual(await look(browser, (its) => its.principal), { ...stronger, roles: ['admin'] });
  await look(browser, async (its) => its.renew({ mfa: false }));
  assert.equal(await look(browser, (its) => its.principal?.mfaAt), undefined);
  await look(browser, async (its) => its.signIn({ account: 'ann', mfa: true }));
  assert.equal(await look(browser, (its) => its.principal?.mfaAt), START + MINUTE);
});

test('a proof that is made anew counts from now, under a new id, with all that is stored and the same end', async () => {
  const site = new FakeSite();
  const browser = await signedIn(site);
  await browser.visit(async (its) => its.set('cart', ['book']));
  await browser.visit(async (its) => its.renew({ mfa: true, roles: ['reader'] }));
  const { id } = browser;
  const [before] = await site.store.list('ann', site.now);
  site.now += MINUTE;
  await browser.visit(async (its) => its.renew({ signedIn: true }));
  assert.notEqual(browser.id, id);
  const principal = {
    account: 'ann',
    roles: ['reader'],
    signedInAt: START + MINUTE,
    mfaAt: START,
    via: 'session',
    scopes: [],
  };
  assert.deepEqual(await look(browser, (its) => [its.principal, its.get('cart')]), [principal, ['book']]);
  const [after] = await site.store.list('ann', site.now);
  assert.deepEqual([after?.createdAt, after?.expiresAt], [before?.createdAt, before?.expiresAt]);
  assert.equal((await site.store.list('ann', site.now)).length, 1);
});

test('a visitor who proves something is still nobody', async () => {
  const site = new FakeSite();
  const browser = new FakeBrowser(site);
  await browser.visit(async (its) => its.set('a', 1));
  await browser.visit(async (its) => its.renew({ signedIn: true }));
  assert.equal(await look(browser, (its) => its.principal), undefined);
  const record = await site.store.find(hashSessionId(browser.id ?? ''), site.now);
  assert.ok(record !== undefined && record.signedInAt === undefined);
});

test('two sign-ins at once on one visit both succeed, under two ids', async () => {
  const site = new FakeSite();
  const browser = new FakeBrowser(site);
  await look(browser, async (its) => its.set('a', 1));
  const twice = [new FakeBrowser(site, browser.id), new FakeBrowser(site, browser.id)];
  const visits = await Promise.all(twice.map(async (one) => one.visit(as('ann'))));
  assert.deepEqual(
    visits.map(({ status }) => status),
    [200, 200],
  );
  assert.notEqual(twice[0]?.id, twice[1]?.id);
  assert.equal(await site.store.count(), 2);
});

test('nobody can renew a session that is over, or none', async () => {
  const site = new FakeSite();
  const browser = await signedIn(site);
  const { error } = await browser.visit(async (its) => {
    await site.sessions.revokeAccount('ann');
    await its.renew({ roles: ['admin'] });
  });
  assert.ok(hasCode('ERR_BULWARK_SESSION_OVER')(error));
  const visitor = await new FakeBrowser(site).visit(async (its) => its.renew());
  assert.ok(hasCode('ERR_BULWARK_SESSION_OVER')(visitor.error));
  assert.equal(await site.store.count(), 0);
});

test('v5.0.0-7.4.1 v5.0.0-14.3.1 (in part) signs out: nothing stored, cookie expired, site data cleared', async () => {
  const site = new FakeSite();
  const browser = await signedIn(site);
  const id = browser.id;
  const visit = await browser.visit(async (its) => {
    await its.signOut();
    assert.equal(its.live, false);
    assert.equal(its.principal, undefined);
  });
  assert.deepEqual(
    [visit.status, visit.setCookies, visit.clearSiteData],
    [200, [EXPIRED_SESSION_COOKIE], CLEARED],
  );
  assert.equal(await site.store.count(), 0);
  assert.equal(await look(new FakeBrowser(site, id), (its) => its.live), false);
});

test('signs out whoever asks, also where there is no session any more', async () => {
  const site = new FakeSite();
  const visit = await new FakeBrowser(site, 'x'.repeat(32)).visit(async (its) => its.signOut());
  assert.deepEqual([visit.status, visit.clearSiteData], [200, CLEARED]);
  assert.deepEqual(visit.setCookies, [EXPIRED_SESSION_COOKIE]);
});

test('sends one session cookie however often it changes in a request: the last wins', async () => {
  const site = new FakeSite();
  const out = await new FakeBrowser(site).visit(async (its) => {
    await its.set('a', 1);
    await its.signIn({ account: 'ann' });
    await its.signOut();
  });
  assert.deepEqual(out.setCookies, [EXPIRED_SESSION_COOKIE]);
  assert.equal(await site.store.count(), 0);
  const back = await (
    await signedIn(site)
  ).visit(async (its) => {
    await its.signOut();
    await its.signIn({ account: 'bob' });
  });
  assert.equal(back.setCookies.length, 1);
  assert.match(back.setCookies[0] ?? '', /^__Host-sid=[\w-]{32};/);
  assert.equal(back.clearSiteData, CLEARED);
});

test('a session of the same answer is not sent where its end cannot be stored; one that was sent before stays', async () => {
  const site = new FakeSite();
  const revoke = site.store.revoke.bind(site.store);
  site.store.revoke = () => {
    throw new Error('down');
  };
  const begun = await new FakeBrowser(site).visit(async (its) => {
    await its.signIn({ account: 'ann' });
    await its.signOut();
  });
  assert.deepEqual([begun.status, begun.setCookies], [500, [EXPIRED_SESSION_COOKIE]]);
  const browser = await signedIn(site);
  const held = await browser.visit(async (its) => its.signOut());
  assert.deepEqual([held.status, held.setCookies], [500, []]);
  site.store.revoke = revoke;
  assert.equal(await look(browser, (its) => its.principal?.account), 'ann');
});

test('throws before anything is stored where the head has left', async () => {
  const site = new FakeSite();
  const browser = await signedIn(site);
  const changes: Handler[] = [as('bob'), async (its) => its.renew(), async (its) => its.signOut()];
  for (const change of changes) {
    const { error } = await browser.visit(async (its, exchange) => {
      exchange.headSent = true;
      await change(its, exchange);
    });
    assert.ok(hasCode('ERR_BULWARK_HEAD_SENT')(error));
    assert.equal(await look(browser, (its) => its.principal?.account), 'ann');
  }
  for (const change of [
    async (its: SessionHandle) => its.set('a', 1),
    async (its: SessionHandle) => its.issueToken('p', 1),
  ]) {
    const { error } = await new FakeBrowser(site).visit(async (its, exchange) => {
      exchange.headSent = true;
      await change(its);
    });
    assert.ok(hasCode('ERR_BULWARK_HEAD_SENT')(error));
  }
  assert.equal(await site.store.count(), 1);
});

test('leaves no session behind whose cookie came too late', async () => {
  const site = new FakeSite(acrossNetwork(memory().sessions));
  const { error } = await new FakeBrowser(site).visit(async (its, exchange) => {
    const pending = its.signIn({ account: 'ann' });
    await Promise.resolve();
    exchange.headSent = true;
    await pending;
  });
  assert.ok(hasCode('ERR_BULWARK_HEAD_SENT')(error));
  assert.equal(await site.store.count(), 0);
});
