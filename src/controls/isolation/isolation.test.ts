import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordedLayer } from '../../../test/support/recorded-layer.ts';
import type { AuditEvent } from '../../audit/audit-event.ts';
import type { PolicyOptions } from '../../policy/policy.ts';
import type { Asked } from '../../testing/recorder.ts';

const PARTNER = 'https://partner.example';

interface Site {
  readonly status: (asked: Asked) => Promise<number>;
  readonly events: readonly AuditEvent[];
}

async function site(policy: PolicyOptions = {}): Promise<Site> {
  const { host, events } = await recordedLayer(policy);
  return { events, status: async (asked) => (await host.run(asked)).verdict?.status ?? 200 };
}

/** What a browser sends with a load. */
const load = (mode: string, dest: string, more: Asked = {}, from = 'cross-site'): Asked => ({
  ...more,
  headers: { 'sec-fetch-site': from, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest, ...more.headers },
});

test('what a page of another site loads is refused: scripts, images, media, styles, what it reads, plugins', async () => {
  const { status, events } = await site();
  for (const [mode, dest] of [
    ['no-cors', 'script'],
    ['no-cors', 'image'],
    ['no-cors', 'video'],
    ['no-cors', 'style'],
    ['no-cors', 'empty'],
    ['cors', 'empty'],
    ['cors', 'font'],
    ['same-origin', 'worker'],
    ['navigate', 'object'],
    ['navigate', 'embed'],
    ['', ''],
  ] as const)
    assert.equal(await status(load(mode, dest, { target: '/notes.json' })), 403, `${mode} ${dest}`);
  assert.equal(await status(load('no-cors', 'image', { method: 'HEAD' })), 403);
  const told = events.find(({ event }) => event === 'resource_isolated');
  assert.match(JSON.stringify(told?.details), /'\/notes\.json': \{ corp: 'cross-origin' \}/);
});

test('links and frames of other sites lead here, our own pages load everything, and programs say nothing', async () => {
  const { status } = await site();
  for (const dest of ['document', 'iframe', 'frame'])
    assert.equal(await status(load('navigate', dest)), 200, dest);
  for (const from of ['same-origin', 'same-site', 'none'])
    for (const mode of ['no-cors', 'cors', 'navigate'])
      assert.equal(await status(load(mode, 'script', {}, from)), 200, `${from} ${mode}`);
  assert.equal(await status({}), 200);
  assert.equal(await status(load('no-cors', 'empty', { target: '/.well-known/web-identity' })), 200);
});

test('what the policy gives to others is given: corp, cors, isolate, webhooks, by route and letter by letter', async () => {
  const { status } = await site({
    routes: {
      '/badge.svg': { corp: 'cross-origin' },
      '/near.svg': { corp: 'same-site' },
      '/api/**': { cors: { origins: [PARTNER] } },
      '/public/**': { isolate: false },
      '/public/mine/**': { isolate: true },
    },
  });
  const image = (target: string): Asked => load('no-cors', 'image', { target });
  assert.equal(await status(image('/badge.svg')), 200);
  assert.equal(await status(image('/BADGE.svg')), 403);
  assert.equal(await status(image('/near.svg')), 403);
  assert.equal(await status(image('/public/a')), 200);
  assert.equal(await status(image('/Public/a')), 403);
  assert.equal(await status(image('/public/mine/a')), 403);
  assert.equal(await status(image('/public/MINE/a')), 403);
  const read = (origin: string): Asked => load('cors', 'empty', { target: '/api/x', headers: { origin } });
  assert.equal(await status(read(PARTNER)), 200);
  assert.equal(await status(read('https://other.example')), 403);
  assert.equal(await status(read('null')), 403);
});

test('where the application says who reads, by a cors of its own, what it reads is not refused here', async () => {
  const { status } = await site({ cors: { mode: 'off' } });
  assert.equal(await status(load('cors', 'empty', { headers: { origin: PARTNER } })), 200);
  assert.equal(await status(load('no-cors', 'image')), 403);
});

test('another site uses up no limit of a route for its visitor, and learns nothing of who is signed in', async () => {
  const { status } = await site({ routes: { '/rare': { limit: '1/minute', require: 'signed-in' } } });
  for (let time = 0; time < 3; time += 1)
    assert.equal(await status(load('no-cors', 'image', { target: '/rare' })), 403);
  assert.equal(await status({ target: '/rare' }), 401);
});

test('a page that changes something is not fetched ahead, and is opened all the same', async () => {
  const { status, events } = await site({ routes: { '/unsubscribe': { prefetch: false } } });
  const ahead = (target: string, purpose: string): Asked => ({ target, headers: { 'sec-purpose': purpose } });
  for (const purpose of ['prefetch', 'prefetch;prerender', 'prefetch;anonymous-client-ip'])
    assert.equal(await status(ahead('/unsubscribe', purpose)), 503, purpose);
  assert.equal(await status(ahead('/Unsubscribe', 'prefetch')), 503);
  assert.equal(await status({ target: '/unsubscribe' }), 200);
  assert.equal(await status(ahead('/news', 'prefetch')), 200);
  assert.ok(events.some(({ event }) => event === 'prefetch_refused'));
});

test('the answer of a sign-in provider is not used up by a look ahead', async () => {
  const { status } = await site({ accounts: { mail: { send: async () => undefined } } });
  const target = '/login/with/home/callback?state=a&code=b';
  assert.equal(await status({ target, headers: { 'sec-purpose': 'prefetch' } }), 503);
  assert.equal(await status({ target }), 200);
});
