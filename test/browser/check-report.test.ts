/** The report that an auditor keeps, opened from a disk: looks, paper, and that nothing in it runs. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { asHtml } from '../../src/check/report/html.ts';
import { shownReport } from '../support/check-report.ts';
import { assertNoBoxesMeet } from './boxes.ts';
import { startChromium } from './chromium.ts';

const SHOTS = join(import.meta.dirname, 'screenshots');
const folder = mkdtempSync(join(tmpdir(), 'bulwark-report-'));
const file = join(folder, 'report.html');
let browser: Browser;

before(async () => {
  writeFileSync(file, asHtml(shownReport()));
  mkdirSync(SHOTS, { recursive: true });
  browser = await startChromium();
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

test('nothing of a hostile server runs or loads in it, its style does, and no two boxes meet', async () => {
  const page = await browser.newPage();
  const said: string[] = [];
  const asked: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('dialog', (dialog) => void (said.push(dialog.message()), dialog.dismiss()));
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  assert.deepEqual(said, []);
  assert.deepEqual(asked, [pathToFileURL(file).href]);
  assert.equal(
    await page.evaluate('getComputedStyle(document.querySelector(".card")).borderTopStyle'),
    'solid',
  );
  await assertNoBoxesMeet(page, 'report');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [name, width] of [
      ['desk', 1280],
      ['phone', 360],
    ] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.screenshot({ path: join(SHOTS, `check-report-${name}-${colorScheme}.png`), fullPage: true });
    }
  }
});

test('what is injected into it does not run either: its own policy holds', async () => {
  const worse = join(folder, 'worse.html');
  writeFileSync(
    worse,
    asHtml(shownReport()).replace(
      '<h1>',
      '<script>document.title="ran"</script><img src="https://192.0.2.1/x"><h1>',
    ),
  );
  const page = await browser.newPage();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  await page.goto(pathToFileURL(worse).href);
  assert.notEqual(await page.title(), 'ran');
  assert.equal(said.length, 2);
});

test('is dark on white on paper, in the dark look too', async () => {
  const page = await browser.newPage();
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await page.goto(pathToFileURL(file).href);
  assert.deepEqual(
    await page.evaluate(
      `(({ color, backgroundColor }) => [color, backgroundColor])(getComputedStyle(document.body))`,
    ),
    ['rgb(0, 0, 0)', 'rgb(255, 255, 255)'],
  );
  const pdf = await page.pdf({ path: join(SHOTS, 'check-report.pdf'), format: 'A4' });
  assert.ok(pdf.length > 10_000);
});
