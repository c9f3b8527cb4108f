/** Files in Strongroom one by one, each with a bar: dropped, cancelled, refused, broken off and gone on with, in Chromium and in Firefox. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
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
import { type NarrowLine, startNarrowLine } from './narrow-line.ts';

const PASSWORD = 'four words nobody else knows';
const SHOTS = join(import.meta.dirname, 'screenshots');
const MB = 1024 ** 2;
/** As fast as something is to be seen of it, as a second piece is to come soon, and as fast as it comes. */
const [SLOW, NARROW, WIDE] = [MB / 2, 2 * MB, 1000 * MB];
const LONG = Buffer.from('a line of text\n'.repeat(1_000_000));

const data = temporaryDirectory();
const source = mkdtempSync(join(tmpdir(), 'strongroom-source-'));
const long = join(source, 'long report.txt');
let program: RunningProgram;
let line: NarrowLine;
let browser: Browser;
let laptop: BrowserContext;
const blocked: string[] = [];

async function signIn(on: Page, email: string): Promise<void> {
  await on.goto(`${line.url}/login`);
  await on.getByLabel('Email').fill(email);
  await on.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await on.getByRole('button', { name: 'Sign in', exact: true }).click();
  await on.waitForURL('**/notes');
}

async function open(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  page.on('console', (message) => {
    if (/Content Security Policy|TrustedHTML/.test(message.text())) blocked.push(message.text());
  });
  await page.goto(`${line.url}/files`);
  return page;
}

/** Drops files on the form, as from a folder of the desk. */
async function drop(
  page: Page,
  files: readonly (readonly [name: string, text: string, times: number])[],
): Promise<void> {
  await page.evaluate(`((dropped) => {
    const dataTransfer = new DataTransfer();
    for (const [name, text, times] of dropped) {
      const type = name.endsWith('.pdf') ? 'application/pdf' : 'text/plain';
      dataTransfer.items.add(new File([text.repeat(times)], name, { type }));
    }
    const form = document.querySelector('form[data-resumable]');
    for (const type of ['dragenter', 'dragover', 'drop'])
      form.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
  })(${JSON.stringify(files)})`);
}

const barOf = (page: Page, name: string): Locator => page.getByRole('progressbar', { name });
const sentOf = async (bar: Locator): Promise<number> => Number(await bar.getAttribute('value'));

before(async () => {
  writeFileSync(long, LONG);
  program = await startProgram(data.path);
  for (const email of ['anna@example.com', 'ben@example.com', 'carl@example.com'])
    await new Visitor(program.url).register(email, PASSWORD);
  line = await startNarrowLine(Number(new URL(program.url).port), WIDE);
  browser = await startChromium();
  laptop = await browser.newContext({ acceptDownloads: true });
  mkdirSync(SHOTS, { recursive: true });
  const page = await laptop.newPage();
  await signIn(page, 'anna@example.com');
  await page.close();
});
after(async () => {
  await browser?.close();
  line?.stop();
  await program?.stop();
  data.remove();
  rmSync(source, { recursive: true, force: true });
});

test('several that are dropped have a bar each; one is refused in words, one is cancelled by keyboard, the rest are kept', async () => {
  const page = await open(laptop);
  await page.getByText('Drop them here').waitFor();
  line.widen(SLOW);
  await drop(page, [
    ['long.txt', 'a line of text\n', 700_000],
    ['page.pdf', '<html>no PDF</html>', 1],
    ['\u062a\u0642\u0631\u064a\u0631.txt', 'salam', 1],
    ['a second one.txt', 'two', 1],
  ]);
  await page.locator('.upload-state', { hasText: 'A file is not what its name says' }).waitFor();
  const bar = barOf(page, 'long.txt');
  await until('some of it is sent', async () => (await sentOf(bar)) > 0);
  await page.getByText('a second one.txt: Kept').waitFor({ state: 'attached' });
  assert.equal(await page.locator('.upload-row').count(), 4);
  await page.screenshot({ path: join(SHOTS, 'uploads-under-way.png'), fullPage: true });
  await assertNoBoxesMeet(page, 'uploads');
  await page.setViewportSize({ width: 360, height: 740 });
  await page.emulateMedia({ colorScheme: 'dark' });
  assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
  await page.screenshot({ path: join(SHOTS, 'uploads-phone-dark.png'), fullPage: true });
  const button = page.getByRole('button', { name: 'Cancel long.txt' });
  await button.focus();
  const loaded = page.waitForEvent('load');
  await page.keyboard.press('Enter');
  line.widen(WIDE);
  await loaded;
  await page.getByText('2 files kept.').waitFor();
  const alert = page.getByRole('alert');
  assert.match((await alert.textContent()) ?? '', /^page\.pdf: A file is not what its name says/);
  assert.equal(await page.evaluate('document.activeElement.getAttribute("role")'), 'alert');
  assert.equal(await page.locator('li.file').count(), 2);
  // What was cancelled has its room back, as soon as the server heard of it.
  await until('the room is there again', async () => {
    await page.reload();
    return (await page.getByText('8 bytes of 1 GB used').count()) === 1;
  });
  assert.equal(await page.locator('li.file').count(), 2);
  await page.close();
});

test('a tab that is closed in the middle: the same file, chosen again, goes on from there', async () => {
  const first = await open(laptop);
  line.widen(NARROW);
  await first.getByLabel('Send files').setInputFiles(long);
  await first.getByRole('button', { name: 'Send', exact: true }).click();
  const bar = barOf(first, 'long report.txt');
  await until('more than one piece is there', async () => (await sentOf(bar)) > 5 * MB);
  line.widen(SLOW);
  await first.close();
  line.widen(WIDE);
  const page = await open(laptop);
  await page.getByText('An upload was not finished.').waitFor();
  await page.screenshot({ path: join(SHOTS, 'uploads-unfinished.png'), fullPage: true });
  assert.equal(await page.evaluate("JSON.stringify(localStorage).includes('report')"), false);
  const offsets: number[] = [];
  page.on('request', (request) => {
    if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']));
  });
  await page.getByLabel('Send files').setInputFiles(long);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('One file kept.').waitFor();
  assert.ok((offsets[0] ?? 0) >= 4 * MB, `it went on at ${offsets[0]}`);
  const row = page.locator('li.file').filter({ hasText: 'long report.txt' });
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    row.getByRole('link', { name: 'Download' }).click(),
  ]);
  assert.ok(readFileSync(await download.path()).equals(LONG));
  assert.equal(await page.evaluate('localStorage.length'), 0);
  await page.close();
});

test('a line that breaks in the middle is waited for, and nothing is asked of anybody', async () => {
  const page = await open(laptop);
  line.widen(NARROW);
  await page.getByLabel('Send files').setInputFiles(long);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  const bar = barOf(page, 'long report.txt');
  await until('some of it is sent', async () => (await sentOf(bar)) > MB);
  line.cut();
  line.widen(WIDE);
  await page.getByText('One file kept.').waitFor();
  assert.deepEqual(blocked, []);
  await page.close();
});

test('in Firefox: one refused in words, one broken off and gone on with', async () => {
  const firefox = await Firefox.start();
  try {
    const wrong = join(source, 'page.pdf');
    writeFileSync(wrong, '<html>');
    const tab = await firefox.tab();
    await tab.open(`${line.url}/login`);
    await tab.type('Email', 'ben@example.com');
    await tab.type('Password', PASSWORD);
    await tab.press('Sign in');
    await tab.arrives('/notes');
    await tab.open(`${line.url}/files`);
    line.widen(NARROW);
    await tab.choose(long, wrong);
    await tab.press('Send');
    await until('one is refused, and one is on its way', async () => {
      const words = String(await tab.look('document.querySelector(".upload-list").textContent'));
      const sent = Number(await tab.look('document.querySelector("progress").value'));
      return words.includes('A file is not what its name says') && sent > 5 * MB;
    });
    line.widen(SLOW);
    await tab.resize(360, 740);
    assert.equal(await tab.look('document.documentElement.scrollWidth <= innerWidth'), true);
    await tab.shoot(`${join(SHOTS, 'uploads-firefox')}.png`);
    await tab.open('about:blank');
    line.widen(WIDE);
    await tab.open(`${line.url}/files`);
    assert.match(
      String(await tab.look('document.querySelector(".upload-hint").textContent')),
      /not finished/,
    );
    await tab.choose(long);
    await tab.look('void (window.before = true)');
    await tab.press('Send');
    await until('the page is a new one', async () => (await tab.look('window.before')) !== true);
    await tab.arrives('/files');
    assert.equal(await tab.look('document.querySelector("p.notice").textContent'), 'One file kept.');
    assert.equal(await tab.look('document.querySelectorAll("li.file").length'), 1);
  } finally {
    await firefox.stop();
  }
});
