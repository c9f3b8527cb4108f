/**
 * The newcomer's shop as it was written with helmet, express-session, csurf and express-rate-limit (test/init/shop), moved by
 * `bulwark init --from`, in Chromium and in Firefox: it does without them what it did.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { makeCertificate } from '../support/certificate.ts';
import { endProgram, freePort } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { startChromium } from './chromium.ts';
import { complaintsOf } from './complaints.ts';
import { Firefox, type Tab } from './firefox.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Inside of the repository, where packages are found; named by the process, since several may run at once. */
const FOLDER = join(ROOT, 'test/.init', `shop-${process.pid}`);
const FROM = 'helmet,express-session,csurf,express-rate-limit';
const SOURCE = '--conditions=bulwark-source';
const SECRET = 'made up for a developer alone';

let partner: Server;
let stranger: Server;
let shop: ChildProcess;
let url: string;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let firefox: Firefox;
let tab: Tab;
let others: Server;
let said = '';
let log = '';
let complaints: readonly string[] = [];

const originOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function pageOf(title: string): Promise<Server> {
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<!doctype html><title>${title}</title>`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

before(async () => {
  mkdirSync(FOLDER, { recursive: true });
  cpSync(join(ROOT, 'test/init/shop'), FOLDER, { recursive: true });
  const command = [SOURCE, join(ROOT, 'src/cli/bulwark.ts'), 'init', FOLDER, '--yes', '--from', FROM];
  said = execFileSync(process.execPath, command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  [partner, stranger] = await Promise.all([pageOf('Partner'), pageOf('Stranger')]);
  const port = await freePort();
  url = `http://localhost:${port}`;
  shop = spawn(process.execPath, [SOURCE, 'server.js'], {
    cwd: FOLDER,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'development', PORT: String(port), PARTNER: originOf(partner) },
  });
  for (const stream of [shop.stdout, shop.stderr])
    stream?.on('data', (text: Buffer) => {
      log += text.toString();
    });
  // Hosts of an example are nowhere: Firefox finds both here, as Chromium is given their answers below.
  others = createHttps(makeCertificate('maps.example.com', 'ec', ['fonts.example.com']), (asked, answer) => {
    answer.setHeader('Content-Type', asked.url === '/map' ? 'text/html' : 'text/css');
    answer.end(asked.url === '/map' ? '<!doctype html><p id="map">a map</p>' : 'h1 { letter-spacing: 3px }');
  }).listen(0, '127.0.0.1');
  await once(others, 'listening');
  const preferences = {
    'network.dns.localDomains': 'maps.example.com,fonts.example.com',
    'network.socket.forcePort': `443=${(others.address() as AddressInfo).port}`,
  };
  [browser, firefox] = await Promise.all([startChromium(), Firefox.start({ trusting: true, preferences })]);
  tab = await firefox.tab(FOLDER);
  context = await browser.newContext();
  await context.route('https://maps.example.com/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><p id="map">a map</p>' }),
  );
  await context.route('https://fonts.example.com/**', (route) =>
    route.fulfill({ contentType: 'text/css', body: 'h1 { letter-spacing: 3px }' }),
  );
  page = await context.newPage();
  complaints = complaintsOf(page);
  await until('the shop listens', async () => {
    if (shop.exitCode !== null) throw new Error(log);
    return (await fetch(`${url}/healthz`)).status === 200;
  });
});

after(async () => {
  await browser?.close();
  await firefox?.stop();
  if (shop !== undefined) await endProgram(shop);
  for (const server of [partner, stranger, others]) {
    server?.closeAllConnections();
    server?.close();
  }
  rmSync(FOLDER, { recursive: true, force: true });
});

test('nothing is left of the four packages, and nothing was for a person to write', () => {
  for (const file of ['server.js', 'orders.js'])
    assert.doesNotMatch(
      readFileSync(join(FOLDER, file), 'utf8'),
      /helmet|express-session|csurf|rate-?limit|req\.session/i,
    );
  // The command ends with 1 where a place is left, and execFileSync throws then.
  assert.equal(said, '');
});

test('a visitor is counted, and sees the page of ejs with its script, under the headers of helmet', async () => {
  const answer = await page.goto(url);
  await page.getByText('nobody, visit 1').waitFor();
  await page.reload();
  await page.getByText('nobody, visit 2').waitFor();
  await page.getByText('Kettle: 3').waitFor();
  const headers = answer?.headers() ?? {};
  assert.match(
    headers['content-security-policy'] ?? '',
    /script-src 'self';.*frame-src https:\/\/maps\.example\.com/,
  );
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal((await fetch(`${url}/orders`)).status, 401);
});

test('a form of another site signs nobody in, and the own one does, under a new id', async () => {
  const guest = await context.newPage();
  await guest.goto(originOf(stranger));
  await guest.evaluate(`{
    const form = document.createElement('form');
    form.method = 'post'; form.action = '${url}/login';
    form.innerHTML = '<input name="username" value="ann"><input name="password" value="four quiet words">';
    document.body.append(form);
  }`);
  const [refused] = await Promise.all([
    guest.waitForResponse(`${url}/login`),
    guest.evaluate('document.forms[0].submit()'),
  ]);
  // Its place is taken from the first run on.
  assert.equal(refused.status(), 403);
  await guest.close();
  const idOf = async (): Promise<string> =>
    (await context.cookies(url)).find(({ name }) => name.endsWith('sid'))?.value ?? '';
  const planted = await idOf();
  await page.getByLabel('Name').fill('ann');
  await page.getByLabel('Password').fill('four quiet words');
  await page.getByRole('button', { name: 'Sign in' }).click();
  // What was kept before is forgotten with the old id, as regenerate() had it.
  await page.getByText('ann, visit 1').waitFor();
  assert.notEqual(planted, '');
  assert.notEqual(await idOf(), planted);
});

test('a form and a sub-router: the order is taken, and its stock comes to an open page as an event', async () => {
  const watching = await context.newPage();
  await watching.goto(url);
  await watching.getByText('Kettle: 3').waitFor();
  await page.goto(`${url}/orders`);
  await page.getByText('Last: nothing').waitFor();
  await page.getByRole('button', { name: 'Order', exact: true }).click();
  await page.getByText('Last: Kettle').waitFor();
  await watching.getByText('Kettle: 2').waitFor();
  await watching.close();
});

test('a webhook: what its sender signed is taken, and what nobody signed is not', async () => {
  const body = JSON.stringify({ order: 0 });
  const post = async (signature: string): Promise<number> => {
    const headers = { 'Content-Type': 'application/json', 'X-Signature': signature };
    return (await fetch(`${url}/hooks/payments`, { method: 'POST', headers, body })).status;
  };
  assert.equal(await post(''), 401);
  assert.equal(await post(createHmac('sha256', SECRET).update(body).digest('hex')), 204);
  await page.reload();
  await page.getByText('Kettle, paid').waitFor();
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

/** Says hello over a WebSocket, and what comes back. */
const hello = (): string => `new Promise((resolve) => {
    const socket = new WebSocket('${url.replace('http', 'ws')}/live');
    socket.onopen = () => socket.send('hello');
    socket.onmessage = ({ data }) => resolve(data);
    socket.onerror = () => resolve('refused');
  })`;

test('JSON with a token in a header, and a WebSocket', async () => {
  await page.goto(url);
  await page.getByLabel('Review').fill('It whistles.');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('Thank you.').waitFor();
  assert.equal(await page.evaluate(hello()), 'the shop hears hello');
});

test('a page of the partner reads the public list, and a page of somebody else nothing', async () => {
  const read = `fetch('${url}/api/items').then(async (answer) => (await answer.json()).length, () => 'nothing')`;
  const guest = await context.newPage();
  await guest.goto(originOf(partner));
  assert.equal(await guest.evaluate(read), 2);
  await guest.goto(originOf(stranger));
  assert.equal(await guest.evaluate(read), 'nothing');
  await guest.close();
});

test('a frame and fonts of others, a probe by another name, and nothing that the console complains of', async () => {
  await page.goto(`${url}/find-us`);
  await page.frameLocator('iframe').locator('#map').waitFor();
  assert.equal(await page.evaluate("getComputedStyle(document.querySelector('h1')).letterSpacing"), '3px');
  const probe = request(`${url}/healthz`, { headers: { host: '10.0.0.7:8080' } }).end();
  const [answer] = (await once(probe, 'response')) as [IncomingMessage];
  answer.resume();
  assert.equal(answer.statusCode, 200);
  assert.deepEqual(complaints, []);
});

test('who signed out is out: a copy of the cookie opens nothing', async () => {
  const kept = await context.cookies(url);
  await page.goto(`${url}/orders`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('nobody, visit 1').waitFor();
  await context.addCookies(kept);
  assert.equal((await page.goto(`${url}/orders`))?.status(), 401);
});

test('in Firefox a visitor is counted, signs in by the own form alone, and is given a new id', async () => {
  const heard = tab.complaints();
  await tab.open(url);
  await tab.sees('nobody, visit 1');
  await tab.reload();
  await tab.sees('nobody, visit 2');
  const idOf = async (): Promise<string> =>
    (await tab.cookies()).find(({ name }) => name.endsWith('sid'))?.value ?? '';
  const planted = await idOf();
  const visit = await tab.another();
  await visit.open(originOf(stranger));
  await visit.look(`void (() => {
    const form = document.createElement('form');
    form.method = 'post'; form.action = '${url}/login';
    form.innerHTML = '<input name="username" value="ann"><input name="password" value="four quiet words">';
    document.body.append(form);
    form.submit();
  })()`);
  await visit.arrives('/login');
  await visit.close();
  await tab.reload();
  await tab.sees('nobody, visit 3');
  await tab.type('Name', 'ann');
  await tab.type('Password', 'four quiet words');
  await tab.press('Sign in');
  await tab.sees('ann, visit 1');
  assert.notEqual(planted, '');
  assert.notEqual(await idOf(), planted);
  assert.deepEqual(heard, []);
});

test('in Firefox an order, a download, JSON, a WebSocket, a frame and fonts of others; and a copied cookie opens nothing', async () => {
  const heard = tab.complaints();
  const watching = await tab.another();
  await watching.open(url);
  await watching.sees('Kettle: 2');
  await tab.open(`${url}/orders`);
  await tab.press('Order');
  await tab.sees('Last: Kettle');
  await watching.sees('Kettle: 1');
  await watching.close();
  const follow = (one: Tab): Promise<void> => one.follow('Invoice');
  const saved = await tab.download(`${url}/orders`, follow, join(FOLDER, 'invoice.txt'), '\n');
  assert.equal(saved, 'Kettle, paid\n');
  await tab.open(url);
  await tab.type('Review', 'It whistles.');
  await tab.press('Send');
  await tab.sees('Thank you.');
  assert.equal(await tab.look(hello()), 'the shop hears hello');
  await tab.open(`${url}/find-us`);
  assert.equal(await tab.look("getComputedStyle(document.querySelector('h1')).letterSpacing"), '3px');
  assert.deepEqual(heard, []);
  const copied = await tab.cookies();
  await tab.open(`${url}/orders`);
  await tab.press('Sign out');
  await tab.sees('nobody, visit 1');
  await tab.takeCookies(copied);
  assert.equal(await tab.open(`${url}/orders`), 401);
});

test('guessing ends at the limit of express-rate-limit', async () => {
  const tries: number[] = [];
  for (let count = 0; count < 6; count += 1) {
    const form = { username: 'eve', password: 'x' };
    const init = { method: 'POST', headers: { Origin: url }, body: new URLSearchParams(form) };
    tries.push((await fetch(`${url}/login`, init)).status);
  }
  assert.equal(tries.at(-1), 429);
});
