/** What a suspect client is asked for on the account pages, in Chromium, by keyboard: with script, and without. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type AccountSite, onExpress, startAccountSite } from '../support/account-site.ts';
import { PASSWORD } from '../support/accounts.ts';
import { Visitor } from '../support/visitor.ts';
import { startChromium } from './chromium.ts';
import { press, shoot, type, watch } from './keyboard.ts';

const PHONE = { width: 360, height: 740 };
const WRONG = 'not this one, surely';

let site: AccountSite;
let browser: Browser;
/** How far the clock of accounts is ahead, in milliseconds. */
let ahead = 0;

before(async () => {
  site = await startAccountSite(onExpress, {
    accounts: { attempts: '60/minute' },
    challenge: { when: 'suspect' },
    clock: () => Date.now() + ahead,
  });
  browser = await startChromium();
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

test('with script the browser works while its owner types, and a form that is sent too early waits', async () => {
  const email = 'ann@example.com';
  const { context, page, complaints } = await guessThrice(email, true);
  await shoot(page, 'challenge-work');
  // The password is typed and sent before anybody knows whether the work is done.
  await type(page, 'Password', PASSWORD);
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  await page.getByRole('heading', { name: 'For members' }).waitFor();
  assert.deepEqual(complaints, []);
  assert.deepEqual(refusals(), []);
  await context.close();
});

test('the work is done without a worker, told in words, and its answer is in the form', async () => {
  const { context, page, complaints } = await guessThrice('bob@example.com', true);
  await page.getByRole('status').getByText('This browser is checked.').waitFor();
  await shoot(page, 'challenge-done');
  assert.match(await page.locator('input[name=proof]').inputValue(), /^[\w-]{171}$/);
  assert.equal(page.workers().length, 0);
  assert.equal(await page.getByText('Without script').isVisible(), false);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('without script the page says to wait, takes the form then, and not before', async () => {
  const email = 'cem@example.com';
  const { context, page, complaints } = await guessThrice(email, false);
  await page.getByText('taken 30 seconds from now').waitFor();
  await shoot(page, 'challenge-pause');
  await type(page, 'Password', PASSWORD);
  await press(page, 'Sign in');
  const alert = page.getByRole('alert');
  await alert.getByText(/This form was sent too early\. Wait \d+ seconds/).waitFor();
  assert.equal(await page.getByLabel('Email').inputValue(), email);
  assert.equal(await page.getByLabel('Password').inputValue(), '');
  // The focus is where the reason is read: what is typed next comes after it.
  assert.equal(await page.evaluate('document.activeElement.getAttribute("role")'), 'alert');
  await shoot(page, 'challenge-early');
  ahead += 30_000;
  await type(page, 'Password', PASSWORD);
  await press(page, 'Sign in');
  await page.getByRole('heading', { name: 'For members' }).waitFor();
  assert.deepEqual(refusals(), ['early']);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('where the script does not arrive, a form says to wait once it was sent, and goes on from there', async () => {
  const email = 'dora@example.com';
  const { context, page } = await guessThrice(email, true, true);
  await type(page, 'Password', PASSWORD);
  await press(page, 'Sign in');
  await page
    .getByRole('alert')
    .getByText(/sent too early/)
    .waitFor();
  ahead += 30_000;
  await type(page, 'Password', PASSWORD);
  await press(page, 'Sign in');
  await page.getByRole('heading', { name: 'For members' }).waitFor();
  assert.deepEqual(refusals(), ['early']);
  await context.close();
});

test('a reset and a registration wait as well where a client has many mails sent', async () => {
  const context = await someone(false);
  const page = await context.newPage();
  for (let mail = 0; mail < 5; mail += 1) {
    await page.goto(`${site.url}/${mail % 2 === 0 ? 'register' : 'reset'}`);
    await type(page, 'Email', `mail${mail}@example.com`);
    await press(page, 'Send me the link');
    await page.getByRole('heading', { name: 'Look into your mail' }).waitFor();
  }
  for (const form of ['register', 'reset']) {
    await page.goto(`${site.url}/${form}`);
    await page.getByText('taken 30 seconds from now').waitFor();
    await shoot(page, `challenge-${form}`);
    ahead += 31_000;
    await type(page, 'Email', `${form}@example.com`);
    await press(page, 'Send me the link');
    await page.getByRole('heading', { name: 'Look into your mail' }).waitFor();
  }
  await context.close();
});

interface Guesser {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly complaints: string[];
}

/** Somebody at a browser that their account does not know, who has mistyped their password three times. */
async function guessThrice(email: string, javaScriptEnabled: boolean, blocked = false): Promise<Guesser> {
  await new Visitor(site.url).register(email, PASSWORD);
  refusals();
  const context = await someone(javaScriptEnabled);
  const page = await context.newPage();
  if (blocked) await page.route('**/proof-of-work.js', (route) => route.abort());
  const complaints: string[] = [];
  watch(page, complaints);
  await page.goto(`${site.url}/login?next=%2Fsecret`);
  await type(page, 'Email', email);
  for (let guess = 0; guess < 3; guess += 1) {
    await type(page, 'Password', WRONG);
    await press(page, 'Sign in');
    await page.getByText('do not go together').waitFor();
  }
  return { context, page, complaints };
}

let people = 0;

/** A browser at an address of its own: limits count each for itself. */
function someone(javaScriptEnabled: boolean): Promise<BrowserContext> {
  people += 1;
  const extraHTTPHeaders = { 'x-forwarded-for': `198.51.100.${people}` };
  return browser.newContext({ javaScriptEnabled, viewport: PHONE, extraHTTPHeaders });
}

let heard = 0;

/** Forms that were refused for what they did not bring, since this was asked last. */
function refusals(): readonly string[] {
  const events = site.events.slice(heard);
  heard = site.events.length;
  return events.flatMap(
    ({ details }) => /without what was asked: (\w+)$/.exec(String(details?.['reason']))?.[1] ?? [],
  );
}
