/** Taking one's data along and removing one's own account in Chromium, without script, at the width of a phone and by keyboard. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startAccountSite } from '../support/account-site.ts';
import { PASSWORD } from '../support/accounts.ts';
import { Visitor } from '../support/visitor.ts';
import { startChromium } from './chromium.ts';
import { press, shoot, type, watch } from './keyboard.ts';

const EMAIL = 'ada@example.com';

test('saves all that is kept of the account, asks for its removal, thinks again, and keeps the account', async (t) => {
  const site = await startAccountSite(undefined, { accounts: { deleteAfter: '7d' } });
  t.after(() => site.stop());
  await new Visitor(site.url).register(EMAIL, PASSWORD);
  const browser = await startChromium();
  t.after(() => browser.close());
  const size = { width: 360, height: 740 };
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: size });
  const page = await context.newPage();
  const complaints: string[] = [];
  watch(page, complaints);
  const signIn = async (): Promise<void> => {
    await page.goto(`${site.url}/login?next=%2Faccount`);
    await type(page, 'Email', EMAIL);
    await type(page, 'Password', PASSWORD);
    await press(page, 'Sign in');
  };
  await signIn();
  await shoot(page, 'deletion-account');
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download', exact: true }).click();
  const download = await saving;
  assert.equal(download.suggestedFilename(), 'account.json');
  const data = JSON.parse(readFileSync(await download.path(), 'utf8')) as { account: { email: string } };
  assert.equal(data.account.email, EMAIL);
  await press(page, 'Delete the account');
  await shoot(page, 'deletion-sure');
  await press(page, 'Delete the account');
  await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  await shoot(page, 'deletion-asked');
  await page.goto(`${site.url}/secret`);
  assert.equal(new URL(page.url()).pathname, '/login');
  await signIn();
  await page.getByRole('heading', { name: 'Keep your account?' }).waitFor();
  await shoot(page, 'deletion-keep');
  await press(page, 'Keep the account');
  await page.getByRole('heading', { name: 'Account', exact: true }).waitFor();
  await page.getByText('Your account is removed after 7 days').waitFor();
  assert.deepEqual(complaints, []);
});
