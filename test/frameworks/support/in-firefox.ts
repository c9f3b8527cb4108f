/** What every framework has to do in Firefox: its pages as a visitor goes through them, with nothing blocked and nothing thrown. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tab } from '../../browser/firefox.ts';
import type { Site } from './site.ts';

/** How it differs from others: as its suite has it. */
export interface FirefoxPages {
  readonly documents: boolean;
  readonly streams: boolean;
  readonly errorPage: string;
  readonly firefoxBlocks?: RegExp | undefined;
}

/** Registers the tests. They go through one tab, as it was left by the one before. */
export function inFirefox(
  site: () => Site,
  { documents, streams, errorPage, firefoxBlocks }: FirefoxPages,
): void {
  let tab: Tab;
  let heard: readonly string[] = [];
  const shows = (selector: string, text: string): Promise<void> =>
    tab.becomes(
      `[...document.querySelectorAll('${selector}')].some((one) => one.textContent.includes('${text}'))`,
    );

  const quiet = (): void =>
    assert.deepEqual(
      heard.filter((one) => firefoxBlocks?.test(one) !== true),
      [],
      site().log().slice(-2000),
    );

  test('in Firefox: the first page hydrates and counts, and a link is followed', async () => {
    tab = await site().firefox.tab();
    heard = tab.complaints();
    await tab.open(`${site().url}/`);
    await shows('#alive', 'hydrated');
    await tab.press('Count 0');
    await shows('button', 'Count 1');
    await tab.look('void (globalThis.kept = true)');
    await tab.follow('Second');
    await shows('h1', 'Second');
    assert.equal(await tab.look('globalThis.kept === true'), !documents);
    quiet();
  });

  test('in Firefox: a form is taken, what comes late finds its place, and a sign-in leads back', async () => {
    const { url } = site();
    await tab.open(`${url}/notes`);
    await tab.fill('[name=note]', 'water the cactus');
    await tab.press('Keep');
    await shows('#note', 'water the cactus');
    if (streams) {
      await tab.open(`${url}/late`);
      await shows('#late', 'late');
    }
    await tab.openAndBeLed(`${url}/account`, '/sign-in');
    await tab.fill('[name=account]', 'bea');
    await tab.press('Sign in');
    await shows('#who', 'bea');
    quiet();
    // In a tab of its own: a script of the page before may still lead to where it wants, and take this page away.
    const other = await tab.another();
    await other.open(`${url}/wrong`);
    await other.sees(errorPage);
    await other.close();
    await tab.close();
  });
}
