/** The pages of accounts in Chromium, by keyboard alone: everything but passkeys with script switched off. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, CDPSession, Page, Request } from 'playwright-core';
import { decodeQR } from 'qr/decode.js';
import { oneTimeCode, timeStep } from '../../src/identity/mfa/totp-code.ts';
import { SESSION_COOKIE } from '../../src/controls/sessions/session-cookie.ts';
import { type AccountSite, mailedLink, startAccountSite } from '../support/account-site.ts';
import { fromBase32 } from '../support/base32.ts';
import { startChromium } from './chromium.ts';
import { press, shoot, type, watch } from './keyboard.ts';
import { addAuthenticator } from './virtual-authenticator.ts';

const EMAIL = 'ann@example.com';
const PASSWORD = 'four quiet words in a row';
const NEW_PASSWORD = 'some other five words instead';

let site: AccountSite;
let browser: Browser;

before(async () => {
  site = await startAccountSite();
  browser = await startChromium();
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

describe('without script, on a phone', () => {
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];
  let secret: Buffer;
  let recoveryCodes: readonly string[] = [];

  before(async () => {
    context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } });
    page = await context.newPage();
    watch(page, complaints);
  });

  after(() => context.close());

  test('makes an account by mail', async () => {
    await page.goto(`${site.url}/register`);
    await shoot(page, 'register');
    await type(page, 'Email', EMAIL);
    await press(page, 'Send me the link');
    await page.getByRole('heading', { name: 'Look into your mail' }).waitFor();
    await site.accounts.settled();
    await page.goto(`${site.url}/dev/mail`);
    await shoot(page, 'mail');
    await press(page, /register\/confirm\?token=/);
    await type(page, 'Password', 'short');
    await press(page, 'Create account');
    await page.getByRole('alert').waitFor();
    await shoot(page, 'choose-password-refused');
    await type(page, 'Password', PASSWORD);
    await press(page, 'Create account');
    await page.getByRole('heading', { name: 'For members' }).waitFor();
  });

  test('sets up an authenticator app by the QR code on the page, and keeps ten recovery codes', async () => {
    await page.goto(`${site.url}/account`);
    await shoot(page, 'account');
    await press(page, 'Set up an authenticator app');
    await shoot(page, 'authenticator-app');
    secret = secretIn(decodeQR(await pixelsOf(await page.locator('.qr img').getAttribute('src'))));
    await type(page, 'Code', oneTimeCode(secret, timeStep(Date.now())));
    await press(page, 'Turn it on');
    recoveryCodes = await page.locator('.codes code').allTextContents();
    assert.equal(recoveryCodes.length, 10);
    await shoot(page, 'recovery-codes');
    await press(page, 'I have kept them');
    await page.getByText('Authenticator app: on').waitFor();
  });

  test('signs in again with a recovery code, once', async () => {
    await context.clearCookies();
    for (const outcome of ['/secret', '/login/code']) {
      await context.clearCookies({ name: SESSION_COOKIE });
      await page.goto(`${site.url}/login`);
      await type(page, 'Email', EMAIL);
      await type(page, 'Password', PASSWORD);
      await press(page, 'Sign in');
      await shoot(page, 'second-step');
      await type(page, 'Code', recoveryCodes[0] ?? '');
      await press(page, 'Continue');
      assert.equal(new URL(page.url()).pathname, outcome);
    }
    await page.getByText('That code does not work').waitFor();
  });

  test('chooses a new password by mail, and is signed out everywhere', async () => {
    await page.goto(`${site.url}/login`);
    await shoot(page, 'sign-in');
    await press(page, 'Forgot your password?');
    await type(page, 'Email', EMAIL);
    await press(page, 'Send me the link');
    await page.goto(site.url + (await mailedLink(site, EMAIL)));
    await type(page, 'Password', NEW_PASSWORD);
    await press(page, 'Change password');
    await page.getByRole('heading', { name: 'Your password is changed' }).waitFor();
    await press(page, 'Sign in');
    await type(page, 'Email', EMAIL);
    await type(page, 'Password', PASSWORD);
    await press(page, 'Sign in');
    await page.getByText('do not go together').waitFor();
    await shoot(page, 'sign-in-refused');
    await type(page, 'Password', NEW_PASSWORD);
    await press(page, 'Sign in');
    await type(page, 'Code', recoveryCodes[1] ?? '');
    await press(page, 'Continue');
    await page.getByRole('heading', { name: 'For members' }).waitFor();
  });

  test('signs out everywhere else with one button', async () => {
    const other = await browser.newContext();
    const tab = await other.newPage();
    await tab.goto(`${site.url}/login`);
    await tab.getByLabel('Email').fill(EMAIL);
    await tab.getByLabel('Password').fill(NEW_PASSWORD);
    await tab.getByRole('button', { name: 'Sign in', exact: true }).click();
    await tab.getByLabel('Code').fill(recoveryCodes[2] ?? '');
    await tab.getByRole('button', { name: 'Continue' }).click();
    await tab.getByRole('heading', { name: 'For members' }).waitFor();
    await page.goto(`${site.url}/account`);
    await shoot(page, 'account-full');
    await press(page, 'Sign out everywhere else');
    await tab.goto(`${site.url}/secret`);
    assert.equal(new URL(tab.url()).pathname, '/login');
    await other.close();
  });

  test('no page broke its content security policy', () => {
    assert.deepEqual(complaints, []);
  });

  /** What a camera sees of an image: drawn by a browser, since the page itself runs no script. */
  async function pixelsOf(
    source: string | null,
  ): Promise<{ width: number; height: number; data: Uint8Array }> {
    const drawing = await browser.newPage();
    const data = (await drawing.evaluate(`(async () => {
      const image = new Image(400, 400);
      image.src = ${JSON.stringify(source)};
      await image.decode();
      const pen = Object.assign(document.createElement('canvas'), { width: 400, height: 400 }).getContext('2d');
      pen.drawImage(image, 0, 0, 400, 400);
      return pen.getImageData(0, 0, 400, 400).data.reduce((text, byte) => text + (byte > 127 ? '1' : '0'), '');
    })()`)) as string;
    await drawing.close();
    return { width: 400, height: 400, data: Uint8Array.from(data, (bit) => (bit === '1' ? 255 : 0)) };
  }
});

describe('with passkeys', () => {
  let context: BrowserContext;
  let page: Page;
  let devtools: CDPSession;
  let authenticatorId = '';
  const complaints: string[] = [];

  before(async () => {
    context = await browser.newContext();
    page = await context.newPage();
    watch(page, complaints);
    ({ devtools, authenticatorId } = await addAuthenticator(context, page));
  });

  after(() => context.close());

  async function touch(enabled: boolean): Promise<void> {
    await devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
  }

  test('a sign-in page that somebody looks at posts nothing and leaves no cookie (past failure 23)', async () => {
    const asked: string[] = [];
    const note = (request: Request): void =>
      void asked.push(`${request.method()} ${new URL(request.url()).pathname}`);
    page.on('request', note);
    const options = page.waitForResponse(`${site.url}/login/passkey/options`);
    await page.goto(`${site.url}/login`);
    assert.equal((await options).status(), 200);
    page.off('request', note);
    assert.deepEqual(
      asked.filter((one) => !one.startsWith('GET ')),
      [],
    );
    assert.deepEqual(await context.cookies(), []);
  });

  test('makes a passkey, signs in with it and no password, and removes it', async () => {
    await page.goto(`${site.url}/register`);
    await type(page, 'Email', 'pat@example.com');
    await press(page, 'Send me the link');
    await page.goto(site.url + (await mailedLink(site, 'pat@example.com')));
    await type(page, 'Password', PASSWORD);
    await press(page, 'Create account');
    await page.goto(`${site.url}/account`);
    await press(page, 'Add a passkey');
    await touch(true);
    await press(page, 'Make the passkey');
    await page.getByText('My passkey').first().waitFor();
    await touch(false);

    await context.clearCookies();
    // It answers the autofill as soon as the page asks.
    await touch(true);
    await page.goto(`${site.url}/login`);
    await page.getByRole('heading', { name: 'For members' }).waitFor();
    await touch(false);

    await page.goto(`${site.url}/account`);
    await press(page, 'Remove My passkey');
    assert.equal(await page.getByRole('button', { name: 'Remove My passkey' }).count(), 0);
    assert.deepEqual(complaints, []);
  });
});

function secretIn(uri: string): Buffer {
  return fromBase32(new URL(uri).searchParams.get('secret') ?? '');
}
