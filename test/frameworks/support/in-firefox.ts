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

/**
 * Registers the tests. Each page that is opened by its address has a tab of its own: a script of the page before may still lead
 * to where it wants, and to Firefox the new page is then one that was given up.
 */
export function inFirefox(
  site: () => Site,
  { documents, streams, errorPage, firefoxBlocks }: FirefoxPages,
): void {
  let visitor: Tab;
  const heard: (readonly string[])[] = [];
  const opened = async (): Promise<Tab> => {
    const tab = await visitor.another();
    heard.push(tab.complaints());
    return tab;
  };
  const shows = (tab: Tab, selector: string, text: string): Promise<void> =>
    tab.becomes(
      `[...document.querySelectorAll('${selector}')].some((one) => one.textContent.includes('${text}'))`,
    );

  const quiet = (): void =>
    assert.deepEqual(
      heard.flat().filter((one) => firefoxBlocks?.test(one) !== true),
      [],
      site().log().slice(-2000),
    );

  test('in Firefox: the first page hydrates and counts, and a link is followed', async () => {
    visitor = await site().firefox.tab();
    const tab = await opened();
    await tab.open(`${site().url}/`);
    await shows(tab, '#alive', 'hydrated');
    await tab.press('Count 0');
    await shows(tab, 'button', 'Count 1');
    await tab.look('void (globalThis.kept = true)');
    await tab.follow('Second');
    await shows(tab, 'h1', 'Second');
    assert.equal(await tab.look('globalThis.kept === true'), !documents);
    quiet();
  });

  test('in Firefox: a form is taken, what comes late finds its place, and a sign-in leads back', async () => {
    const { url } = site();
    const notes = await opened();
    await notes.open(`${url}/notes`);
    await notes.fill('[name=note]', 'water the cactus');
    await notes.press('Keep');
    await shows(notes, '#note', 'water the cactus');
    if (streams) {
      const late = await opened();
      await late.open(`${url}/late`);
      await shows(late, '#late', 'late');
    }
    const account = await opened();
    await account.openAndBeLed(`${url}/account`, '/sign-in');
    await account.fill('[name=account]', 'bea');
    await account.press('Sign in');
    await shows(account, '#who', 'bea');
    quiet();
    const wrong = await visitor.another();
    assert.equal(await wrong.open(`${url}/wrong`), 500);
    await wrong.sees(errorPage);
    await visitor.close();
  });
}
