/** What the pages promise, in Firefox: the other tests of this folder drive Chromium. */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { bulwark, type View } from '../../src/adapters/node.ts';
import { SESSION_COOKIE } from '../../src/controls/sessions/session-cookie.ts';
import { Passwords } from '../../src/identity/passwords/passwords.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { type AccountSite, startAccountSite } from '../support/account-site.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';
import { until } from '../support/until.ts';
import { Firefox } from './firefox.ts';
import { type SlowLine, startSlowLine } from './slow-line.ts';

const EMAIL = 'ann@example.com';
const PASSWORD = 'four quiet words in a row';

let site: AccountSite;
let line: SlowLine;
let firefox: Firefox;

before(async () => {
  site = await startAccountSite();
  await site.accounts.create({ email: EMAIL, passwordHash: await new Passwords().hash(PASSWORD) });
  line = await startSlowLine(site.port);
  firefox = await Firefox.start();
});

after(async () => {
  await firefox?.stop();
  line?.stop();
  await site?.stop();
});

test('a button that is pressed twice signs in once, and the cookie of the session is kept from scripts', async () => {
  const tab = await firefox.tab();
  await tab.open(`${line.url}/login`);
  await tab.type('Email', EMAIL);
  await tab.type('Password', PASSWORD);
  const letGo = line.hold();
  await tab.press('Sign in', 2, (press) => until('the form is sent', () => line.seen.length === press));
  letGo();
  await tab.arrives('/secret');
  assert.equal(line.seen.filter((one) => one === 'POST /login').length, 2);
  const signIns = site.events.filter(({ event }) => event === 'authn_login_success');
  assert.equal(signIns.length, 1);
  const kept = (await tab.cookies()).find(({ name }) => name === SESSION_COOKIE);
  assert.deepEqual([kept?.httpOnly, kept?.secure, kept?.sameSite, kept?.path], [true, true, 'Lax', '/']);
  assert.equal(await tab.look(`document.cookie.includes('sid')`), false);
  // A form of a page is taken by where it comes from, and ends the session.
  await tab.open(`${site.url}/account`);
  await tab.press('Sign out');
  await tab.arrives('/signed-out');
  assert.ok(!(await tab.cookies()).some(({ name }) => name === SESSION_COOKIE));
});

test('without passkeys in the browser the page offers none, and shows no empty card', async () => {
  const tab = await firefox.tab();
  await tab.open(`${site.url}/login`);
  const [has, shown] = (await tab.look(
    `['PublicKeyCredential' in window, document.querySelector('[data-passkey]').hidden === false]`,
  )) as readonly boolean[];
  assert.equal(shown, has);
  assert.equal(
    await tab.look(`getComputedStyle(document.querySelector('[role=status]')).marginBottom`),
    '0px',
  );
});

test('fits a phone, in light and dark: nothing is wider than the window, and text stands out', async () => {
  const tab = await firefox.tab();
  await tab.resize(360, 740);
  for (const path of ['/login', '/register', '/reset']) {
    await tab.open(`${site.url}${path}`);
    assert.equal(await tab.look('document.documentElement.scrollWidth <= innerWidth'), true, path);
  }
  const style = (await tab.look(
    `((style) => [style.colorScheme, style.color, style.backgroundColor])(getComputedStyle(document.body))`,
  )) as readonly string[];
  assert.equal(style[0], 'light dark');
  assert.notEqual(style[1], style[2]);
});

test('a script with the nonce of the page runs, one that was injected does not', async () => {
  const layer = bulwark({
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: () => undefined },
  });
  const server = layer.createServer(
    layer.handler((request, response) => {
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end(pageOf(bulwark.of(request)));
    }),
  );
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => {
    server.once('listening', resolve);
  });
  const tab = await firefox.tab();
  await tab.open(`http://localhost:${(server.address() as AddressInfo).port}/`);
  assert.deepEqual(
    await tab.look(`['own', 'injected', 'handler'].map((id) => document.title.includes(id))`),
    [true, false, false],
  );
  server.closeAllConnections();
  server.close();
  await layer.close();
});

function pageOf({ nonce }: View): string {
  return `<!doctype html><html lang="en"><title>of</title>
    <script nonce="${nonce}">document.title += ' own';</script>
    <script>document.title += ' injected';</script>
    <script nonce="made-up">document.title += ' injected';</script>
    <img src="data:," alt="" onerror="document.title += ' handler'">`;
}
