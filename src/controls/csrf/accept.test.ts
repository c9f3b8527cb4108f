import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordedLayer } from '../../../test/support/recorded-layer.ts';
import { fixedSecrets, TEST_SECRET } from '../../../test/support/secrets.ts';
import type { AuditEvent } from '../../audit/audit-event.ts';
import { randomId } from '../../core/random.ts';
import { View } from '../../layer/view.ts';
import { readPolicy } from '../../policy/read-policy.ts';
import { memory } from '../../stores/memory/state.ts';
import { CSRF_KEYS } from './csrf.keys.ts';

const BACK = '/login/with/apple/callback';

interface Given {
  readonly state: string;
  readonly cookie: string;
  readonly line: string;
}

async function site(): Promise<{
  give: (path?: string, now?: number, cookie?: string) => Promise<Given>;
  post: (given: Partial<Given>, more?: { target?: string; now?: number; field?: string }) => Promise<number>;
  events: readonly AuditEvent[];
}> {
  const { layer, host, events } = await recordedLayer({
    routes: {
      [`POST ${BACK}`]: { csrf: { accept: 'state' } },
      'POST /pay/done': { csrf: { accept: 'MD' } },
    },
  });
  return {
    events,
    give: async (path = BACK, now = Date.now(), cookie = '') => {
      let state = '';
      const { head } = await host.run({ now, headers: cookie === '' ? {} : { cookie } }, (exchange) => {
        state = new View(layer, exchange).returnState(path);
        return {};
      });
      const line = String(head.getHeader('set-cookie') ?? '');
      return { state, line, cookie: line.split(';')[0] ?? '' };
    },
    post: async ({ state, cookie }, { target = BACK, now, field = 'state' } = {}) => {
      const { verdict } = await host.run({
        method: 'POST',
        target,
        ...(now !== undefined && { now }),
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          origin: 'https://appleid.example',
          'sec-fetch-site': 'cross-site',
          'sec-fetch-mode': 'navigate',
          ...(cookie !== undefined && { cookie }),
        },
        body: new URLSearchParams({ code: 'x', ...(state !== undefined && { [field]: state }) }).toString(),
      });
      return verdict?.status ?? 200;
    },
  };
}

test('a post of a provider is taken with the state that this browser was given, once', async () => {
  const { give, post, events } = await site();
  const given = await give();
  assert.match(given.line, /^__Host-back=[\w-]{32}; Path=\/; Secure; HttpOnly; SameSite=None; Max-Age=1800$/);
  const both = await Promise.all([post(given), post(given)]);
  assert.deepEqual(both.toSorted(), [200, 403]);
  assert.equal(await post(given), 403);
  const reasons = events.flatMap(({ details }) => (details as { reason?: string } | undefined)?.reason ?? []);
  assert.ok(reasons.includes('the state was used before'));
  assert.ok(!JSON.stringify(events).includes(given.state));
});

test('without a state, with that of another browser, another route or another time, it is a forgery', async () => {
  const { give, post } = await site();
  const now = Date.now();
  const [ours, theirs] = [await give(BACK, now), await give(BACK, now)];
  assert.equal(await post({ cookie: ours.cookie }), 403);
  assert.equal(await post({ state: ours.state }), 403);
  assert.equal(await post({ state: theirs.state, cookie: ours.cookie }), 403);
  assert.equal(await post({ state: ours.state, cookie: `${ours.cookie}; ${theirs.cookie}` }), 403);
  assert.equal(await post({ state: `${ours.state}x`, cookie: ours.cookie }), 403);
  assert.equal(await post(ours, { target: '/pay/done', field: 'MD' }), 403);
  assert.equal(await post(ours, { target: BACK.toUpperCase() }), 403);
  assert.equal(await post(ours, { target: '/elsewhere' }), 403);
  assert.equal(await post(ours), 200);
  assert.equal(await post(theirs, { now: now + 16 * 60_000 }), 403);
});

test('a state fits where SAML hands it on: RelayState has 80 bytes', async () => {
  const { state } = await (await site()).give();
  assert.ok(Buffer.byteLength(state) <= 80, `${Buffer.byteLength(state)} bytes`);
  assert.ok(randomId(16).length === state.split('.')[1]?.length, 'and is not to be guessed');
});

test('a state that an older release gave, with a longer nonce, is still taken', async () => {
  const { give, post } = await site();
  const { cookie } = await give();
  const { keys } = await readPolicy({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
  });
  const ends = (Date.now() + 60_000).toString(36);
  const nonce = randomId(24);
  const signed = [cookie.slice(cookie.indexOf('=') + 1), ends, nonce, BACK].join(' ');
  const state = `${ends}.${nonce}.${keys.sign(CSRF_KEYS.back, signed).toString('base64url')}`;
  assert.equal(await post({ state, cookie }), 200);
  assert.equal(await post({ state, cookie }), 403);
});

test('several tabs have a state each, under one cookie', async () => {
  const { give, post } = await site();
  const first = await give();
  const second = await give(BACK, Date.now(), first.cookie);
  assert.equal(await post({ state: second.state, cookie: first.cookie }), 200);
  assert.equal(await post(first), 200);
});

test('a state for a route that takes none is refused with the line to write', async () => {
  const { give } = await site();
  await assert.rejects(
    give('/elsewhere'),
    /routes: \{ 'POST \/elsewhere': \{ csrf: \{ accept: 'state' \} \} \}/,
  );
  await assert.rejects(give('https://evil.example/'), /returnState/);
});
