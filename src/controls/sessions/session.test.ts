import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BulwarkError, StoreDownError } from '../../core/errors.ts';
import { memory } from '../../stores/memory/state.ts';
import type { SessionStore } from '../../stores/ports/sessions.ts';
import {
  acrossNetwork,
  counted,
  as,
  FakeBrowser,
  FakeSite,
  type Handler,
  signedIn,
  START,
} from '../../../test/support/sessions.ts';
import { sketchExchange } from '../../../test/support/exchange.ts';
import { EXPIRED_SESSION_COOKIE, hashSessionId } from './session-cookie.ts';

const MINUTE = 60_000;
/** A store in which every call fails, at once or with a promise. */
function broken(fail: () => unknown): SessionStore {
  return new Proxy(memory().sessions, { get: () => fail });
}

function failure(): never {
  throw new Error('connect to redis://user:hunter2@db failed');
}

test('3,000 visits without a cookie ask the store nothing and leave nothing in it (past failure 23)', async () => {
  const { store, calls } = counted(memory().sessions);
  const site = new FakeSite(store);
  for (let index = 0; index < 3000; index += 1) {
    const visit = await new FakeBrowser(site).visit((session) => [
      session.live,
      session.get('a'),
      session.principal,
    ]);
    assert.deepEqual(visit.setCookies, []);
  }
  assert.deepEqual([...calls.keys()], []);
  assert.equal(await site.store.count(), 0);
});

test('answers at once where the store does', async () => {
  const site = new FakeSite();
  const browser = await signedIn(site);
  const exchange = sketchExchange({ now: START, headers: { cookie: `__Host-sid=${browser.id}` } });
  assert.equal(site.guard.onRequest?.(exchange), undefined);
  assert.equal(exchange.session?.principal?.account, 'ann');
});

test('v5.0.0-7.2.4 v5.0.0-7.2.1 a made-up id is never adopted (past failure 12)', async () => {
  const site = new FakeSite();
  const madeUp = 'x'.repeat(32);
  const browser = new FakeBrowser(site, madeUp);
  const visit = await browser.visit((session) => session.set('a', 1));
  assert.equal(visit.status, 200);
  assert.notEqual(browser.id, madeUp);
  assert.equal(await site.store.find(hashSessionId(madeUp), START), undefined);
  await new FakeBrowser(site, madeUp).visit(as('ann'));
  assert.equal(await site.store.find(hashSessionId(madeUp), START), undefined);
});

test('v5.0.0-7.2.4 an id planted before the sign-in opens nothing after it (past failure 12)', async () => {
  const site = new FakeSite();
  const attacker = new FakeBrowser(site);
  await attacker.visit((session) => session.set('a', 1));
  const victim = new FakeBrowser(site, attacker.id);
  await victim.visit(as('ann'));
  assert.notEqual(victim.id, attacker.id);
  const visit = await attacker.visit();
  assert.equal(visit.exchange.session, undefined);
  assert.equal((await victim.visit()).exchange.session?.principal?.account, 'ann');
  assert.equal(await site.store.count(), 1);
});

test('v5.0.0-7.4.1 a request held open across a sign-out brings nothing back (past failure 13)', async () => {
  const site = new FakeSite();
  const browser = await signedIn(site);
  const other = new FakeBrowser(site, browser.id);
  const held = await browser.visit(async (session) => {
    assert.equal((await other.visit((its) => its.signOut())).status, 200);
    await session.set('back', true);
  });
  assert.ok(held.error instanceof BulwarkError);
  assert.equal(held.error.code, 'ERR_BULWARK_SESSION_OVER');
  assert.equal(held.status, 401);
  assert.equal(held.refusal?.type, 'session-over');
  assert.deepEqual(held.setCookies, [], 'they may have signed in again meanwhile');
  assert.equal(await site.store.count(), 0);
  assert.equal((await other.visit()).exchange.session, undefined);
});

test('a request held open over a revocation is answered 401 at its end, though it wrote nothing', async () => {
  const site = new FakeSite();
  const browser = await signedIn(site);
  const id = browser.id;
  const held = await browser.visit(async () => site.sessions.revokeAccount('ann'));
  assert.equal(held.status, 401);
  assert.equal(held.exchange.session, undefined);
  assert.equal((await new FakeBrowser(site, id).visit()).exchange.session, undefined);
});

test('a revocation by another process reaches a held request after 50 ms', async () => {
  const store = memory().sessions;
  const [here, there] = [new FakeSite(store), new FakeSite(store)];
  const browser = await signedIn(here);
  const held = await browser.visit(async () => {
    await there.sessions.revokeAccount('ann');
    here.now += 51;
  });
  assert.equal(held.status, 401);
});

test('a session that ends by its own clock while a request is held open answers 401', async () => {
  const site = new FakeSite();
  const browser = await signedIn(site);
  const held = await browser.visit(() => (site.now += 30 * MINUTE));
  assert.equal(held.status, 401);
});

test('looks a session up once for a quick answer', async () => {
  const { store, calls } = counted(memory().sessions);
  const site = new FakeSite(store);
  const browser = await signedIn(site);
  calls.clear();
  await browser.visit((session) => [session.principal, session.get('a')]);
  assert.deepEqual([...calls], [['use', 1]]);
});

test('answers its own sign-out, sign-in and renewal as usual, however long they take', async () => {
  const site = new FakeSite();
  const browser = await signedIn(site);
  for (const change of ['renew', 'signIn', 'signOut'] as const) {
    const visit = await browser.visit(async (session) => {
      await (change === 'signIn' ? as('ann')(session) : session[change]());
      site.now += 1000;
    });
    assert.equal(visit.status, 200, change);
  }
});

test('a request under the old id, held open while another renews it, does not take the new cookie away', async () => {
  const site = new FakeSite();
  const browser = await signedIn(site);
  const beside = new FakeBrowser(site, browser.id);
  const headers = { 'sec-fetch-mode': 'cors' };
  const held = await beside.visit(async () => browser.visit((session) => session.renew()), { headers });
  assert.equal(held.status, 401);
  assert.deepEqual(held.setCookies, []);
  assert.equal((await browser.visit()).exchange.session?.principal?.account, 'ann');
});

test('v5.0.0-7.3.1 ends a session that lies idle, and keeps one that is used', async () => {
  const site = new FakeSite();
  const browser = await signedIn(site);
  for (let index = 0; index < 10; index += 1) {
    site.now += 29 * MINUTE;
    assert.ok((await browser.visit()).exchange.session, String(index));
  }
  site.now += 30 * MINUTE;
  const late = await browser.visit();
  assert.equal(late.status, 200);
  assert.equal(late.exchange.session, undefined);
  assert.ok(late.exchange.hasSessionCookie);
});

test('v5.0.0-7.3.2 ends a session after its absolute life, renewed or not', async () => {
  const site = new FakeSite();
  const browser = await signedIn(site);
  for (let index = 0; index < 47; index += 1) {
    site.now += 15 * MINUTE;
    assert.equal((await browser.visit((session) => session.renew())).status, 200);
  }
  site.now += 15 * MINUTE;
  assert.equal((await browser.visit()).exchange.session, undefined);
});

test('notes a use at most once a minute', async () => {
  const { store, calls } = counted(memory().sessions);
  const site = new FakeSite(store);
  const browser = await signedIn(site);
  calls.clear();
  const noted = new Set<number>();
  for (let second = 0; second < 180; second += 1) {
    site.now += 1000;
    await browser.visit();
    noted.add((await store.list('ann', site.now))[0]?.seenAt ?? 0);
  }
  assert.equal(noted.size, 4);
  assert.equal(calls.get('use'), 180);
  assert.equal(calls.get('find'), undefined);
});

test('drops a cookie that opens nothing from the browser of whoever opens a page', async () => {
  const site = new FakeSite();
  for (const mode of [undefined, 'navigate', 'cors', 'no-cors']) {
    const browser = new FakeBrowser(site, 'x'.repeat(32));
    const { setCookies } = await browser.visit(undefined, {
      headers: mode ? { 'sec-fetch-mode': mode } : {},
    });
    const dropped = mode === undefined || mode === 'navigate';
    assert.deepEqual(setCookies, dropped ? [EXPIRED_SESSION_COOKIE] : [], mode);
  }
});

test('believes neither of two session cookies, and says that there was one', async () => {
  const site = new FakeSite();
  const browser = await signedIn(site);
  const cookie = `__Host-sid=${browser.id}; __Host-sid=${'x'.repeat(32)}`;
  const { exchange } = await new FakeBrowser(site).visit(undefined, { headers: { cookie } });
  assert.equal(exchange.session, undefined);
  assert.ok(exchange.hasSessionCookie);
});

test('reads cookies that came on several lines', async () => {
  const site = new FakeSite();
  const browser = await signedIn(site);
  const headers = { cookie: ['a=1', `__Host-sid=${browser.id}`] };
  const { exchange } = await new FakeBrowser(site).visit(undefined, { headers });
  assert.equal(exchange.session?.principal?.account, 'ann');
});

test('v5.0.0-16.5.3 a store that fails is 503 with Retry-After, never a silent sign-out', async () => {
  for (const fail of [failure, async () => failure()]) {
    const site = new FakeSite(broken(fail));
    const browser = new FakeBrowser(site, 'x'.repeat(32));
    const look: Handler = (session) => session.principal;
    for (const [handler, method] of [
      [look, 'GET'],
      [undefined, 'POST'],
    ] as const) {
      const { status, refusal, setCookies } = await browser.visit(handler, {
        method,
        headers: { 'sec-fetch-site': 'same-origin' },
      });
      assert.equal(status, 503);
      assert.equal(refusal?.type, 'unavailable');
      assert.deepEqual(refusal.headers, [['Retry-After', '5']]);
      assert.deepEqual(setCookies, []);
      const told = [refusal.event?.kind.name, ...site.events.map(({ event }) => event)];
      assert.deepEqual(
        told.filter((event) => event !== undefined),
        ['sys_store_unavailable'],
      );
      assert.doesNotMatch(JSON.stringify([refusal, site.events]), /hunter2/);
      site.events.length = 0;
    }
    assert.equal((await new FakeBrowser(site).visit()).status, 200);
  }
});

test('a page that looks at no session is served while sessions cannot be looked up, and its cookie stays', async () => {
  const site = new FakeSite(broken(failure));
  const { status, setCookies } = await new FakeBrowser(site, 'x'.repeat(32)).visit();
  assert.equal(status, 200);
  assert.deepEqual(setCookies, []);
});

test('an outage that the log knows of is not told at each request', async () => {
  const down = new StoreDownError('The test store is not reachable.', true);
  const site = new FakeSite(broken(() => Promise.reject(down)));
  for (const method of ['GET', 'POST']) {
    const { status, refusal } = await new FakeBrowser(site, 'x'.repeat(32)).visit((its) => its.live, {
      method,
    });
    assert.equal(status, 503);
    assert.equal(refusal?.event?.kind.name, undefined);
  }
  assert.deepEqual(site.events, []);
});

test('a store that fails while a request is held open is 503 at its end', async () => {
  const inner = memory().sessions;
  let failing = false;
  const store = new Proxy(inner, {
    get: (target, name) => {
      if (failing) throw new Error('gone');
      return (Reflect.get(target, name) as () => unknown).bind(target);
    },
  });
  const site = new FakeSite(store);
  const browser = await signedIn(site);
  const held = await browser.visit(() => {
    failing = true;
    site.now += 51;
  });
  assert.equal(held.status, 503);
});

test('does all this with a store across a network too', async () => {
  const inner = memory().sessions;
  const site = new FakeSite(acrossNetwork(inner));
  const browser = await signedIn(site);
  const first = browser.id;
  await browser.visit((session) => session.set('a', 1));
  await browser.visit((session) => session.renew({ mfa: true }));
  assert.notEqual(browser.id, first);
  site.now += MINUTE;
  const visit = await browser.visit((session) => assert.equal(session.get('a'), 1));
  assert.equal(visit.error, undefined);
  assert.equal(visit.exchange.session?.principal?.mfaAt, START);
  const stale = new FakeBrowser(site, browser.id);
  const held = await stale.visit(async (session) => {
    await browser.visit((its) => its.signOut());
    await session.set('back', true);
  });
  assert.equal(held.status, 401);
  assert.equal(inner.count(), 0);
});

test('a network store cannot be asked as the head leaves: the next request finds out', async () => {
  const site = new FakeSite(acrossNetwork(memory().sessions));
  const browser = await signedIn(site);
  const id = browser.id;
  const held = await browser.visit(async () => site.sessions.revokeAccount('ann'));
  assert.equal(held.status, 200);
  assert.equal((await new FakeBrowser(site, id).visit()).exchange.session, undefined);
});
