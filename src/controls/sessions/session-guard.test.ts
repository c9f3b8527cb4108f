/** The edges of the guard: whose cookies it does not look at, what it hands on, and what it says when a store is gone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sketchExchange, FakeHead } from '../../../test/support/exchange.ts';
import { FakeBrowser, FakeSite, signedIn, START } from '../../../test/support/sessions.ts';
import { StoreDownError } from '../../core/errors.ts';
import { CREDENTIAL, type Exchange, type Principal, UNKNOWN_WHO } from '../../core/exchange.ts';
import { ForwardLines } from '../../core/forward-head.ts';
import { SESSION_OVER } from '../../core/verdict.ts';
import { memory } from '../../stores/memory/state.ts';
import type { SessionStore } from '../../stores/ports/sessions.ts';
import { sessionGuard } from './session.ts';

/** A store that cannot be reached. */
function down(why: Error): SessionStore {
  const fail = async (): Promise<never> => Promise.reject(why);
  return new Proxy(memory().sessions, { get: () => fail });
}

/** An exchange that brings the cookie of somebody who is signed in. */
async function withCookie(site: FakeSite): Promise<Exchange> {
  const browser = await signedIn(site);
  return sketchExchange({ now: START, headers: { cookie: `__Host-sid=${browser.id}` } });
}

test('looks at no session where a token came along: its cookies must add no rights to it', async () => {
  const site = new FakeSite();
  const exchange = await withCookie(site);
  exchange.set(CREDENTIAL, { id: 't', principal: { account: 'bob' } as unknown as Principal });
  assert.equal(site.guard.onRequest?.(exchange), undefined);
  assert.equal(exchange.session, undefined);
});

test('drops no cookie of a browser that sent none of ours', async () => {
  const { setCookies } = await new FakeBrowser(new FakeSite()).visit(undefined, {
    headers: { cookie: 'a=1' },
  });
  assert.deepEqual(setCookies, []);
});

test('has nothing to say of an answer where nobody looked at a session', () => {
  assert.equal(new FakeSite().guard.onAnswer?.(sketchExchange(), new FakeHead()), undefined);
});

test('says that a session has ended where it was revoked, and not that it went on elsewhere', async () => {
  const site = new FakeSite();
  const browser = await signedIn(site);
  const held = await browser.visit(async () => site.sessions.revokeAccount('ann'));
  assert.deepEqual(held.refusal, SESSION_OVER);
});

/** What an upstream gets of these lines. */
function forwarded(rawHeaders: readonly string[], own: readonly string[] = []): readonly string[] {
  const head = new ForwardLines(rawHeaders);
  sessionGuard(new FakeSite().sessions, own).onForward?.(sketchExchange(), head);
  return head.rawHeaders;
}

test('hands no upstream what opens a session, nor another cookie of ours', () => {
  const accept = ['Accept', '*/*'];
  assert.deepEqual(forwarded(accept), accept);
  const others = ['cookie', 'a=1;b=2', ...accept];
  assert.deepEqual(forwarded(others), others, 'the line as it came, where it came');
  assert.deepEqual(forwarded(['Cookie', '__Host-sid=x', ...accept]), accept);
  assert.deepEqual(forwarded(['Cookie', 'a=1; __HOST-SID=x; b=2']), ['Cookie', 'a=1; b=2']);
  const device = ['Cookie', '__Host-Device=x; a=1'];
  assert.deepEqual(forwarded(device, ['__Host-Device']), ['Cookie', 'a=1']);
  assert.deepEqual(forwarded(device), device);
});

test('without its store still serves what only reads, by GET and HEAD, and says so once', async () => {
  for (const method of ['GET', 'HEAD']) {
    const site = new FakeSite(down(new StoreDownError('Too late.', false)));
    const visit = await new FakeBrowser(site, 'x'.repeat(32)).visit(undefined, { method });
    assert.equal(visit.status, 200, method);
    assert.deepEqual(site.events, [
      { event: 'sys_store_unavailable', details: { error: 'ERR_BULWARK_STORE_DOWN' } },
    ]);
    const why = visit.exchange.get(UNKNOWN_WHO);
    assert.equal(why?.message, 'Sessions cannot be looked up.');
    assert.ok(why.cause instanceof StoreDownError);
  }
});

test('without its store opens no connection that would outlive the answer', async () => {
  const site = new FakeSite(down(new Error('gone')));
  const headers = { connection: 'Upgrade', upgrade: 'websocket' };
  assert.equal((await new FakeBrowser(site, 'x'.repeat(32)).visit(undefined, { headers })).status, 503);
});
