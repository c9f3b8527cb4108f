/** The shop of examples/, started as its README says, in Chromium: all that a newcomer's application has goes through the policy. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { makeCertificate } from '../support/certificate.ts';
import { endProgram, freePort } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { startChromium } from './chromium.ts';
import { complaintsOf } from './complaints.ts';

const SHOP = join(import.meta.dirname, '../../examples/shop/shop.ts');
const KEY = 'bWFkZSB1cCBmb3IgYSBkZXZlbG9wZXIgYWxvbmUhIQ==';
const PASSWORD = 'four quiet words in a row';

let elsewhere: Server;
let partner: Server;
let shop: ChildProcess;
let url: string;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const folder = mkdtempSync(join(tmpdir(), 'shop-'));
let complaints: readonly string[] = [];
const fetched: string[] = [];
let log = '';

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const listening = (server: Server): Promise<unknown> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(undefined));
  });

before(async () => {
  elsewhere = createHttps(makeCertificate('localhost'), (request, response) => {
    fetched.push(request.url ?? '');
    response.setHeader('Access-Control-Allow-Origin', '*');
    if (request.url === '/font.css') {
      response.setHeader('Content-Type', 'text/css');
      response.end(
        '@font-face { font-family: Elsewhere; src: url(/font.woff2); } h1 { font-family: Elsewhere }',
      );
    } else {
      response.setHeader('Content-Type', 'text/html');
      response.end('<!doctype html><title>Map</title><p id="map">a map</p>');
    }
  });
  partner = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>Partner</title>');
  });
  await Promise.all([listening(elsewhere), listening(partner)]);
  const port = await freePort();
  url = `http://localhost:${port}`;
  shop = spawn(process.execPath, ['--conditions=bulwark-source', SHOP], {
    // Its data goes where it is started.
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NODE_ENV: 'development',
      PORT: String(port),
      PARTNER: `http://127.0.0.1:${portOf(partner)}`,
      MAPS: `https://localhost:${portOf(elsewhere)}`,
      FONTS: `https://localhost:${portOf(elsewhere)}`,
    },
  });
  for (const stream of [shop.stdout, shop.stderr])
    stream?.on('data', (text: Buffer) => {
      log += text.toString();
    });
  browser = await startChromium();
  context = await browser.newContext({ ignoreHTTPSErrors: true });
  page = await context.newPage();
  complaints = complaintsOf(page);
  await until(`the shop listens: ${log}`, async () => (await fetch(`${url}/healthz`)).status === 200);
});

after(async () => {
  await browser?.close();
  if (shop !== undefined) await endProgram(shop);
  for (const server of [elsewhere, partner]) {
    server?.closeAllConnections();
    server?.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

test('it takes less than 90 lines', () => {
  assert.ok(readFileSync(SHOP, 'utf8').trimEnd().split('\n').length < 90);
});

test('a visitor sees the page of ejs with its own scripts, and is led to the sign-in', async () => {
  await page.goto(`${url}/`);
  await page.getByText('Kettle: 3').waitFor();
  assert.equal(await page.locator('html').getAttribute('data-inline'), 'runs');
  await page.goto(`${url}/orders`);
  assert.equal(new URL(page.url()).pathname, '/login');
});

test('makes an account by mail, and comes back to the orders', async () => {
  await page.goto(`${url}/register`);
  await page.getByLabel('Email').fill('ann@example.com');
  await page.getByRole('button', { name: 'Send me the link' }).click();
  await page.getByRole('heading', { name: 'Look into your mail' }).waitFor();
  await until('the mail is there', async () => {
    await page.goto(`${url}/dev/mail`);
    return (await page.getByRole('link', { name: /register\/confirm/ }).count()) > 0;
  });
  await page
    .getByRole('link', { name: /register\/confirm/ })
    .first()
    .click();
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Your orders' }).waitFor();
});

test('a form and a sub-router: the order is taken, and its stock comes to an open page as an event', async () => {
  const watching = await context.newPage();
  await watching.goto(`${url}/`);
  await watching.getByText('Kettle: 3').waitFor();
  await page.getByRole('button', { name: 'Order', exact: true }).click();
  await page.getByText('Kettle Invoice').waitFor();
  await watching.getByText('Kettle: 2').waitFor();
  await watching.close();
});

test('a webhook: what its sender signed is taken, and what nobody signed is not', async () => {
  const body = JSON.stringify({ order: 0 });
  const time = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', Buffer.from(KEY, 'base64')).update(`msg_1.${time}.${body}`);
  const post = async (headers: Record<string, string>): Promise<number> =>
    (
      await fetch(`${url}/hooks/payments`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body,
      })
    ).status;
  assert.equal(await post({}), 401);
  const signed = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': time,
    'webhook-signature': `v1,${signature.digest('base64')}`,
  };
  assert.equal(await post(signed), 204);
  await page.reload();
  await page.getByText('Kettle, paid').waitFor();
});

test('a probe that knows no name of the shop is answered, and nothing else is under that', async () => {
  const asked = async (path: string): Promise<number | undefined> => {
    const [answer] = (await once(
      request(`${url}${path}`, { headers: { host: '10.0.0.7:8080' } }).end(),
      'response',
    )) as [IncomingMessage];
    answer.resume();
    return answer.statusCode;
  };
  assert.deepEqual([await asked('/healthz'), await asked('/')], [200, 421]);
});

test('a download is saved, and is for its owner alone', async () => {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Invoice' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'invoice.txt');
  assert.equal(readFileSync(await download.path(), 'utf8'), 'Kettle, paid\n');
  assert.equal((await fetch(`${url}/orders/0/invoice`)).status, 401);
});

test('JSON: a script of the page sends a review', async () => {
  await page.goto(`${url}/`);
  await page.getByLabel('Review').fill('It whistles.');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('Thank you.').waitFor();
});

test('a WebSocket knows who speaks, is refused to pages of others, and ends with the session', async () => {
  const script = `new Promise((resolve) => {
    const socket = globalThis.kept = new WebSocket('${url.replace('http', 'ws')}/live');
    socket.onopen = () => socket.send('hello');
    socket.onmessage = ({ data }) => resolve(data);
    socket.onerror = () => resolve('refused');
    socket.onclose = ({ code, reason }) => { globalThis.ended = code + ' ' + reason; };
  })`;
  assert.match(await page.evaluate<string>(script), / says hello$/);
  const stranger = await context.newPage();
  await stranger.goto(`http://127.0.0.1:${portOf(partner)}/`);
  assert.equal(await stranger.evaluate(script), 'refused');
  await stranger.close();
  const other = await context.newPage();
  await other.goto(`${url}/orders`);
  await other.getByRole('button', { name: 'Sign out' }).click();
  await other.getByRole('link', { name: 'Sign in' }).waitFor();
  await other.close();
  await until('the socket ends', async () => (await page.evaluate('globalThis.ended')) === '4401 signed out');
});

test('a page of the partner reads the public list, and a page of somebody else nothing', async () => {
  const read = `fetch('${url}/api/items').then(async (answer) => (await answer.json()).length, () => 'nothing')`;
  const tab = await context.newPage();
  await tab.goto(`http://127.0.0.1:${portOf(partner)}/`);
  assert.equal(await tab.evaluate(read), 2);
  await tab.goto(`https://localhost:${portOf(elsewhere)}/`);
  assert.equal(await tab.evaluate(read), 'nothing');
  await tab.close();
});

test('one page has a frame and fonts of others, and no other page has', async () => {
  fetched.length = 0;
  await page.goto(`${url}/find-us`);
  await page.frameLocator('iframe').locator('#map').waitFor();
  await until('the font is asked for', () => fetched.includes('/font.woff2'));
  assert.deepEqual(
    complaints.filter((one) => !one.includes('font')),
    [],
  );
  await page.goto(`${url}/`);
  await page.evaluate(`new Promise((resolve) => {
    document.addEventListener('securitypolicyviolation', resolve);
    const frame = document.createElement('iframe'); frame.src = 'https://localhost:${portOf(elsewhere)}/map';
    document.body.append(frame);
  })`);
});

test('every answer of the shop was judged, and nothing was refused that it does itself', () => {
  const events = log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => (JSON.parse(line) as { readonly event: string }).event);
  const refused = events.filter((event) => /^(?:malicious|sys_unprotected|sys_crash|sys_header)/.test(event));
  // What nobody signed, and the stranger's WebSocket.
  assert.deepEqual(refused, ['malicious_extraneous', 'malicious_cors']);
});
