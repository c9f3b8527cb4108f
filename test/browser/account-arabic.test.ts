/** Account pages in Arabic on the smallest phone: they run from the right, and nothing leaves them or lies over anything else. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page as Tab } from 'playwright-core';
import { onExpress } from '../support/account-site.ts';
import { Walk, WALK } from '../support/account-walk.ts';
import { OpenIdProvider } from '../support/openid-provider.ts';
import { MEASURE } from './boxes.ts';
import { startChromium } from './chromium.ts';
import { Firefox } from './firefox.ts';

const PHONE = { width: 320, height: 700 };
const SHOTS = join(import.meta.dirname, 'screenshots');
const ENGLISH = /\b(?:you|your|the|with|sign|password|account|and|this|again|from|made|last)\b/i;
/** What leaves the window or the card it is in by its left side, where lines end; {@link MEASURE} looks at the right one. */
const TOO_FAR_LEFT = `[...document.querySelectorAll('main *, header *')]
  .filter((one) => getComputedStyle(one).clipPath === 'none' && one.closest('.visually-hidden') === null)
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().left <
    (one.parentElement.closest('.card')?.getBoundingClientRect().left ?? 0) - 1.5)
  .map((one) => one.localName + ' ' + one.className)`;
/** What is told at the page of one's own account: where things stand on it, and which way they run. */
const SIDES = `(() => {
  const at = (selector) => document.querySelector(selector).getBoundingClientRect();
  return {
    homeIsRight: at('.head .home').left > at('.head button').right,
    heading: getComputedStyle(document.querySelector('h1')).direction,
    headingEnds: at('main').right - at('h1').right < 60,
  };
})()`;

/** What is typed or kept as it stands: by what is on its page, and where it is there. */
const FROM_THE_LEFT = [
  ['id="codes"', '#codes code'],
  ['<textarea', 'textarea.secret'],
  ['type="email"', '[type=email]'],
  ['name="code"', '[name=code]'],
] as const;

/** Each page once, by its title and what stands first on it. */
const pages = new Map<string, string>();

describe('account pages in Arabic', () => {
  let provider: OpenIdProvider;
  let walk: Walk;
  let browser: Browser;
  let tab: Tab;

  before(async () => {
    provider = await OpenIdProvider.start();
    const look = ({ text, status }: { readonly text: string; readonly status: number }): void => {
      const title = /<title>(.*)<\/title>/.exec(text)?.[1] ?? '';
      const said = /role="alert"[^]*?<li>(?:<a[^>]*>)?([^<]*)/.exec(text)?.[1] ?? '';
      pages.set(`${status} ${title} ${said}`, text);
    };
    walk = await Walk.begin(onExpress, { provider, accounts: { language: 'ar' }, look });
    for (const step of Object.values(WALK)) await step(walk);
    browser = await startChromium();
    tab = await browser.newPage({ viewport: PHONE });
  });
  after(async () => {
    await browser.close();
    await walk.site.stop();
    provider.stop();
  });

  test('say that they are, and hold no sentence in English', () => {
    assert.ok(pages.size > 50, String(pages.size));
    for (const [name, text] of pages) {
      assert.match(text, /<html lang="ar" dir="rtl">/, name);
      const seen = text.replaceAll(/<(style|script|code|textarea)\b[^]*?<\/\1>|<[^>]*>/g, ' ');
      assert.doesNotMatch(seen.replaceAll(/https?:\S+|\S+@\S+/g, ' '), ENGLISH, name);
    }
  });

  test('are no wider than a phone, and no two boxes on them meet', async () => {
    mkdirSync(SHOTS, { recursive: true });
    let index = 0;
    for (const [name, text] of pages) {
      await tab.setContent(text);
      assert.deepEqual([await tab.evaluate(TOO_FAR_LEFT), await tab.evaluate(MEASURE)], [[], []], name);
      index += 1;
      await tab.screenshot({ path: join(SHOTS, `arabic-${index}.png`), fullPage: true });
    }
  });

  test('are no wider than a phone in Firefox either, and no two boxes on them meet', async (t) => {
    const firefox = await Firefox.start();
    t.after(() => firefox.stop());
    const other = await firefox.tab();
    await other.resize(PHONE.width, PHONE.height);
    for (const [name, text] of pages) {
      await other.show(text);
      assert.deepEqual([await other.look(TOO_FAR_LEFT), await other.look(MEASURE)], [[], []], name);
    }
  });

  test('stand the other way round, and show codes, addresses and tokens in the order they have', async () => {
    const found = (sign: string): string => [...pages.values()].find((text) => text.includes(sign)) ?? '';
    await tab.setContent(found('aria-labelledby="devices"'));
    assert.deepEqual(await tab.evaluate(SIDES), { homeIsRight: true, heading: 'rtl', headingEnds: true });
    for (const [sign, selector] of FROM_THE_LEFT) {
      await tab.setContent(found(sign));
      const direction = `getComputedStyle(document.querySelector('${selector}')).direction`;
      assert.equal(await tab.evaluate(direction), 'ltr', selector);
    }
  });
});
