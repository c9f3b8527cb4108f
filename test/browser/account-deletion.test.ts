/** Taking one's data along and removing one's own account: in Chromium without script, at the width of a phone and by keyboard; in Firefox. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type AccountSite, startAccountSite } from '../support/account-site.ts';
import { PASSWORD } from '../support/accounts.ts';
import { Visitor } from '../support/visitor.ts';
import { startChromium } from './chromium.ts';
import { Firefox, type Tab } from './firefox.ts';
import { press, shoot, type, watch } from './keyboard.ts';

const EMAIL = 'ada@example.com';
const OTHER = 'grace@example.com';

let site: AccountSite;
before(async () => {
  site = await startAccountSite(undefined, { accounts: { deleteAfter: '7d' } });
  for (const email of [EMAIL, OTHER]) await new Visitor(site.url).register(email, PASSWORD);
});
after(() => site?.stop());

test('saves all that is kept of the account, asks for its removal, thinks again, and keeps the account', async (t) => {
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

test('in Firefox too: the data is saved, the removal is asked for and taken back', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-data-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const firefox = await Firefox.start();
  t.after(() => firefox.stop());
  const tab = await firefox.tab(folder);
  const complaints = tab.complaints();
  const signIn = async (path: string): Promise<void> => {
    await tab.open(`${site.url}/login?next=%2Faccount`);
    await tab.type('Email', OTHER);
    await tab.type('Password', PASSWORD);
    await tab.press('Sign in');
    await tab.arrives(path);
  };
  await signIn('/account');
  const press = (one: Tab): Promise<void> => one.press('Download');
  const saved = await tab.download(`${site.url}/account`, press, join(folder, 'account.json'), '}');
  const data = JSON.parse(saved) as { account: { email: string } };
  assert.equal(data.account.email, OTHER);
  await tab.follow('Delete the account');
  await tab.arrives('/account/delete');
  await tab.press('Delete the account');
  await tab.sees('You are signed out');
  await tab.open(`${site.url}/secret`);
  await tab.arrives('/login');
  await signIn('/account/keep');
  await tab.sees('Keep your account?');
  await tab.press('Keep the account');
  await tab.sees('Your account is removed after 7 days');
  assert.deepEqual(complaints, []);
});
