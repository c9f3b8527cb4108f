/**
 * A button that is pressed twice in Chromium, on a line on which the answer comes later than that: the second press goes out under
 * the old cookie, and the first answer is thrown away with the new one (devise#3429).
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { Passwords } from '../../src/identity/passwords/passwords.ts';
import { oneTimeCode, timeStep } from '../../src/identity/mfa/totp-code.ts';
import { type AccountSite, startAccountSite } from '../support/account-site.ts';
import { fromBase32 } from '../support/base32.ts';
import { until } from '../support/until.ts';
import { startChromium } from './chromium.ts';
import { type SlowLine, startSlowLine } from './slow-line.ts';

const EMAIL = 'ann@example.com';
const PASSWORD = 'four quiet words in a row';
const NEW_PASSWORD = 'some other five words instead';
const AUDIT = { audit: () => undefined };
let site: AccountSite;
let browser: Browser;
let line: SlowLine;
let codes: readonly string[] = [];

before(async () => {
  site = await startAccountSite();
  const account = await site.accounts.create({
    email: EMAIL,
    passwordHash: await new Passwords().hash(PASSWORD),
  });
  const id = account?.id ?? '';
  const { totp, recoveryCodes } = site.accounts.factors;
  const { secret } = await totp.enrol(id, EMAIL);
  await totp.confirm(AUDIT, id, oneTimeCode(fromBase32(secret.replaceAll(' ', '')), timeStep(Date.now())));
  codes = await recoveryCodes.create(AUDIT, id);
  line = await startSlowLine(site.port);
  browser = await startChromium();
});

after(async () => {
  await browser?.close();
  line?.stop();
  await site?.stop();
});

test('password, code, a proof that it is still them and a new password lead on, by one sign-in each', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${line.url}/account/password`);
  const before = signIns();

  await page.getByLabel('Email').fill(EMAIL);
  await page.getByLabel('Password').fill(PASSWORD);
  await pressTwice(page, 'Sign in', '/login/code');
  assert.equal(posts('/login'), 2);

  await page.getByLabel('Code').fill(codes[0] ?? '');
  await pressTwice(page, 'Continue', '/account/password');
  assert.equal(posts('/login/code'), 2);
  assert.equal(signIns() - before, 1);

  await page.getByLabel('Present password').fill(PASSWORD);
  await page.getByLabel('New password').fill(NEW_PASSWORD);
  await pressTwice(page, 'Change password', '/account');
  assert.equal(posts('/account/password'), 2);

  await page.goto(`${line.url}/login/again?next=%2Faccount`);
  await page.getByLabel('Password').fill(NEW_PASSWORD);
  await pressTwice(page, 'Continue', '/login/code');
  assert.equal(posts('/login/again'), 2);
  await page.getByLabel('Code').fill(codes[1] ?? '');
  await pressTwice(page, 'Continue', '/account');
  assert.equal(signIns() - before, 2);
  // One device, signed in to once.
  assert.equal(await page.getByText('This device', { exact: true }).count(), 1);
  await context.close();
});

async function pressTwice(page: Page, name: string, leadsTo: string): Promise<void> {
  const button = page.getByRole('button', { name, exact: true });
  const { x = 0, y = 0, width = 0, height = 0 } = (await button.boundingBox()) ?? {};
  const [left, top] = [x + width / 2, y + height / 2];
  const before = line.seen.length;
  const letGo = line.hold();
  for (const press of [1, 2]) {
    await page.mouse.click(left, top);
    await until('the form is sent', () => line.seen.length === before + press);
  }
  letGo();
  // By the address alone: waiting for a page to load fails where it is thrown away.
  await until(`the page is ${leadsTo}`, () => new URL(page.url()).pathname === leadsTo);
  await page.waitForLoadState();
}

function signIns(): number {
  return site.events.filter(
    ({ event, details }) => event === 'authn_login_success' && 'means' in (details ?? {}),
  ).length;
}

function posts(path: string): number {
  return line.seen.filter((one) => one === `POST ${path}`).length;
}
