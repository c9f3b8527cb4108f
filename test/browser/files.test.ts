/** Files in Strongroom: sent, listed, downloaded, shared and taken back, with and without script, in Chromium and in Firefox. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Download, Page } from 'playwright-core';
import {
  type RunningProgram,
  startProgram,
  temporaryDirectory,
} from '../../examples/strongroom/testing/running.ts';
import { until } from '../support/until.ts';
import { Visitor } from '../support/visitor.ts';
import { assertNoBoxesMeet } from './boxes.ts';
import { startChromium } from './chromium.ts';
import { Firefox } from './firefox.ts';

const PASSWORD = 'four words nobody else knows';
const SHOTS = join(import.meta.dirname, 'screenshots');
const ARABIC = '\u062a\u0642\u0631\u064a\u0631 2026.txt';
const QUOTED = 'the "final" one.txt';
const BROKEN = 'two\nlines.txt';
/** What Firefox saves the three as; a quotation mark is no letter of a name everywhere. */
const SAVED = new RegExp(`^(the ["_]final["_] one|twolines|${ARABIC.slice(0, -4)})\\.txt$`);
const text = (name: string, words: string): { name: string; mimeType: string; buffer: Buffer } => ({
  name,
  mimeType: 'text/plain',
  buffer: Buffer.from(words),
});

const data = temporaryDirectory();
const downloads = mkdtempSync(join(tmpdir(), 'strongroom-downloads-'));
let program: RunningProgram;
let browser: Browser;
let laptop: BrowserContext;
let page: Page;

async function signIn(on: Page, email: string): Promise<void> {
  await on.goto(`${program.url}/login`);
  await on.getByLabel('Email').fill(email);
  await on.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await on.getByRole('button', { name: 'Sign in', exact: true }).click();
  await on.waitForURL('**/notes');
}

async function downloadOf(on: Page, name: string): Promise<Download> {
  const row = on.locator('li.file').filter({ hasText: name }).first();
  const [download] = await Promise.all([
    on.waitForEvent('download'),
    row.getByRole('link', { name: 'Download' }).click(),
  ]);
  return download;
}

before(async () => {
  program = await startProgram(data.path);
  for (const email of ['anna@example.com', 'ben@example.com'])
    await new Visitor(program.url).register(email, PASSWORD);
  browser = await startChromium();
  laptop = await browser.newContext({ acceptDownloads: true });
  page = await laptop.newPage();
  mkdirSync(SHOTS, { recursive: true });
  await signIn(page, 'anna@example.com');
});
after(async () => {
  await browser?.close();
  await program?.stop();
  data.remove();
  rmSync(downloads, { recursive: true, force: true });
});

test('sends several at once; one that is refused says why in words, and the others are there', async () => {
  await page.goto(`${program.url}/files`);
  await page.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
  await page.screenshot({ path: join(SHOTS, 'files-none.png'), fullPage: true });
  await page
    .getByLabel('Send files')
    .setInputFiles([
      text(ARABIC, 'salam'),
      text(QUOTED, 'final'),
      text(BROKEN, 'lines'),
      { name: 'page.pdf', mimeType: 'application/pdf', buffer: Buffer.from('<html>no PDF</html>') },
    ]);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  const alert = page.getByRole('alert');
  await alert.waitFor();
  assert.match((await alert.textContent()) ?? '', /page\.pdf: A file is not what its name says/);
  await page.getByText('3 files kept.').waitFor();
  assert.equal(await page.locator('li.file').count(), 3);
  await page.screenshot({ path: join(SHOTS, 'files-refused.png'), fullPage: true });
  await assertNoBoxesMeet(page, 'files');
});

test('downloads what was sent, by its name: in Arabic, with quotes, and without its line break', async () => {
  await page.goto(`${program.url}/files`);
  for (const [name, saved, words] of [
    [ARABIC, ARABIC, 'salam'],
    ['the "final" one.txt', /^the ["_]final["_] one\.txt$/, 'final'],
    ['twolines.txt', 'twolines.txt', 'lines'],
  ] as const) {
    const download = await downloadOf(page, name);
    const suggested = download.suggestedFilename();
    if (typeof saved === 'string') assert.equal(suggested, saved);
    else assert.match(suggested, saved);
    assert.equal(readFileSync(await download.path(), 'utf8'), words);
  }
});

test('shares with another account, who has it until it is taken back, and no longer', async () => {
  const phone = await browser.newContext({
    acceptDownloads: true,
    viewport: { width: 360, height: 740 },
    colorScheme: 'dark',
  });
  const ben = await phone.newPage();
  await signIn(ben, 'ben@example.com');
  await page.goto(`${program.url}/files`);
  await page.getByRole('link', { name: ARABIC }).first().click();
  await page.getByLabel('With the account of').fill('nobody@example.com');
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await page.getByText('There is no other account with this address').waitFor();
  await page.getByLabel('With the account of').fill('ben@example.com');
  await page.getByLabel('For').selectOption('1');
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await page.getByText('Shared with ben@example.com.').waitFor();
  await page.screenshot({ path: join(SHOTS, 'file-shared.png'), fullPage: true });
  await assertNoBoxesMeet(page, 'file');

  await ben.goto(`${program.url}/files`);
  assert.equal(await ben.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
  await ben.screenshot({ path: join(SHOTS, 'files-phone-dark.png'), fullPage: true });
  assert.equal(readFileSync(await (await downloadOf(ben, ARABIC)).path(), 'utf8'), 'salam');
  const href = await ben.getByRole('link', { name: 'Download' }).getAttribute('href');

  await page.getByRole('button', { name: /^Take back/ }).click();
  await page.getByText('The share was taken back.').waitFor();
  const answer = await ben.goto(`${program.url}${href}`);
  assert.equal(answer?.status(), 404);
  await phone.close();
});

test('a link is good for one download, to whoever has it', async () => {
  await page.getByRole('button', { name: 'Make a link for one download' }).click();
  const shown = await page.getByLabel('Good for one download').inputValue();
  // On a port of no one's choosing it has no origin to begin with.
  const link = new URL(shown, program.url);
  await page.screenshot({ path: join(SHOTS, 'file-link.png'), fullPage: true });
  const first = await fetch(link);
  assert.equal(await first.text(), 'salam');
  assert.match(first.headers.get('content-security-policy') ?? '', /sandbox/);
  const second = await fetch(link, { headers: { accept: 'text/html' } });
  assert.equal(second.status, 404);
});

test('deletes by keyboard, and it is gone', async () => {
  await page.goto(`${program.url}/files`);
  await page.getByRole('link', { name: 'twolines.txt' }).first().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'twolines.txt' }).waitFor();
  await page.locator('summary').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByText('File deleted.').waitFor();
  assert.equal(await page.locator('li.file').count(), 2);
});

test('without script a plain form does all of it', async () => {
  const plain = await browser.newContext({ acceptDownloads: true, javaScriptEnabled: false });
  const other = await plain.newPage();
  await signIn(other, 'ben@example.com');
  await other.goto(`${program.url}/files`);
  await other.getByLabel('Send files').setInputFiles([text('plain.txt', 'no script'), text('b.txt', 'more')]);
  await other.getByRole('button', { name: 'Send', exact: true }).click();
  await other.getByText('2 files kept.').waitFor();
  assert.equal(readFileSync(await (await downloadOf(other, 'plain.txt')).path(), 'utf8'), 'no script');
  await plain.close();
});

test('in Firefox: several, one refused in words, and names that are saved as they were', async () => {
  const firefox = await Firefox.start();
  const source = mkdtempSync(join(tmpdir(), 'strongroom-source-'));
  try {
    const paths = [ARABIC, QUOTED, BROKEN, 'page.pdf'].map((name) => join(source, name));
    for (const path of paths) writeFileSync(path, 'from Firefox');
    const tab = await firefox.tab(downloads);
    await tab.open(`${program.url}/login`);
    await tab.type('Email', 'ben@example.com');
    await tab.type('Password', PASSWORD);
    await tab.press('Sign in');
    await tab.arrives('/notes');
    await tab.open(`${program.url}/files`);
    await tab.choose(...paths);
    await tab.press('Send');
    await until('the answer is there', async () =>
      String(await tab.look('document.querySelector("[role=alert]")?.textContent').catch(() => '')).includes(
        'page.pdf: A file is not what its name says',
      ),
    );
    assert.equal(await tab.look('document.documentElement.scrollWidth <= innerWidth'), true);
    await tab.shoot(`${join(SHOTS, 'files-firefox')}.png`);
    const count = Number(await tab.look('document.querySelectorAll("li.file").length'));
    assert.ok(count >= 3);
    // One after the other: a second click would call off the first.
    for (let at = 0; at < 3; at += 1) {
      await tab.look(`void [...document.querySelectorAll("li.file a.button")][${at}].click()`);
      // A file on its way has a name of Firefox's own making, with .part behind it or without, or is empty yet.
      await until('a file more is saved', () => {
        const there = readdirSync(downloads);
        const whole = (name: string): boolean =>
          readFileSync(join(downloads, name), 'utf8') === 'from Firefox';
        return there.length === at + 1 && there.every((name) => SAVED.test(name) && whole(name));
      });
    }
  } finally {
    await firefox.stop();
    rmSync(source, { recursive: true, force: true });
  }
});
