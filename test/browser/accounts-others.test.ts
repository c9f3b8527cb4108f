/** API tokens and sign-in with others on the account pages, in Chromium, by keyboard and without script. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type AccountSite, mailedLink, onExpress, startAccountSite } from '../support/account-site.ts';
import { OpenIdProvider } from '../support/openid-provider.ts';
import { providerAt } from '../support/sign-in-providers.ts';
import { startChromium } from './chromium.ts';
import { press, shoot, tabTo, type, watch } from './keyboard.ts';

const EMAIL = 'ann@example.com';
const PASSWORD = 'four quiet words in a row';

let home: OpenIdProvider;
let site: AccountSite;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const complaints: string[] = [];

before(async () => {
  home = await OpenIdProvider.start();
  const providers = { home: providerAt(home.issuer) };
  site = await startAccountSite(onExpress, { scopes: ['files:read', 'files:write'], providers });
  browser = await startChromium();
  context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } });
  page = await context.newPage();
  watch(page, complaints);
  await page.goto(`${site.url}/register`);
  await type(page, 'Email', EMAIL);
  await press(page, 'Send me the link');
  await page.goto(site.url + (await mailedLink(site, EMAIL)));
  await type(page, 'Password', PASSWORD);
  await press(page, 'Create account');
});

after(async () => {
  await browser?.close();
  await site?.stop();
  home?.stop();
});

test('makes a token, copies it, and revokes it', async () => {
  await page.goto(`${site.url}/account`);
  await press(page, 'Manage API tokens');
  await shoot(page, 'tokens-none');
  const tokens: string[] = [];
  for (const name of ['Nightly backup of everything', 'Reports']) {
    await press(page, 'Make a token');
    await type(page, 'Name', name);
    await tabTo(page, 'files:read');
    await page.keyboard.press('Space');
    await shoot(page, 'token-new');
    await tabTo(page, /^How long/);
    await page.keyboard.press('ArrowUp');
    await press(page, 'Make the token');
    // The focus is on the token already.
    tokens.push(String(await page.evaluate('document.activeElement.value')));
    await shoot(page, 'token-made');
    await press(page, 'I have kept it');
  }
  const [first = '', second = ''] = tokens;
  assert.deepEqual([await asked(first), await asked(second)], [200, 200]);
  await shoot(page, 'tokens');
  await press(page, 'Revoke Reports');
  assert.deepEqual([await asked(first), await asked(second)], [200, 401]);
  await press(page, 'Make a token');
  await type(page, 'Name', 'For nothing');
  await press(page, 'Make the token');
  await page.getByRole('alert').waitFor();
  await shoot(page, 'token-refused');
});

test('ends every token at once', async () => {
  const tokens: string[] = [];
  for (const name of ['One', 'Another']) {
    await page.goto(`${site.url}/account/tokens/new`);
    await type(page, 'Name', name);
    await tabTo(page, 'files:read');
    await page.keyboard.press('Space');
    await press(page, 'Make the token');
    tokens.push(String(await page.evaluate('document.activeElement.value')));
    await press(page, 'I have kept it');
  }
  const [first = '', second = ''] = tokens;
  assert.deepEqual([await asked(first), await asked(second)], [200, 200]);
  await tabTo(page, 'Revoke all of them');
  await page.keyboard.press('Enter');
  await shoot(page, 'tokens-revoke-all');
  await press(page, 'Revoke all tokens');
  await page.getByText('No tokens yet.').waitFor();
  assert.deepEqual([await asked(first), await asked(second)], [401, 401]);
});

test('links an account elsewhere, signs in with it, proves that it is still the same person, and unlinks it', async () => {
  await page.goto(`${site.url}/account`);
  await press(page, 'Link Home');
  await page.waitForURL(`${site.url}/account#identities`);
  await page.getByRole('heading', { name: 'Sign-in with other services' }).waitFor();
  await shoot(page, 'identities');

  await context.clearCookies();
  await page.goto(`${site.url}/secret`);
  await shoot(page, 'sign-in-with-others');
  await press(page, 'Sign in with Home');
  await page.waitForURL(`${site.url}/secret`);
  await page.getByRole('heading', { name: 'For members' }).waitFor();

  // The provider has not said how long ago it was, so that nothing is fresh.
  await page.goto(`${site.url}/account/email`);
  await shoot(page, 'again-with-others');
  await press(page, 'Sign in at Home again');
  await page.getByRole('heading', { name: 'No sign-in with Home' }).waitFor();
  await shoot(page, 'provider-not-fresh');
  home.claims = { auth_time: Math.floor(Date.now() / 1000) };
  await page.goto(`${site.url}/account/email`);
  await press(page, 'Sign in at Home again');
  await page.waitForURL(`${site.url}/account/email`);

  await page.goto(`${site.url}/account`);
  await press(page, 'Unlink Home ann@example.com');
  await page.waitForURL(`${site.url}/account#identities`);
  await context.clearCookies();
  await page.goto(`${site.url}/login`);
  await press(page, 'Sign in with Home');
  await page.getByRole('heading', { name: 'is not linked yet' }).waitFor();
  await shoot(page, 'provider-unknown');
});

test('no page broke its content security policy', () => {
  assert.deepEqual(complaints, []);
});

async function asked(token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${site.url}/files`, { headers })).status;
}
