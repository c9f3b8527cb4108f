/** The shop of examples/, started as its README says, in Chromium and in Firefox: all that a newcomer's application has goes through the policy. */
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
import { Firefox, type Tab } from './firefox.ts';

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
let firefox: Firefox;
let tab: Tab;
const folder = mkdtempSync(join(tmpdir(), 'shop-'));
let complaints: readonly string[] = [];
let firefoxComplaints: readonly string[] = [];
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
  [browser, firefox] = await Promise.all([startChromium(), Firefox.start({ trusting: true })]);
  tab = await firefox.tab(folder);
  firefoxComplaints = tab.complaints();
  context = await browser.newContext({ ignoreHTTPSErrors: true });
  page = await context.newPage();
  complaints = complaintsOf(page);
  await until(`the shop listens: ${log}`, async () => (await fetch(`${url}/healthz`)).status === 200);
});

after(async () => {
  await browser?.close();
  await firefox?.stop();
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

/** Says hello, and keeps what ends it. */
const speak = (): string => `new Promise((resolve) => {
    const socket = globalThis.kept = new WebSocket('${url.replace('http', 'ws')}/live');
    socket.onopen = () => socket.send('hello');
    socket.onmessage = ({ data }) => resolve(data);
    socket.onerror = () => resolve('refused');
    socket.onclose = ({ code, reason }) => { globalThis.ended = code + ' ' + reason; };
  })`;

test('a WebSocket knows who speaks, is refused to pages of others, and ends with the session', async () => {
  assert.match(await page.evaluate<string>(speak()), / says hello$/);
  const stranger = await context.newPage();
  await stranger.goto(`http://127.0.0.1:${portOf(partner)}/`);
  assert.equal(await stranger.evaluate(speak()), 'refused');
  await stranger.close();
  const other = await context.newPage();
  await other.goto(`${url}/orders`);
  await other.getByRole('button', { name: 'Sign out' }).click();
  await other.getByRole('link', { name: 'Sign in' }).waitFor();
  await other.close();
  await until('the socket ends', async () => (await page.evaluate('globalThis.ended')) === '4401 signed out');
});

const read = (): string =>
  `fetch('${url}/api/items').then(async (answer) => (await answer.json()).length, () => 'nothing')`;

test('a page of the partner reads the public list, and a page of somebody else nothing', async () => {
  const guest = await context.newPage();
  await guest.goto(`http://127.0.0.1:${portOf(partner)}/`);
  assert.equal(await guest.evaluate(read()), 2);
  await guest.goto(`https://localhost:${portOf(elsewhere)}/`);
  assert.equal(await guest.evaluate(read()), 'nothing');
  await guest.close();
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

test('in Firefox a visitor makes an account by mail, and orders: the stock comes to an open page as an event', async () => {
  await tab.open(`${url}/`);
  assert.equal(await tab.look('document.documentElement.dataset.inline'), 'runs');
  await tab.open(`${url}/register`);
  await tab.type('Email', 'bea@example.com');
  await tab.press('Send me the link');
  await tab.sees('Look into your mail');
  const link = `[...document.querySelectorAll('a')].find((one) => one.textContent.includes('register/confirm'))?.textContent`;
  await until('the mail is there', async () => {
    await tab.open(`${url}/dev/mail`);
    return /register\/confirm/.test(String(await tab.look(link)));
  });
  await tab.open(String(await tab.look(link)));
  await tab.type('Password', PASSWORD);
  await tab.press('Create account');
  await tab.arrives('/orders');
  const watching = await tab.another();
  await watching.open(`${url}/`);
  await watching.sees('Kettle: 2');
  await tab.press('Order');
  await tab.sees('Kettle Invoice');
  await watching.sees('Kettle: 1');
  await watching.close();
});

test('in Firefox a download, JSON and a WebSocket, which strangers have not and which ends with the session', async () => {
  const follow = (one: Tab): Promise<void> => one.follow('Invoice');
  const saved = await tab.download(`${url}/orders`, follow, join(folder, 'invoice.txt'), '\n');
  assert.equal(saved, 'Kettle, to be paid\n');
  await tab.open(`${url}/`);
  await tab.type('Review', 'It whistles.');
  await tab.press('Send');
  await tab.sees('Thank you.');
  assert.match(String(await tab.look(speak())), / says hello$/);
  const other = await tab.another();
  await other.open(`http://127.0.0.1:${portOf(partner)}/`);
  assert.deepEqual([await other.look(read()), await other.look(speak())], [2, 'refused']);
  await other.open(`https://localhost:${portOf(elsewhere)}/`);
  assert.equal(await other.look(read()), 'nothing');
  await other.open(`${url}/orders`);
  await other.press('Sign out');
  await other.sees('Sign in');
  await other.close();
  await tab.becomes("globalThis.ended === '4401 signed out'");
});

test('in Firefox one page has a frame and fonts of others, no other page has, and nothing else is blocked', async () => {
  fetched.length = 0;
  await tab.open(`${url}/find-us`);
  await until('both are asked for', () => ['/map', '/font.woff2'].every((one) => fetched.includes(one)));
  assert.deepEqual(
    firefoxComplaints.filter((one) => !one.includes('font')),
    [],
  );
  await tab.open(`${url}/`);
  const map = `https://localhost:${portOf(elsewhere)}/map`;
  await tab.look(`new Promise((resolve) => {
    document.addEventListener('securitypolicyviolation', () => resolve());
    const frame = document.createElement('iframe'); frame.src = '${map}';
    document.body.append(frame);
  })`);
  await until('it is told', () =>
    firefoxComplaints.some((one) => one.includes('frame-src') && one.includes(map)),
  );
});

test('every answer of the shop was judged, and nothing was refused that it does itself', () => {
  const events = log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => (JSON.parse(line) as { readonly event: string }).event);
  const refused = events.filter((event) => /^(?:malicious|sys_unprotected|sys_crash|sys_header)/.test(event));
  // What nobody signed, and the stranger's WebSocket in each browser.
  assert.deepEqual(refused, ['malicious_extraneous', 'malicious_cors', 'malicious_cors']);
});
