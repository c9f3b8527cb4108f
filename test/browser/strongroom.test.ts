/** A person goes through Strongroom in Chromium, by mouse and by keyboard, in the clear on localhost and behind TLS. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import {
  type RunningProgram,
  startProgram,
  temporaryDirectory,
} from '../../examples/strongroom/testing/running.ts';
import { startChromium } from './chromium.ts';
import { startTlsProxy, type TlsProxy } from './tls-proxy.ts';
import { startMailServer } from '../support/mail-server.ts';
import { Visitor } from '../support/visitor.ts';
import { freePort } from '../support/processes.ts';

const EMAIL = 'anna@example.com';
const PASSWORD = 'four words nobody else knows';
const SHOTS = join(import.meta.dirname, 'screenshots');

interface Site {
  readonly url: string;
  /** The path of the link that was mailed to an address. */
  readonly link: (email: string) => Promise<string>;
  readonly stop: () => Promise<void>;
}

async function onLocalhost(): Promise<Site> {
  const data = temporaryDirectory();
  const program: RunningProgram = await startProgram(data.path);
  return {
    url: program.url,
    link: (email) => new Visitor(program.url).mailedLink(email),
    stop: async () => {
      await program.stop();
      data.remove();
    },
  };
}

async function behindTls(): Promise<Site> {
  const data = temporaryDirectory();
  const mail = await startMailServer();
  const proxy: TlsProxy = await startTlsProxy();
  const url = `https://localhost:${proxy.port}`;
  const port = await freePort();
  const program = await startProgram(data.path, {
    PORT: String(port),
    NODE_ENV: 'production',
    BULWARK_SECRET: 'Zk8qV2nR5xT1yU4wE7rP0oI3aS6dF9gH-jK_lMbNcVzXwQeRt',
    SMTP_URL: mail.url,
    STRONGROOM_ORIGIN: url,
    STRONGROOM_TRUSTED_PROXIES: '127.0.0.1',
  });
  proxy.forwardTo(port);
  return {
    url,
    link: mail.link,
    stop: async () => {
      proxy.stop();
      await program.stop();
      await mail.stop();
      data.remove();
    },
  };
}

/** Everything a browser complains about: a refused script, a style, a cookie, an error. */
function watch(page: Page, complaints: string[]): void {
  page.on('console', (message) => {
    // A 401 after a revocation is what the test is about; Chromium logs every such answer.
    if (message.type() === 'error' && !/status of 40[13]/.test(message.text()))
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
}

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/login`);
  await page.getByLabel('Email').fill(EMAIL);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL('**/notes');
}

for (const [name, start] of Object.entries({ 'on http://localhost': onLocalhost, 'behind TLS': behindTls })) {
  describe(`Strongroom ${name}`, () => {
    let site: Site;
    let browser: Browser;
    let laptop: BrowserContext;
    let phone: BrowserContext;
    let page: Page;
    const complaints: string[] = [];

    before(async () => {
      site = await start();
      browser = await startChromium();
      laptop = await browser.newContext({ ignoreHTTPSErrors: true });
      phone = await browser.newContext({
        ignoreHTTPSErrors: true,
        viewport: { width: 360, height: 740 },
        colorScheme: 'dark',
      });
      page = await laptop.newPage();
      watch(page, complaints);
      mkdirSync(SHOTS, { recursive: true });
    });
    after(async () => {
      await browser?.close();
      await site?.stop();
    });

    const shoot = (from: Page, file: string): Promise<Buffer> =>
      from.screenshot({ path: join(SHOTS, `${name.replaceAll(/\W+/g, '-')}-${file}.png`), fullPage: true });

    test('a visitor is given no cookie', async () => {
      await page.goto(site.url);
      assert.deepEqual(await laptop.cookies(), []);
      await shoot(page, 'landing');
    });

    test('registers by keyboard alone', async () => {
      await page.goto(`${site.url}/register`);
      await page.getByLabel('Email').focus();
      await page.keyboard.type(EMAIL);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Look into your mail' }).waitFor();
      await page.goto(site.url + (await site.link(EMAIL)));
      await page.getByLabel('Password', { exact: true }).focus();
      await page.keyboard.type(PASSWORD);
      await shoot(page, 'choose-a-password');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/notes');
    });

    test('v5.0.0-3.3.1 is signed in by cookies that scripts cannot read', async () => {
      const cookies = await laptop.cookies();
      assert.deepEqual(cookies.map(({ name: one }) => one).toSorted(), ['__Host-known', '__Host-sid']);
      for (const cookie of cookies) assert.ok(cookie.secure && cookie.httpOnly && cookie.sameSite === 'Lax');
      assert.equal(await page.evaluate('document.cookie'), '');
    });

    test('writes a note, which is shown as it was written', async () => {
      const text = '<b onclick="x">Five o\'clock</b> & then';
      await page.getByLabel('New note').fill(text);
      await page.getByRole('button', { name: 'Save note' }).click();
      await page.getByText(text).waitFor();
      await shoot(page, 'notes');
    });

    test('sees both devices, and signs the other one out at once', async () => {
      const other = await phone.newPage();
      watch(other, complaints);
      await signIn(other, site.url);
      await shoot(other, 'notes-phone-dark');
      await other.goto(`${site.url}/account`);
      await shoot(other, 'account-phone-dark');
      await other.getByRole('button', { name: 'Set up an authenticator app' }).click();
      await other.locator('.qr img').waitFor();
      await shoot(other, 'authenticator-phone-dark');

      await page.goto(`${site.url}/account`);
      await shoot(page, 'account');
      const revoke = page.locator('form[action="/account/sessions/revoke"]');
      assert.equal(await revoke.count(), 1, 'this device has no such button');
      await revoke.getByRole('button').click();
      await page.waitForURL('**/account');
      assert.equal(await revoke.count(), 0);

      await other.goto(`${site.url}/notes`);
      assert.equal(new URL(other.url()).pathname, '/login');
      const answer = await other.request.get(`${site.url}/api/me`);
      assert.equal(answer.status(), 401);
    });

    test('signs out, and the way back shows nothing', async () => {
      await page.getByRole('button', { name: 'Sign out', exact: true }).click();
      await page.waitForURL('**/signed-out');
      assert.deepEqual(
        (await laptop.cookies()).map(({ name: one }) => one),
        ['__Host-known'],
      );
      await page.goBack();
      await page.goto(`${site.url}/notes`);
      assert.equal(new URL(page.url()).pathname, '/login');
      await shoot(page, 'login');
    });

    test('the browser had nothing to complain about', () => {
      assert.deepEqual(complaints, []);
    });

    test('an inline script that found its way into a page does not run', async () => {
      await page.goto(site.url);
      const ran = await page.evaluate(`(() => {
        const script = document.createElement('script');
        try {
          script.textContent = 'window.injected = true';
          document.body.append(script);
        } catch { /* Trusted Types refuse it sooner. */ }
        return window.injected === true;
      })()`);
      assert.equal(ran, false);
    });
  });
}
