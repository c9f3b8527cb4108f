/** Device-bound sessions in Chromium, whose keys are in software here: its owner notices nothing, and a thief gets nothing. */
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, mock, test } from 'node:test';
import express from 'express';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { accountPages } from '../../src/adapters/account-pages.ts';
import { bulwark } from '../../src/adapters/express.ts';
import { PROBLEMS } from '../../src/core/problem-types.ts';
import { type AccountSite, MEMBERS, startAccountSite } from '../support/account-site.ts';
import { makeCertificate } from '../support/certificate.ts';
import { until } from '../support/until.ts';
import { startChromium } from './chromium.ts';
import { Firefox } from './firefox.ts';

const EMAIL = 'ann@example.com';
const PASSWORD = 'four quiet words in a row';
const PROOF = '__Host-bound';
const FEATURES = 'DeviceBoundSessions,EnableBoundSessionCredentialsSoftwareKeysForManualTesting';

let browser: Browser;
let thiefs: Browser;
let site: AccountSite;
let elsewhere: Server;
let owner: BrowserContext;
let page: Page;
/** Calls of the browser that no page sees, in order. */
const calls: string[] = [];
let isDown = false;
/** The time of the test goes ahead of the clock by so much. */
let ahead = 0;

const url = (path: string): string => `https://localhost:${site.port}${path}`;
const seen = (name: string): number => site.events.filter(({ event }) => event === name).length;
const cookies = async (context: BrowserContext): Promise<readonly string[]> =>
  (await context.cookies()).map(({ name }) => name);

before(async () => {
  const { now } = Date;
  mock.method(Date, 'now', () => now() + ahead);
  const tls = makeCertificate('localhost');
  const spki = new X509Certificate(tls.cert).publicKey.export({ type: 'spki', format: 'der' });
  const pin = `--ignore-certificate-errors-spki-list=${createHash('sha256').update(spki).digest('base64')}`;
  site = await startAccountSite(
    (policy, prepare) => {
      const layer = bulwark(policy);
      prepare(layer);
      const app = express();
      app.use(layer);
      app.use(accountPages(layer));
      app.get('/secret', (_request, response) => void response.send(MEMBERS));
      app.get('/script', (request, response) => {
        response.json({ bound: bulwark.of(request).session.deviceBound });
      });
      return { layer, server: layer.createServer(app, tls) };
    },
    {
      session: { deviceBound: 'enforce' },
      routes: { '/secret': { require: 'signed-in' }, '/script': { require: { deviceBound: true } } },
      guards: [
        {
          after: 'host',
          guard: {
            name: 'outage',
            mode: 'enforce',
            onRequest: ({ path, request }) => {
              if (!path.startsWith('/-/device/')) return undefined;
              calls.push(
                `${path} ${request.headers['secure-session-response'] === undefined ? 'asks' : 'proves'}`,
              );
              return isDown ? { ...PROBLEMS.unavailable, detail: 'Later.' } : undefined;
            },
          },
        },
      ],
    },
  );
  const passwordHash = await site.accounts.passwords.hash(PASSWORD);
  await site.accounts.create({ email: EMAIL, passwordHash });
  elsewhere = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(
      `<!doctype html><title>Elsewhere</title><a href="${url('/secret?from=elsewhere')}">there</a>`,
    );
  });
  await new Promise<void>((resolve) => {
    elsewhere.listen(0, '127.0.0.1', resolve);
  });
  [browser, thiefs] = await Promise.all([
    startChromium([`--enable-features=${FEATURES}`, pin]),
    startChromium([pin]),
  ]);
  owner = await browser.newContext();
  page = await owner.newPage();
});

after(async () => {
  await browser?.close();
  await thiefs?.close();
  elsewhere?.closeAllConnections();
  elsewhere?.close();
  await site?.stop();
  mock.restoreAll();
});

/** As when a lid was closed for an hour. */
async function dropProof(): Promise<void> {
  await owner.clearCookies({ name: PROOF });
  assert.ok(!(await cookies(owner)).includes(PROOF));
  calls.length = 0;
}

test('a sign-in is bound to the device, and the page of the account says so', async () => {
  await page.goto(url('/login'));
  await page.getByLabel('Email').fill(EMAIL);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { name: 'For members' }).waitFor();
  await until('the session is bound', async () => (await cookies(owner)).includes(PROOF));
  assert.deepEqual([seen('session_device_bound'), calls], [1, ['/-/device/register proves']]);
  ahead += 60_000;
  await page.goto(url('/account'));
  await page.getByText('Bound to its device').waitFor();
});

test('without its proof the browser makes one before it asks for the page, or for what a script wants', async () => {
  await dropProof();
  await page.goto(url('/secret'));
  await page.getByRole('heading', { name: 'For members' }).waitFor();
  assert.deepEqual(
    calls,
    ['/-/device/refresh proves'],
    'in one request, by the challenge that was sent ahead',
  );
  await dropProof();
  assert.deepEqual(await page.evaluate(`fetch('/script').then((answer) => answer.json())`), { bound: true });
  assert.deepEqual(calls, ['/-/device/refresh proves']);
});

test('a link on another site leads in, signed in', async () => {
  await page.goto(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`);
  await dropProof();
  await page.getByRole('link').click();
  await page.getByRole('heading', { name: 'For members' }).waitFor();
  assert.equal(page.url(), url('/secret?from=elsewhere'));
  assert.ok(calls.includes('/-/device/refresh proves'));
});

test('while proofs cannot be made nobody is signed out, nor told of a theft', async () => {
  await dropProof();
  isDown = true;
  assert.equal((await page.goto(url('/secret')))?.status(), 401);
  await page.getByText('Your browser could not show that it is yours').waitFor();
  assert.equal(new URL(page.url()).pathname, '/secret', 'not led to sign in');
  isDown = false;
  await page.goto(url('/secret'));
  await page.getByRole('heading', { name: 'For members' }).waitFor();
  assert.deepEqual([seen('session_proof_lost'), seen('session_misuse_refused')], [1, 0]);
});

test('a stolen cookie is refused in another browser, its owner is told, and notices nothing else', async () => {
  const session = (await owner.cookies()).find(({ name }) => name === '__Host-sid');
  assert.ok(session !== undefined);
  const thief = await thiefs.newContext();
  await thief.addCookies([session]);
  const tab = await thief.newPage();
  const answer = await tab.goto(url('/secret'));
  assert.equal(answer?.status(), 401);
  assert.ok(!(await tab.content()).includes('For members'));
  assert.equal((await tab.goto(url('/script')))?.status(), 401);
  assert.equal(seen('session_misuse_refused'), 1);
  await until('the owner has a mail', async () => {
    await site.accounts.settled();
    return site.mail.mails.some(({ to, subject }) => to === EMAIL && subject.includes('another device'));
  });
  calls.length = 0;
  await page.goto(url('/account'));
  await page.getByText('A session was tried on another device, and refused').waitFor();
  assert.deepEqual(calls, [], 'no new proof was asked for');
  await thief.close();
});

test('after a sign-out what the browser keeps is ended at its next call', async () => {
  await page.goto(url('/account'));
  await page.getByRole('button', { name: 'Sign out', exact: true }).first().click();
  await page.getByRole('heading', { name: /signed out/i }).waitFor();
  await dropProof();
  await page.goto(url('/login'));
  const before = [...calls];
  assert.ok(before.length < 2, before.join());
  await page.goto(url('/secret'));
  assert.equal(new URL(page.url()).pathname, '/login');
  assert.deepEqual([calls, seen('session_misuse_refused')], [before, 1]);
});

test('in Firefox, which has no such sessions (seen in 153.8), a sign-in goes on unbound, and what asks for it is refused', async (t) => {
  calls.length = 0;
  const firefox = await Firefox.start({ trusting: true });
  t.after(() => firefox.stop());
  const tab = await firefox.tab();
  await tab.open(url('/login'));
  await tab.type('Email', EMAIL);
  await tab.type('Password', PASSWORD);
  await tab.press('Sign in');
  await tab.arrives('/secret');
  assert.ok(!(await tab.cookies()).some(({ name }) => name === PROOF));
  assert.equal(await tab.open(url('/script')), 403);
  assert.deepEqual(calls, []);
});
