/** Pages of other origins, in Chromium and Firefox: what scripts of a partner, of a sibling and of a stranger can read here. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { bulwark } from '../../src/adapters/node.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';
import { startChromium } from './chromium.ts';
import { Firefox } from './firefox.ts';

let chromium: Browser;
let firefox: Firefox;
let pages: Server;
let strangers: Server;
let layer: ReturnType<typeof bulwark>;
let site: Server;
const reached: string[] = [];

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const url = (path = ''): string => `http://localhost:${portOf(site)}${path}`;
/** Another site to a browser, where `localhost` with another port is a sibling. */
const partner = (): string => `http://127.0.0.1:${portOf(pages)}`;
const sibling = (): string => `http://localhost:${portOf(pages)}`;
const stranger = (): string => `http://127.0.0.1:${portOf(strangers)}`;

async function listen(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => {
    server.once('listening', resolve);
  });
}

before(async () => {
  const blank = (): Server =>
    createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.end('<!doctype html><title>Elsewhere</title>');
    });
  pages = blank();
  strangers = blank();
  await listen(pages);
  await listen(strangers);
  layer = bulwark({
    environment: 'development',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: () => undefined },
    cors: { origins: [partner()], methods: ['GET', 'POST', 'PUT'] },
    routes: {
      '/closed': { require: 'signed-in' },
      '/rare': { limit: '1/minute' },
      '/mine': { cors: { origins: [sibling(), partner()], credentials: true } },
    },
  });
  site = layer.createServer(
    layer.handler(async (request, response) => {
      reached.push(`${request.method} ${request.url}`);
      const view = bulwark.of(request);
      if (request.url === '/sign-in') await view.session.signIn({ account: 'ann' });
      // A page for its own scripts: what is none may ask nobody.
      response.setHeader('Content-Type', request.url === '/' ? 'text/html' : 'application/json');
      // As a middleware that was left in: it opens what the policy closes.
      if (request.url === '/wide') response.setHeader('Access-Control-Allow-Origin', '*');
      response.setHeader('Cache-Control', 'max-age=60');
      response.end(
        JSON.stringify({ account: request.url === '/mine' ? (view.principal?.account ?? null) : 'x' }),
      );
    }),
  );
  await listen(site);
  [chromium, firefox] = await Promise.all([startChromium(), Firefox.start()]);
});

after(async () => {
  await chromium?.close();
  await firefox?.stop();
  for (const server of [pages, strangers, site]) {
    server?.closeAllConnections();
    server?.close();
  }
  await layer?.close();
});

/** A script of a page: what it could read of each request, or that it could read nothing. */
function script(): string {
  const read = `(path, init) => fetch('${url()}' + path, init).then(
    async (answer) => answer.status + ' ' + (await answer.text()).slice(0, 60), () => 'nothing')`;
  return `(async () => {
    const read = ${read};
    const json = { 'Content-Type': 'application/json' };
    return {
      get: await read('/data'),
      put: await read('/data', { method: 'PUT', headers: json, body: '{}' }),
      patch: await read('/data', { method: 'PATCH', headers: json, body: '{}' }),
      header: await read('/data', { headers: { 'X-Other': '1' } }),
      closed: (await read('/closed')).slice(0, 3),
      rare: [await read('/rare', { cache: 'no-store' }), await read('/rare', { cache: 'no-store' })]
        .map((one) => one.slice(0, 3)).join(),
      wide: await read('/wide'),
      cookies: await read('/data', { credentials: 'include' }),
      mine: await read('/mine', { credentials: 'include' }),
      post: await read('/mine', { method: 'POST', credentials: 'include', headers: json, body: '{}' }),
    };
  })()`;
}

const NOTHING = 'nothing';
const STRANGER = {
  get: NOTHING,
  put: NOTHING,
  patch: NOTHING,
  header: NOTHING,
  closed: 'not',
  rare: 'not,not',
  wide: NOTHING,
  cookies: NOTHING,
  mine: NOTHING,
  post: NOTHING,
};
const PARTNER = {
  get: '200 {"account":"x"}',
  put: '200 {"account":"x"}',
  patch: NOTHING,
  header: NOTHING,
  closed: '401',
  // In the order of the browsers: the first is answered once, and one who is refused can read that.
  wide: '200 {"account":"x"}',
  cookies: NOTHING,
};

type Seen = Readonly<Record<string, string>>;

function check(seen: readonly Seen[]): void {
  const [ofStranger, ofPartner, ofSibling] = seen;
  assert.deepEqual({ ...ofStranger }, STRANGER);
  const { rare = '', mine, post, ...rest } = { ...ofPartner };
  assert.deepEqual(rest, PARTNER);
  assert.match(rare, /^(?:200|429),429$/);
  // A cookie with SameSite=Lax does not come along from another site, and from a sibling it does.
  assert.deepEqual([mine, post], ['200 {"account":null}', '200 {"account":null}']);
  assert.deepEqual(
    [ofSibling?.['mine'], ofSibling?.['post']],
    ['200 {"account":"ann"}', '200 {"account":"ann"}'],
  );
  assert.equal(ofSibling?.['get'], NOTHING, 'a sibling is named for one route, and for no other');
}

test('in Chromium: the partner, the sibling with its cookies, and the stranger', async () => {
  const page = await (await chromium.newContext()).newPage();
  await page.goto(url('/'));
  await page.evaluate(`fetch('/sign-in', { method: 'POST' })`);
  const seen: Seen[] = [];
  for (const origin of [stranger(), partner(), sibling()]) {
    await page.goto(`${origin}/`);
    seen.push(await page.evaluate<Seen>(script()));
  }
  check(seen);
  assert.ok(!reached.some((one) => one.startsWith('OPTIONS')), 'no preflight comes to the application');
  assert.ok(!reached.includes('PATCH /data'));
});

test('in Firefox: the same', async () => {
  const tab = await firefox.tab();
  await tab.open(url('/'));
  await tab.look(`fetch('/sign-in', { method: 'POST' }).then(() => undefined)`);
  const seen: Seen[] = [];
  for (const origin of [stranger(), partner(), sibling()]) {
    await tab.open(`${origin}/`);
    seen.push((await tab.look(script())) as Seen);
  }
  check(seen);
  assert.ok(!reached.some((one) => one.startsWith('OPTIONS')));
});

test('a sandboxed frame, whose origin is null, reads nothing', async () => {
  const page = await (await chromium.newContext()).newPage();
  await page.goto(`${partner()}/`);
  const said = await page.evaluate(`new Promise((resolve) => {
    addEventListener('message', ({ data }) => resolve(data));
    const frame = document.createElement('iframe');
    frame.sandbox = 'allow-scripts';
    frame.srcdoc = "<script>fetch('${url('/data')}').then(() => 'read', () => 'nothing').then((said) => parent.postMessage(origin + ' ' + said, '*'))<" + "/script>";
    document.body.append(frame);
  })`);
  assert.equal(said, 'null nothing');
});
