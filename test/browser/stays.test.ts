/** Staying signed in, in Chromium at the width of a phone and by keyboard, and in Firefox; and a passkey that finds no room. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { SESSION_COOKIE } from '../../src/controls/sessions/session-cookie.ts';
import { type AccountSite, startAccountSite } from '../support/account-site.ts';
import { PASSWORD } from '../support/accounts.ts';
import { Visitor } from '../support/visitor.ts';
import { startChromium } from './chromium.ts';
import { Firefox } from './firefox.ts';
import { press, shoot, tabTo, type, watch } from './keyboard.ts';
import { addAuthenticator } from './virtual-authenticator.ts';

const EMAIL = 'ada@example.com';
const PHONE = { width: 360, height: 740 };

let site: AccountSite;
let browser: Browser;

before(async () => {
  const session = { perAccount: 1, whenFull: 'refuse' } as const;
  site = await startAccountSite(undefined, { session, accounts: { staySignedIn: '30d' } });
  browser = await startChromium();
  const ada = new Visitor(site.url);
  await ada.register(EMAIL, PASSWORD);
  await ada.submit('/account', '/logout');
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

/** Of the one account there is, so that there is room for another. */
async function endSessions(): Promise<void> {
  const [account] = await site.accountStore.after(undefined, 1);
  const { sessions } = site;
  for (const { idHash } of await sessions.list(account?.id ?? '', Date.now())) await sessions.revoke(idHash);
}

test('ticks the box, closes the browser, and is signed in when it opens again', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: PHONE });
  const page = await context.newPage();
  const complaints: string[] = [];
  watch(page, complaints);
  await page.goto(`${site.url}/secret`);
  await shoot(page, 'stay-sign-in');
  await type(page, 'Email', EMAIL);
  await type(page, 'Password', PASSWORD);
  await tabTo(page, 'Stay signed in here for 30 days');
  await page.keyboard.press('Space');
  await press(page, 'Sign in');
  await page.getByRole('heading', { name: 'For members' }).waitFor();
  await page.goto(`${site.url}/account`);
  await type(page, 'Name of this device', 'Ada <the> phone');
  await press(page, 'Save the name');
  await page.getByText('Ada <the> phone').first().waitFor();
  // Its session ended by itself: one that lives on would take the only place.
  await endSessions();
  await context.clearCookies({ name: SESSION_COOKIE });
  await page.goto(`${site.url}/secret`);
  await page.getByRole('heading', { name: 'For members' }).waitFor();
  await page.goto(`${site.url}/account`);
  await page.getByText('Stays signed in', { exact: true }).waitFor();
  await page.getByText('Ada <the> phone').first().waitFor();
  await shoot(page, 'stay-account');
  await press(page, 'Sign out');
  await page.goto(`${site.url}/secret`);
  assert.equal(new URL(page.url()).pathname, '/login');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('in Firefox: with the box a browser is signed in by its own cookie alone, and without it not', async () => {
  const firefox = await Firefox.start();
  try {
    for (const stays of [true, false]) {
      await endSessions();
      const tab = await firefox.tab();
      await tab.open(`${site.url}/login`);
      await tab.type('Email', EMAIL);
      await tab.type('Password', PASSWORD);
      if (stays) await tab.look(`document.querySelector('input[type=checkbox]').click()`);
      await tab.press('Sign in');
      await tab.arrives('/secret');
      await endSessions();
      const cookies = (await tab.cookies()).filter(({ name }) => name !== SESSION_COOKIE);
      const stay = cookies.find(({ name }) => name === '__Host-stay');
      assert.deepEqual(stay && [stay.httpOnly, stay.secure], stays ? [true, true] : undefined);
      const later = await firefox.tab();
      await later.takeCookies(cookies);
      await later.open(`${site.url}/secret`);
      await later.arrives(stays ? '/secret' : '/login');
    }
  } finally {
    await firefox.stop();
  }
});

test('a passkey signs in to stay, and one that finds no room says so', async () => {
  const context = await browser.newContext({ viewport: PHONE });
  const page = await context.newPage();
  const { devtools, authenticatorId } = await addAuthenticator(context, page);
  const touch = (enabled: boolean): Promise<unknown> =>
    devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
  await page.goto(`${site.url}/login`);
  await page.getByLabel('Email').fill(EMAIL);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { name: 'For members' }).waitFor();
  await page.goto(`${site.url}/account/passkeys/new`);
  await touch(true);
  await page.getByRole('button', { name: /passkey/i }).click();
  await page.waitForURL('**/account');
  await touch(false);
  // Another window of the same person, whose session lives elsewhere.
  await context.clearCookies({ name: SESSION_COOKIE });
  await page.goto(`${site.url}/login`);
  await page.getByLabel('Stay signed in here for 30 days').check();
  await touch(true);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.getByText('You are signed in in too many browsers').waitFor();
  await touch(false);
  await shoot(page, 'passkey-no-room');
  await endSessions();
  await touch(true);
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.getByRole('heading', { name: 'For members' }).waitFor();
  const names = (await context.cookies()).map(({ name }) => name);
  assert.ok(names.includes('__Host-stay'));
  await context.close();
});
