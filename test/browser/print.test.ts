/** Printed, such as recovery codes are: dark on white, in the dark look too. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type AccountSite, startAccountSite } from '../support/account-site.ts';
import { startChromium } from './chromium.ts';

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

test('what is printed in the dark look is black on white', async () => {
  const page = await browser.newPage();
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await page.goto(`${site.url}/login`);
  const seen: unknown = await page.evaluate(`['body', '.card', 'label'].map((one) => {
    const { color, backgroundColor } = getComputedStyle(document.querySelector(one));
    return [color, backgroundColor];
  })`);
  const black = 'rgb(0, 0, 0)';
  const none = 'rgba(0, 0, 0, 0)';
  assert.deepEqual(seen, [
    [black, none],
    [black, 'rgb(255, 255, 255)'],
    [black, none],
  ]);
});
