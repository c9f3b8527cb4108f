/** A person at a keyboard, who has no mouse; and the pictures that are taken of what they see. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { until } from '../support/until.ts';

const SHOTS = join(import.meta.dirname, 'screenshots');
const MOST_TABS = 60;

/** Presses Tab until what has the focus has this name, as a person does who has no mouse. */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  for (let presses = 0; presses < MOST_TABS; presses += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(`(() => {
      const it = document.activeElement;
      return (it.labels?.[0]?.textContent ?? it.textContent).trim().replace(/\\s+/g, ' ');
    })()`);
    if (typeof name === 'string' ? focused === name : name.test(String(focused))) return;
  }
  throw new Error(`Tab never reached ${name} on ${page.url()}`);
}

/** Fills in the field of a label. */
export async function type(page: Page, label: string, text: string): Promise<void> {
  await tabTo(page, label);
  await page.keyboard.type(text);
}

/** Presses a button or follows a link, and waits for the next page. */
export async function press(page: Page, name: string | RegExp): Promise<void> {
  await tabTo(page, name);
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
}

/** Takes pictures of a page, light and dark, and sees that it is no wider than its window. */
export async function shoot(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    mkdirSync(SHOTS, { recursive: true });
    await page.emulateMedia({ colorScheme });
    const path = join(SHOTS, `accounts-${name}-${colorScheme}.png`);
    // Chromium on a busy machine now and then cannot, and a moment later can.
    await until(
      'the picture is taken',
      async () => (await page.screenshot({ path, fullPage: true })).length > 0,
    );
  }
  const wide = await page.evaluate(
    'document.documentElement.scrollWidth > document.documentElement.clientWidth',
  );
  assert.equal(wide, false, `${name} is wider than a phone`);
}

/**
 * Takes a picture for the guides, where it is asked for: `BULWARK_PICTURES=1`. One that differs by a clock is no change of the
 * project's.
 */
export async function pictureForGuide(page: Page, name: string, height = 720): Promise<void> {
  if (process.env['BULWARK_PICTURES'] === undefined) return;
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1000, height });
  await page.screenshot({ path: join(import.meta.dirname, '../../docs/pictures', `${name}.png`) });
}

/** Collects what the console complains of, but for answers that say no. */
export function watch(page: Page, complaints: string[]): void {
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4(?:01|03|04|10|22|29)/.test(message.text()))
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
}
