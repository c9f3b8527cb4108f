/** What a page of another site can load here, in Chromium and Firefox, by every element that loads something. */
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

const FILES: Readonly<Record<string, readonly [type: string, content: string]>> = {
  '/': [
    'text/html',
    '<!doctype html><title>Here</title><script src="/notes.js"></script><img alt="" src="/dot.svg">',
  ],
  '/spent': ['text/html', '<!doctype html><title>Spent</title>'],
  '/notes.js': ['text/javascript', 'globalThis.notes = "secret"'],
  '/dot.svg': ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
  '/badge.svg': ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
};

let chromium: Browser;
let firefox: Firefox;
let layer: ReturnType<typeof bulwark>;
let site: Server;
let stranger: Server;
const reached: string[] = [];
const url = (path: string): string => `http://localhost:${(site.address() as AddressInfo).port}${path}`;
// By another path than ours: a tab that has not left yet is not taken for one that has arrived.
const theirs = (): string => `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/elsewhere`;

before(async () => {
  layer = bulwark({
    environment: 'development',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: () => undefined },
    csp: { directives: { 'script-src': ["'self'"] } },
    routes: { '/badge.svg': { corp: 'cross-origin' }, '/spent': { prefetch: false } },
  });
  site = layer.createServer(
    layer.handler((request, response) => {
      if (request.url !== '/favicon.ico') reached.push(request.url ?? '');
      const [type, content] = FILES[request.url ?? ''] ?? ['text/plain', ''];
      response.setHeader('Content-Type', type);
      response.end(content);
    }),
  );
  stranger = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>Elsewhere</title><body>');
  });
  for (const server of [site, stranger]) {
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
  for (const server of [site, stranger]) {
    server?.closeAllConnections();
    server?.close();
  }
  await layer?.close();
});

/** Loads a path by every element, and waits until each has loaded or failed. */
function loads(): string {
  return `(async () => {
    const by = (name, set) => new Promise((resolve) => {
      const element = document.createElement(name);
      element.onload = () => resolve('loaded'); element.onerror = () => resolve('failed');
      element.onloadedmetadata = () => resolve('loaded');
      setTimeout(() => resolve('failed'), 20000);
      set(element); document.body.append(element);
    });
    return {
      script: await by('script', (one) => { one.src = '${url('/notes.js')}'; }),
      image: await by('img', (one) => { one.src = '${url('/dot.svg')}'; }),
      style: await by('link', (one) => { one.rel = 'stylesheet'; one.href = '${url('/notes.js')}'; }),
      media: await by('video', (one) => { one.src = '${url('/dot.svg')}'; }),
      badge: await by('img', (one) => { one.src = '${url('/badge.svg')}'; }),
      fetched: await fetch('${url('/notes.js')}', { mode: 'no-cors' }).then(() => 'loaded', () => 'failed'),
      notes: String(globalThis.notes),
    };
  })()`;
}

const WANTED = {
  script: 'failed',
  image: 'failed',
  style: 'failed',
  media: 'failed',
  badge: 'loaded',
  fetched: 'failed',
  notes: 'undefined',
};

test('in Chromium: nothing but what is given, nothing of it is made, and a link leads here', async () => {
  const page = await (await chromium.newContext()).newPage();
  await page.goto(theirs());
  reached.length = 0;
  assert.deepEqual(await page.evaluate(loads()), WANTED);
  assert.deepEqual(reached, ['/badge.svg']);
  await page.evaluate(`location.href = '${url('/')}'`);
  await page.waitForURL(url('/'));
  assert.equal(await page.evaluate('globalThis.notes'), 'secret');
  assert.ok(reached.includes('/dot.svg'), 'a page of our own loads all of it');
});

test('in Firefox: the same', async () => {
  const tab = await firefox.tab();
  await tab.open(theirs());
  reached.length = 0;
  assert.deepEqual(await tab.look(loads()), WANTED);
  assert.deepEqual(reached, ['/badge.svg']);
  await tab.look(`void (location.href = '${url('/')}')`);
  await tab.arrives('/');
  assert.equal(await tab.look('globalThis.notes'), 'secret');
});

test('in Chromium: a look ahead at what spends something reaches no handler, and the click does', async () => {
  const page = await (await chromium.newContext()).newPage();
  await page.goto(url('/'));
  reached.length = 0;
  const answered = page.waitForResponse((response) => response.url() === url('/spent'));
  await page.evaluate(`(() => {
    const link = document.createElement('link');
    link.rel = 'prefetch'; link.href = '/spent'; document.head.append(link);
  })()`);
  assert.equal((await answered).status(), 503);
  assert.deepEqual(reached, []);
  await page.goto(url('/spent'));
  assert.deepEqual(reached, ['/spent']);
});
