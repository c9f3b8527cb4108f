/** A form that a provider has the browser post here, in Chromium and Firefox: the state comes back, and the session afterwards. */
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
let layer: ReturnType<typeof bulwark>;
let site: Server;
let provider: Server;
const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const url = (path: string): string => `http://localhost:${portOf(site)}${path}`;

before(async () => {
  layer = bulwark({
    environment: 'development',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: () => undefined },
    csp: { mode: 'off' },
    routes: { 'POST /back': { csrf: { accept: 'state' } } },
  });
  site = layer.createServer(
    layer.handler(async (request, response) => {
      const view = bulwark.of(request);
      response.setHeader('Content-Type', 'text/html');
      if (request.url === '/leave') {
        await view.session.signIn({ account: 'ann' });
        const state = view.returnState('/back');
        response.writeHead(303, { Location: `http://127.0.0.1:${portOf(provider)}/?state=${state}` }).end();
      } else if (request.url === '/back') response.writeHead(303, { Location: '/home' }).end();
      else response.end(`<!doctype html><title>${view.principal?.account ?? 'nobody'}</title>`);
    }),
  );
  // Another site: it posts what it was given at once, as providers do, or a made-up state.
  provider = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    response.setHeader('Content-Type', 'text/html');
    response.end(`<!doctype html><form method="post" action="${url('/back')}">
      <input name="state" value="${searchParams.get('state') ?? ''}"></form><script>document.forms[0].submit()</script>`);
  });
  for (const server of [site, provider]) {
    server.listen(0, '127.0.0.1');
    await new Promise((resolve) => {
      server.once('listening', resolve);
    });
  }
  [chromium, firefox] = await Promise.all([startChromium(), Firefox.start()]);
});

after(async () => {
  await chromium?.close();
  await firefox?.stop();
  for (const server of [site, provider]) {
    server?.closeAllConnections();
    server?.close();
  }
  await layer?.close();
});

test('in Chromium: there and back, signed in, and a made-up state leads nowhere', async () => {
  const page = await (await chromium.newContext()).newPage();
  await page.goto(url('/leave'));
  await page.waitForURL(url('/home'));
  assert.equal(await page.title(), 'ann');
  const refused = page.waitForResponse((response) => response.url() === url('/back'));
  await page.goto(`http://127.0.0.1:${portOf(provider)}/?state=made-up`).catch(() => undefined);
  assert.equal((await refused).status(), 403);
});

test('in Firefox: the same', async () => {
  const tab = await firefox.tab();
  await tab.open(url('/leave'));
  await tab.arrives('/home');
  assert.equal(await tab.look('document.title'), 'ann');
});
