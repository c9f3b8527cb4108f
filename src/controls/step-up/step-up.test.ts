import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RequestSketch, sketchExchange } from '../../../test/support/exchange.ts';
import { FakeSite, signedIn } from '../../../test/support/sessions.ts';
import { StoreDownError } from '../../core/errors.ts';
import type { Exchange, Principal } from '../../core/exchange.ts';
import { KeyRing } from '../../core/key-ring.ts';
import type { Refusal } from '../../core/verdict.ts';
import { memory } from '../../stores/memory/state.ts';
import { HeldRequests, type SessionValues } from './held-requests.ts';
import { type Keeping, stepUp } from './step-up.ts';
import { PROBLEMS } from '../../core/problem-types.ts';

const PAGE = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const FORM = { ...PAGE, 'content-type': 'application/x-www-form-urlencoded' };
const REFUSAL: Refusal = { ...PROBLEMS.notAllowed, detail: 'No.' };
const PRINCIPAL: Principal = {
  account: 'ann',
  roles: [],
  signedInAt: 0,
  mfaAt: undefined,
  via: 'session',
  scopes: [],
};

const REQUESTS = new HeldRequests(new KeyRing([Buffer.alloc(32, 1)]), '_csrf', () => undefined);

/** A session in memory, without a store. */
function plainSession(): SessionValues & { readonly values: Map<string, unknown> } {
  const values = new Map<string, unknown>();
  return {
    values,
    get: (key) => values.get(key),
    change: async (key, by) => void values.set(key, by(values.get(key))),
    hasRoomFor: () => true,
  };
}

interface Asked {
  readonly answer: Refusal;
  readonly location: string | undefined;
}

async function ask(
  sketch: RequestSketch,
  keeping?: Keeping,
  prepare: (exchange: Exchange) => void = () => undefined,
): Promise<Asked> {
  const exchange = sketchExchange({ target: '/vault?a=1&b=%20', headers: PAGE, ...sketch });
  exchange.path = '/vault';
  exchange.session = { idHash: 'h', principal: PRINCIPAL };
  prepare(exchange);
  const answer = await stepUp('/login/again', keeping)(exchange, PRINCIPAL, 'fresh', REFUSAL);
  return { answer, location: answer.headers?.find(([name]) => name === 'Location')?.[1] };
}

test('leads to the page and back, and says what is needed', async () => {
  const { answer, location } = await ask({});
  assert.equal(answer.status, 303);
  assert.equal(location, '/login/again?next=%2Fvault%3Fa%3D1%26b%3D%2520&need=fresh');
  assert.equal((await ask({ method: 'HEAD' })).location, location);
});

test('a way back that no server would take is left out', async () => {
  const { location } = await ask({ target: `/vault?q=${'%20'.repeat(2000)}` });
  assert.equal(location, '/login/again?need=fresh');
});

test('leads no way back to another site', async () => {
  for (const target of ['//evil.example/', '/\\evil.example', 'https://evil.example/']) {
    assert.equal((await ask({ target })).answer, REFUSAL, target);
  }
});

test('answers scripts and programs as if there were no page', async () => {
  for (const method of ['GET', 'POST']) {
    const keeping = { requests: REQUESTS, sessionOf: plainSession };
    const headers = { ...FORM, 'sec-fetch-mode': 'cors' };
    assert.equal((await ask({ method, headers, body: 'a=1' }, keeping)).answer, REFUSAL);
    const json = { ...FORM, accept: 'application/json' };
    assert.equal((await ask({ method, headers: json, body: 'a=1' }, keeping)).answer, REFUSAL);
  }
  const upgrade = { headers: { ...PAGE, upgrade: 'websocket' } };
  assert.equal((await ask(upgrade)).answer, REFUSAL);
});

test('leads nobody from the page to itself, however its path is written', async () => {
  for (const path of ['/login/again', '/Login/Again/']) {
    const asked = await ask({}, undefined, (exchange) => {
      exchange.path = path;
    });
    assert.equal(asked.answer, REFUSAL);
  }
});

test('a request that is made by something else than the session is neither led nor kept', async () => {
  const session = plainSession();
  for (const method of ['GET', 'POST']) {
    const keeping = { requests: REQUESTS, sessionOf: () => session };
    const asked = await ask({ method, headers: FORM, body: 'a=1' }, keeping, (exchange) => {
      // As where a token counts: the cookie that came along is not looked at, or belongs to somebody else.
      exchange.session = method === 'GET' ? undefined : { idHash: 'h', principal: { ...PRINCIPAL } };
    });
    assert.equal(asked.answer, REFUSAL);
  }
  assert.equal(session.values.size, 0);
});

test('keeps a form and leads to the page, which is told its id', async () => {
  const session = plainSession();
  const keeping = { requests: REQUESTS, sessionOf: () => session };
  const { answer, location } = await ask({ method: 'POST', headers: FORM, body: 'a=1' }, keeping);
  assert.equal(answer.status, 303);
  assert.match(location ?? '', /^\/login\/again\?held=[\w-]{16}&need=fresh$/);
  assert.equal(session.values.size, 1);
});

test('says so where what was sent is not kept', async () => {
  const keeping = { requests: REQUESTS, sessionOf: plainSession };
  const headers = { ...FORM, 'content-type': 'multipart/form-data; boundary=x' };
  const upload = await ask({ method: 'POST', headers, body: 'a=1' }, keeping);
  assert.equal(upload.answer.status, 403);
  assert.equal(upload.answer.detail, 'No. What you sent was not kept.');
  const nowhere = await ask({ method: 'POST', headers: FORM, body: 'a=1' });
  assert.deepEqual(nowhere.answer, upload.answer);
});

test('v5.0.0-16.5.3 a store that is down while a form is kept is 503', async () => {
  for (const error of [new StoreDownError('gone', true), new Error('disk full')]) {
    const sessionOf = (): SessionValues => ({ ...plainSession(), change: () => Promise.reject(error) });
    const { answer } = await ask(
      { method: 'POST', headers: FORM, body: 'a=1' },
      { requests: REQUESTS, sessionOf },
    );
    assert.equal(answer.status, 503);
    assert.ok(answer.headers?.some(([name]) => name === 'Retry-After'));
    assert.ok(!JSON.stringify(answer).includes('disk full'));
  }
});

test('a session that ends while a form is on its way is 401', async () => {
  const site = new FakeSite(memory().sessions);
  const browser = await signedIn(site);
  const visit = await browser.visit(
    async (session, exchange) => {
      const principal = exchange.session?.principal;
      assert.ok(principal !== undefined);
      await site.sessions.revokeAccount('ann');
      const lead = stepUp('/login/again', { requests: REQUESTS, sessionOf: () => session });
      const answer = await lead(exchange, principal, 'mfa', REFUSAL);
      assert.equal(answer.status, 401);
    },
    { method: 'POST', headers: FORM, body: 'a=1' },
  );
  assert.equal(visit.error, undefined);
});
