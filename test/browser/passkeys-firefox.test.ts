/**
 * Second factors on the account pages, in Firefox, with an authenticator of its own: set up, used, and removed. What Chromium is
 * asked besides, by a provider that waits for its touch, is in `passkeys.test.ts`.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { oneTimeCode, timeStep } from '../../src/identity/mfa/totp-code.ts';
import { type AccountSite, startAccountSite } from '../support/account-site.ts';
import { PASSWORD } from '../support/accounts.ts';
import { fromBase32 } from '../support/base32.ts';
import { Visitor } from '../support/visitor.ts';
import { type FirefoxAuthenticator, startWithAuthenticator } from './firefox-authenticator.ts';
import type { Firefox, Tab } from './firefox.ts';

const EMAIL = 'pat@example.com';

let site: AccountSite;
let firefox: Firefox;
let authenticator: FirefoxAuthenticator;
let tab: Tab;
let complaints: readonly string[];

before(async () => {
  site = await startAccountSite();
  await new Visitor(site.url).register(EMAIL, PASSWORD);
  ({ firefox, authenticator } = await startWithAuthenticator());
  tab = await firefox.tab();
  complaints = tab.complaints();
});

after(async () => {
  authenticator?.stop();
  await firefox?.stop();
  await site?.stop();
});

async function signIn(): Promise<void> {
  await tab.open(`${site.url}/login`);
  await tab.type('Email', EMAIL);
  await tab.type('Password', PASSWORD);
  await tab.press('Sign in');
}

test('makes a passkey, signs in with it and no password, and removes it', async () => {
  await signIn();
  await tab.arrives('/secret');
  await tab.open(`${site.url}/account`);
  await tab.follow('Add a passkey');
  await tab.arrives('/account/passkeys/new');
  await tab.press('Make the passkey');
  await tab.arrives('/account');
  await tab.sees('My passkey');
  assert.equal(await authenticator.count(), 1);

  const other = await firefox.tab();
  await other.open(`${site.url}/login`);
  await other.press('Sign in with a passkey');
  await other.arrives('/secret');
  // A passkey that knew the person is two factors in one.
  await other.open(`${site.url}/account`);
  await other.press('Remove My passkey');
  await other.becomes(
    `![...document.querySelectorAll('button')].some((one) => one.textContent.includes('My passkey'))`,
  );
  assert.equal(await other.look('location.pathname'), '/account');
  const later = await firefox.tab();
  await later.open(`${site.url}/login`);
  await later.press('Sign in with a passkey');
  await later.sees('That did not work');
  assert.equal(await later.look('location.pathname'), '/login');
  for (const one of [other, later]) await one.close();
});

test('sets up an authenticator app, is asked for its code, and removes it', async () => {
  await signIn();
  await tab.arrives('/secret');
  await tab.open(`${site.url}/account`);
  await tab.press('Set up an authenticator app');
  await tab.arrives('/account/totp');
  const secret = fromBase32(
    String(await tab.look(`document.querySelector('form .small code').textContent`)).replaceAll(' ', ''),
  );
  await tab.type('Code', oneTimeCode(secret, timeStep(Date.now())));
  await tab.press('Turn it on');
  await tab.arrives('/account/totp/confirm');
  const [code] = (await tab.look(
    `[...document.querySelectorAll('.codes code')].map((one) => one.textContent)`,
  )) as string[];
  await tab.follow('I have kept them');
  await tab.sees('Authenticator app: on');
  await tab.press('Sign out');
  await tab.arrives('/signed-out');
  await signIn();
  await tab.arrives('/login/code');
  await tab.type('Code', code ?? '');
  await tab.press('Continue');
  await tab.arrives('/secret');
  await tab.open(`${site.url}/account`);
  await tab.press('Remove the app');
  await tab.sees('Set up an authenticator app');
  await tab.press('Sign out');
  await tab.arrives('/signed-out');
  await signIn();
  await tab.arrives('/secret');
  assert.deepEqual(complaints, []);
});
