/** What is no page, in Chromium, under the layer's policy: workers of every kind, and files opened alone. */
import assert from 'node:assert/strict';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { bulwark, type Protector } from '../../src/adapters/node.ts';
import { loadPolicy } from '../../src/policy/load-policy.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';
import { startChromium } from './chromium.ts';
import { tone } from './tone.ts';

/** Each file by its path: its type and what is in it. */
const FILES: Readonly<Record<string, readonly [type: string, content: string | Buffer]>> = {
  '/data.json': ['application/json', '{"said":"fetched"}'],
  '/imported.js': ['text/javascript', 'self.imported = "imported";'],
  '/module.js': ['text/javascript', 'export const imported = "imported";'],
  '/classic.js': [
    'text/javascript',
    `importScripts('/imported.js');
     const nested = new Worker('/nested.js');
     nested.onmessage = async ({ data }) => {
       const { said } = await (await fetch('/data.json')).json();
       const elsewhere = await fetch(self.name).then(() => 'reached', () => 'not reached');
       postMessage([self.imported, said, data, elsewhere].join());
     };`,
  ],
  '/nested.js': ['text/javascript', `postMessage('nested');`],
  '/module-worker.js': [
    'text/javascript',
    `import { imported } from '/module.js';
     const later = await import('/module.js');
     const { said } = await (await fetch('/data.json')).json();
     postMessage([imported, later.imported, said].join());`,
  ],
  '/shared.js': [
    'text/javascript',
    `importScripts('/imported.js');
     onconnect = async ({ ports: [port] }) => {
       const { said } = await (await fetch('/data.json')).json();
       port.postMessage([self.imported, said].join());
     };`,
  ],
  '/service.js': [
    'text/javascript',
    `importScripts('/imported.js');
     addEventListener('install', (event) => event.waitUntil(
       caches.open('files').then((cache) => cache.addAll(['/data.json', '/dot.svg']))));
     addEventListener('activate', (event) => event.waitUntil(clients.claim()));
     addEventListener('fetch', (event) => {
       if (event.request.url.endsWith('/through.svg')) event.respondWith(fetch(event.request));
       else if (event.request.url.endsWith('/cached')) event.respondWith(caches.match('/data.json'));
     });`,
  ],
  '/dot.svg': ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"/>'],
  '/through.svg': ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"/>'],
  '/tone.wav': ['audio/wav', tone()],
  '/evil.svg': [
    'image/svg+xml',
    '<svg xmlns="http://www.w3.org/2000/svg"><script>document.documentElement.id = "ran"</script></svg>',
  ],
  '/evil.js': ['text/javascript', '<script>document.title = "ran"</script>'],
};

/** Nothing that is asked here takes this long on any machine, but what never comes. */
const SILENCE_MS = 20_000;

interface Site {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

let browser: Browser;
let site: Site;
/** Another origin, which answers whoever asks: what reaches it was let out. */
let elsewhere: Site;

before(async () => {
  elsewhere = await serve(undefined);
  site = await serve({});
  browser = await startChromium();
});

after(async () => {
  await browser?.close();
  await site?.stop();
  await elsewhere?.stop();
});

test('a classic worker fetches from here, imports and starts workers, and reaches no other origin', async () => {
  assert.equal(await inWorker(site), 'imported,fetched,nested,not reached');
});

test('csp.directives reaches a worker: what connect-src names is reached, what it does not is not', async (t) => {
  const open = await serve({ 'connect-src': ["'self'", elsewhere.url.slice(0, -1)] });
  t.after(() => open.stop());
  assert.equal(await inWorker(open), 'imported,fetched,nested,reached');
});

test('a module worker imports and fetches from here', async () => {
  const said = await ask(site, "saidBy(new Worker(allowed('/module-worker.js'), { type: 'module' }))");
  assert.equal(said, 'imported,imported,fetched');
});

test('a shared worker fetches from here and imports', async () => {
  assert.equal(await ask(site, "saidBy(new SharedWorker(allowed('/shared.js')).port)"), 'imported,fetched');
});

test('a service worker fills its cache, answers from it, and passes on what pages load', async () => {
  assert.equal(await ask(site, 'throughServiceWorker()'), 'fetched,shown');
});

test('an audio file opened alone plays', async () => {
  const heard = `new Promise((resolve) => {
    const media = document.querySelector('video');
    const look = () => {
      if (media.readyState >= 2) resolve('loaded');
      else if (media.error !== null || media.networkState === 3) resolve('blocked');
      else setTimeout(look, 20);
    };
    look();
  })`;
  assert.equal(await ask(site, heard, 'tone.wav'), 'loaded');
});

test('an SVG with script, and a script that looks like a page, run nothing when they are opened alone', async () => {
  assert.equal(await ask(site, 'document.documentElement.id', 'evil.svg'), '');
  assert.notEqual(await ask(site, 'document.title', 'evil.js'), 'ran');
});

/** What a classic worker of this site says of itself. */
function inWorker(from: Site): Promise<unknown> {
  const name = JSON.stringify(`${elsewhere.url}data.json`);
  return ask(from, `saidBy(new Worker(allowed('/classic.js'), { name: ${name} }))`);
}

/** What an expression comes to in a page. */
async function ask(from: Site, expression: string, path = ''): Promise<unknown> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(from.url + path);
  // A worker that is stopped says nothing at all.
  const silence = setTimeout(() => void context.close(), SILENCE_MS);
  try {
    return await page.evaluate(expression);
  } finally {
    clearTimeout(silence);
    await context.close();
  }
}

/** `allowed` passes an address by Trusted Types; `saidBy` waits for the first message of a worker. */
const PAGE_SCRIPT = `
  const own = trustedTypes.createPolicy('workers', { createScriptURL: (address) => address });
  const allowed = (address) => own.createScriptURL(address);
  const saidBy = (worker) => new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = () => resolve('failed');
  });
  const throughServiceWorker = async () => {
    const workers = navigator.serviceWorker;
    await workers.register(allowed('/service.js'));
    await workers.ready;
    if (workers.controller === null) await new Promise((resolve) => { workers.oncontrollerchange = resolve; });
    const { said } = await (await fetch('/cached')).json();
    const image = await new Promise((resolve) => {
      const element = new Image();
      element.onload = () => resolve('shown');
      element.onerror = () => resolve('broken');
      element.src = '/through.svg';
      document.body.append(element);
    });
    return [said, image].join();
  };`;

/** A site under the layer; without directives one that has none, and that tells every origin. */
async function serve(directives: Record<string, readonly string[]> | undefined): Promise<Site> {
  let layer: Protector | undefined;
  let server: Server;
  if (directives === undefined) {
    server = createServer((request, response) => {
      response.setHeader('Access-Control-Allow-Origin', '*');
      sendFile(request.url, response);
    });
  } else {
    const policy = await loadPolicy({
      environment: 'development',
      secrets: fixedSecrets(TEST_SECRET),
      state: memory(),
      audit: { sink: () => undefined },
      csp: { directives },
    });
    const made = bulwark(policy);
    layer = made;
    server = made.createServer(
      made.handler((request, response) => {
        if (request.url !== '/') return sendFile(request.url, response);
        const { nonce } = bulwark.of(request);
        response.setHeader('Content-Type', 'text/html; charset=utf-8');
        response.end(
          `<!doctype html><title>Workers</title><body><script nonce="${nonce}">${PAGE_SCRIPT}</script>`,
        );
      }),
    );
  }
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      await layer?.close();
    },
  };
}

function sendFile(path: string | undefined, response: ServerResponse): void {
  const file = FILES[path ?? ''];
  if (file === undefined) {
    response.statusCode = 404;
    response.end();
    return;
  }
  response.setHeader('Content-Type', file[0]);
  response.end(file[1]);
}
