/** The table of docs/guides/csp.md, in Chromium: each page is broken without its line, and works with it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer as createHttps, type Server as TlsServer } from 'node:https';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import type { Browser, BrowserContext } from 'playwright-core';
import { bulwark } from '../../src/adapters/node.ts';
import type { RouteOptions } from '../../src/policy/route.options.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { makeCertificate } from '../support/certificate.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';
import { until } from '../support/until.ts';
import { startChromium } from './chromium.ts';
import { tone } from './tone.ts';

const GUIDE = readFileSync(join(import.meta.dirname, '../../docs/guides/csp.md'), 'utf8');

interface Case {
  /** The line of the guide, with its hosts. */
  readonly line: string;
  /** `ELSEWHERE` is a host of somebody else. */
  readonly body: string;
  /** Resolves to true where the page works. */
  readonly works: string;
}

const loads = (selector: string): string => `new Promise((resolve) => {
  const element = document.querySelector('${selector}');
  element.addEventListener('load', () => resolve(true));
  element.addEventListener('error', () => resolve(false));
  document.addEventListener('securitypolicyviolation', () => resolve(false));
  setTimeout(() => resolve(false), 20000);
  element.src = element.dataset.src;
})`;

const CASES: Readonly<Record<string, Case>> = {
  fonts: {
    line: `csp: { 'style-src': ["'self'", "'nonce'", 'https://fonts.googleapis.com'], 'font-src': ["'self'", 'https://fonts.gstatic.com'] }`,
    body: '<link rel="stylesheet" href="ELSEWHERE/font.css"><p style="">text</p>',
    works: `document.fonts.load('12px Elsewhere').then((fonts) => fonts.length === 1, () => false)`,
  },
  player: {
    line: `csp: { 'frame-src': ['https://www.youtube-nocookie.com'] }`,
    body: '<iframe data-src="ELSEWHERE/frame"></iframe>',
    works: `new Promise((resolve) => {
      addEventListener('message', () => resolve(true));
      document.addEventListener('securitypolicyviolation', () => resolve(false));
      setTimeout(() => resolve(false), 20000);
      const frame = document.querySelector('iframe'); frame.src = frame.dataset.src;
    })`,
  },
  styles: {
    line: `csp: { 'style-src': ["'self'", "'nonce'", 'https://cdn.jsdelivr.net'] }`,
    body: '<link rel="stylesheet" href="ELSEWHERE/font.css"><p>text</p>',
    works: `getComputedStyle(document.querySelector('p')).color === 'rgb(255, 0, 0)'`,
  },
  images: {
    line: `csp: { 'img-src': ["'self'", 'data:', 'https://images.example.com'] }`,
    body: '<img alt="" data-src="ELSEWHERE/dot.svg">',
    works: loads('img'),
  },
  previews: {
    line: `csp: { 'img-src': ["'self'", 'data:', 'blob:'] }`,
    body: '<img alt="">',
    works: `new Promise((resolve) => {
      const image = document.querySelector('img');
      image.onload = () => resolve(true); image.onerror = () => resolve(false);
      image.src = URL.createObjectURL(new Blob(['<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'], { type: 'image/svg+xml' }));
    })`,
  },
  analytics: {
    line: `csp: { 'connect-src': ["'self'", 'https://stats.example.com'] }`,
    body: '<script nonce="NONCE" src="ELSEWHERE/script.js"></script>',
    works: `fetch('ELSEWHERE/data.json').then(() => globalThis.fromElsewhere === true, () => false)`,
  },
  media: {
    line: `csp: { 'media-src': ["'self'", 'https://media.example.com'] }`,
    body: '<audio data-src="ELSEWHERE/tone.wav"></audio>',
    works: `new Promise((resolve) => {
      const audio = document.querySelector('audio');
      audio.onloadedmetadata = () => resolve(true); audio.onerror = () => resolve(false);
      audio.src = audio.dataset.src;
    })`,
  },
  payment: {
    line: `csp: { 'frame-src': ['https://js.stripe.com', 'https://hooks.stripe.com'], 'connect-src': ["'self'", 'https://api.stripe.com'] }`,
    body: '<script nonce="NONCE" src="ELSEWHERE/script.js"></script><iframe data-src="ELSEWHERE/frame"></iframe>',
    works: `(async () => {
      const framed = new Promise((resolve) => {
        addEventListener('message', () => resolve(true));
        document.addEventListener('securitypolicyviolation', () => resolve(false));
        setTimeout(() => resolve(false), 20000);
      });
      const frame = document.querySelector('iframe'); frame.src = frame.dataset.src;
      const asked = await fetch('ELSEWHERE/data.json').then(() => true, () => false);
      return asked && await framed && globalThis.fromElsewhere === true;
    })()`,
  },
  checkout: {
    line: `csp: { 'form-action': ["'self'", 'https://checkout.stripe.com'] }`,
    body: '<form method="post" action="ELSEWHERE/frame"><button>Pay</button></form>',
    works: `new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective !== 'form-action'));
      setTimeout(() => resolve(false), 20000);
      document.querySelector('form').submit();
    })`,
  },
  maps: {
    line: `csp: { 'img-src': ["'self'", 'data:', 'https://tile.openstreetmap.org'], trustedTypes: false }, headers: { permissionsPolicy: { geolocation: ['self'] } }`,
    body: '<div id="map"></div>',
    works: `new Promise((resolve) => {
      const allowed = document.featurePolicy.allowsFeature('geolocation');
      try { document.querySelector('#map').innerHTML = '<img alt="">'; } catch { return resolve(false); }
      const image = document.querySelector('img');
      image.onload = () => resolve(allowed); image.onerror = () => resolve(false);
      image.src = 'ELSEWHERE/dot.svg';
    })`,
  },
  workers: {
    line: `csp: { 'worker-src': ["'self'", 'blob:'], dangerouslyAllow: ['worker-src blob:'], trustedTypes: false }`,
    body: '',
    works: `new Promise((resolve) => {
      try {
        const worker = new Worker(URL.createObjectURL(new Blob(['postMessage(1)'], { type: 'text/javascript' })));
        worker.onmessage = () => resolve(true); worker.onerror = () => resolve(false);
      } catch { resolve(false); }
      setTimeout(() => resolve(false), 20000);
    })`,
  },
  wasm: {
    line: `csp: { 'script-src': ["'nonce'", "'strict-dynamic'", "'wasm-unsafe-eval'"] }`,
    body: '',
    works: `WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)).then(() => true, () => false)`,
  },
  manifest: {
    line: `csp: { 'manifest-src': ["'self'"] }`,
    body: '<link rel="manifest" href="/app.webmanifest">',
    works: `MANIFEST`,
  },
};

const FILES: Readonly<Record<string, readonly [type: string, content: string | Buffer]>> = {
  '/font.css': ['text/css', '@font-face { font-family: Elsewhere; src: url(/font.woff2); } p { color: red }'],
  '/font.woff2': ['font/woff2', Buffer.alloc(0)],
  '/script.js': ['text/javascript', 'globalThis.fromElsewhere = true'],
  '/frame': ['text/html', '<script>parent.postMessage(1, "*")</script>'],
  '/dot.svg': ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
  '/data.json': ['application/json', '{}'],
  '/tone.wav': ['audio/wav', tone()],
};

let elsewhere: TlsServer;
let layer: ReturnType<typeof bulwark>;
let site: Server;
let browser: Browser;
let context: BrowserContext;
const fetched: string[] = [];
const origin = (): string => `https://localhost:${(elsewhere.address() as AddressInfo).port}`;

before(async () => {
  elsewhere = createHttps(makeCertificate('localhost'), (request, response) => {
    const [type, content] = FILES[request.url ?? ''] ?? ['text/plain', ''];
    fetched.push(request.url ?? '');
    response.setHeader('Content-Type', type);
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.end(content);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => {
    elsewhere.once('listening', resolve);
  });
  layer = bulwark({
    environment: 'development',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: () => undefined },
    routes: Object.fromEntries(
      Object.entries(CASES).map(([name, { line }]) => [`/with/${name}`, optionsOf(line)]),
    ),
  });
  site = layer.createServer(
    layer.handler((request, response) => {
      const name = request.url?.split('/').at(-1) ?? '';
      const { body } = CASES[name] ?? { body: '' };
      response.setHeader(
        'Content-Type',
        name.endsWith('.webmanifest') ? 'application/manifest+json' : 'text/html',
      );
      const html = body.replaceAll('ELSEWHERE', origin()).replaceAll('NONCE', bulwark.of(request).nonce);
      response.end(
        name.endsWith('.webmanifest') ? '{"name":"Shop"}' : `<!doctype html><title>Page</title>${html}`,
      );
    }),
  );
  site.listen(0, '127.0.0.1');
  await new Promise((resolve) => {
    site.once('listening', resolve);
  });
  browser = await startChromium();
  context = await browser.newContext({ ignoreHTTPSErrors: true });
});

after(async () => {
  await browser?.close();
  for (const server of [elsewhere, site]) {
    server?.closeAllConnections();
    server?.close();
  }
  await layer?.close();
});

/** The options of a line, with the stand-in for the hosts of others. */
function optionsOf(line: string): RouteOptions {
  const options = runInNewContext(`JSON.stringify({ ${line} })`) as string;
  return JSON.parse(options.replaceAll(/https:\/\/[\w.-]+/g, origin())) as RouteOptions;
}

async function works(path: string, { works: look }: Case): Promise<boolean> {
  const page = await context.newPage();
  try {
    await page.goto(`http://localhost:${(site.address() as AddressInfo).port}${path}`);
    if (look === 'MANIFEST') {
      const session = await context.newCDPSession(page);
      const { data } = await session.send('Page.getAppManifest');
      return data?.includes('Shop') === true;
    }
    return await page.evaluate<boolean>(look.replaceAll('ELSEWHERE', origin()));
  } finally {
    await page.close();
  }
}

for (const [name, one] of Object.entries(CASES)) {
  test(`${name}: broken without the line of the guide, and whole with it`, async () => {
    assert.ok(GUIDE.includes(`\`${one.line}\``), 'the line stands in the guide');
    assert.equal(await works(`/without/${name}`, one), false);
    const asked = ASKED_FOR[name];
    fetched.length = 0;
    // A page that has left for elsewhere cannot be asked any more.
    const seen = await works(`/with/${name}`, one).catch(() => false);
    if (asked === undefined) assert.equal(seen, true);
    else await until(`${asked} is asked for`, () => fetched.includes(asked));
  });
}

/** The stand-in has no font and no till: that they are asked for is what the policy decides. */
const ASKED_FOR: Readonly<Record<string, string>> = { fonts: '/font.woff2', checkout: '/frame' };

test('a script of elsewhere runs by its nonce, without any line', async () => {
  const page = await context.newPage();
  await page.goto(`http://localhost:${(site.address() as AddressInfo).port}/without/analytics`);
  assert.equal(await page.evaluate('globalThis.fromElsewhere'), true);
});
