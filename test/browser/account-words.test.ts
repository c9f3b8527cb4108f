/**
 * Account pages in German, below a base path, on the smallest phone: words are longer, and nothing lies over anything else.
 * And what their scripts say, in a language without letters.
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page as Tab } from 'playwright-core';
import { onExpress, startAccountSite } from '../support/account-site.ts';
import { Walk, WALK } from '../support/account-walk.ts';
import { lettersOf, MADE_UP, MADE_UP_WORDS } from '../support/made-up-language.ts';
import { OpenIdProvider } from '../support/openid-provider.ts';
import { until } from '../support/until.ts';
import { assertNoBoxesMeet, MEASURE } from './boxes.ts';
import { startChromium } from './chromium.ts';
import { Firefox } from './firefox.ts';

const PHONE = 320;
const SHOTS = join(import.meta.dirname, 'screenshots');
const ENGLISH = /\b(?:you|your|the|with|sign|password|account|and|this|again|from|made|last)\b/i;

/** Each page once, by its title and what stands first on it. */
const pages = new Map<string, string>();

describe('account pages in German, below a base path', () => {
  let provider: OpenIdProvider;
  let walk: Walk;

  before(async () => {
    provider = await OpenIdProvider.start();
    const look = ({ text, status }: { readonly text: string; readonly status: number }): void => {
      const title = /<title>(.*)<\/title>/.exec(text)?.[1] ?? '';
      const said = /role="alert"[^]*?<li>(?:<a[^>]*>)?([^<]*)/.exec(text)?.[1] ?? '';
      pages.set(`${status} ${title} ${said}`, text);
    };
    walk = await Walk.begin(onExpress, {
      provider,
      accounts: { language: 'de', staySignedIn: '30d' },
      look,
      base: '/-',
    });
    for (const step of Object.values(WALK)) await step(walk);
  });
  after(async () => {
    await walk.site.stop();
    provider.stop();
  });

  test('are German, and lead below the base', () => {
    assert.ok(pages.size > 50, String(pages.size));
    for (const [name, text] of pages) {
      assert.match(text, /<html lang="de" dir="ltr">/, name);
      const seen = text.replaceAll(/<(style|script|code|textarea)\b[^]*?<\/\1>|<[^>]*>/g, ' ');
      assert.doesNotMatch(seen.replaceAll(/https?:\S+|\S+@\S+/g, ' '), ENGLISH, name);
      for (const [, path = ''] of text.matchAll(/\s(?:href|action)="(\/[^"]*)"/g))
        assert.match(path, /^\/(?:-\/|secret$|safe$|$)/, name);
    }
  });

  test('have no two boxes that meet in Chromium', async (t) => {
    const browser = await startChromium();
    t.after(() => browser.close());
    const tab = await browser.newPage();
    for (const [name, text] of pages) {
      await tab.setContent(text);
      await assertNoBoxesMeet(tab, name, [PHONE, 768]);
      await shootBoth(tab, name);
    }
  });

  test('have no two boxes that meet in Firefox', async (t) => {
    const firefox = await Firefox.start();
    t.after(() => firefox.stop());
    const tab = await firefox.tab();
    await tab.resize(PHONE, 800);
    for (const [name, text] of pages) {
      await tab.show(text);
      assert.deepEqual(await tab.look(MEASURE), [], name);
    }
  });
});

describe('what the scripts of account pages say', () => {
  let browser: Browser;
  before(async () => {
    browser = await startChromium();
  });
  after(() => browser.close());

  /** What a page says of itself by its script. */
  const said = async (tab: Tab, selector: string): Promise<string> => {
    const status = tab.locator(selector).first();
    await until('the script says something', async () => (await status.textContent()) !== '');
    return (await status.textContent()) ?? '';
  };
  const hasNoLetters = (text: string): void => {
    assert.ok(text.includes('\u27e6'), text);
    const page = { text, status: 200, headers: new Headers(), location: null };
    assert.deepEqual(lettersOf(page), [], text);
  };

  test('is in the language of the page', async (t) => {
    const site = await startAccountSite(onExpress, {
      challenge: { when: 'always' },
      accounts: { language: MADE_UP, words: { [MADE_UP]: MADE_UP_WORDS } },
    });
    t.after(() => site.stop());
    const tab = await browser.newPage();
    await tab.goto(`${site.url}/login`);
    const work = '[data-proof-of-work-status]';
    for (let state = 0; state < 2; state += 1) hasNoLetters(await said(tab, work));
    await tab.locator('[name=email]').fill('ann@example.com');
    await tab.locator('[name=password]').fill('not this one, surely');
    // The address stays the same, and the form leaves once its work is done.
    const landed = tab.waitForEvent('load');
    await tab.locator('form[method=post] button').last().click();
    await landed;
    // No authenticator is there, so the browser says no.
    await tab.addInitScript('delete globalThis.PublicKeyCredential.isConditionalMediationAvailable');
    await tab.goto(`${site.url}/login`);
    await tab.evaluate(
      "navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError'))",
    );
    await tab.locator('form[data-passkey] button').click();
    hasNoLetters(await said(tab, '[data-passkey-status]'));
  });
});

/** Pictures for whoever looks at them. */
async function shootBoth(tab: Tab, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  await tab.setViewportSize({ width: PHONE, height: 700 });
  for (const colorScheme of ['light', 'dark'] as const) {
    await tab.emulateMedia({ colorScheme });
    const file = name.replaceAll(/[^\w]+/g, '-').slice(0, 80);
    await tab.screenshot({ path: join(SHOTS, `german-${file}-${colorScheme}.png`), fullPage: true });
  }
}
