/** The operators' console in browsers: by mouse and by keyboard, on a phone, in the dark, on paper; and what strangers wrote runs nowhere. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { EventFigures } from '../../src/audit/index/event-figures.ts';
import { eventsOf, refusedBy, REQUESTS } from '../../src/console/event-feed.ts';
import { CONSOLE_HOSTS } from '../hosts/console-hosts.ts';
import type { Running } from '../hosts/hosts.ts';
import { until } from '../support/until.ts';
import { assertNoBoxesMeet } from './boxes.ts';
import { startChromium } from './chromium.ts';
import { Firefox } from './firefox.ts';
import { press, shoot, tabTo } from './keyboard.ts';

const EVIL = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';
const PAGES = ['Overview', 'Events', 'Live', 'Alerts', 'Reports', 'Guards', 'Policy', 'Stores'] as const;

let running: Running;
let site: string;
let browser: Browser;
let context: BrowserContext;
const faults: string[] = [];
const folder = mkdtempSync(join(tmpdir(), 'bulwark-console-'));
const PICTURE = join(import.meta.dirname, '../../docs/pictures/console.png');

/** Somebody who is in: the test signs them in, as an application does after a second factor. */
async function operator(at: BrowserContext): Promise<Page> {
  const page = await at.newPage();
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (said) => {
    // The icon of a site is the application's.
    if (said.type() === 'error' && !said.location().url.endsWith('/favicon.ico')) faults.push(said.text());
  });
  await page.goto(`${site}/start`);
  await page.click('button');
  await page.goto(`${site}/admin`);
  return page;
}

/** An hour in which something happened, so that charts show more than nothing. */
function pretend(index: string): void {
  const figures = new EventFigures(index);
  for (let minute = 1; minute < 60; minute += 1) {
    const storm = minute > 12 && minute < 22 ? 1 : 0;
    figures.add(
      new Map([
        [REQUESTS, 900 + ((minute * 37) % 240) + storm * 700],
        [refusedBy('rate-limit'), 3 + storm * 180],
        [refusedBy('csrf'), (minute % 5) + storm * 24],
        [refusedBy('host'), minute % 3],
        [eventsOf('authn_login_success'), 20 + (minute % 7)],
        [eventsOf('authn_login_fail'), 2 + (minute % 3) + storm * 35],
      ]),
      Date.now() - minute * 60_000,
    );
  }
  figures.close();
}

before(async () => {
  const index = join(folder, 'console.db');
  running = await (CONSOLE_HOSTS['node:http'] ?? assert.fail())({
    environment: 'development',
    origin: undefined,
    csrf: { mode: 'observe' },
    reports: { path: '/csp-reports' },
    alerts: { log: true },
    console: { base: '/admin', index },
  } as object);
  pretend(index);
  site = `http://localhost:${running.port}`;
  browser = await startChromium();
  context = await browser.newContext();
  for (let n = 0; n < 12; n += 1)
    running.layer.audit('sensitive_create', { account: `ann-${n}`, note: EVIL });
  running.layer.audit('sys_crash', { error: new Error(`a crash ${EVIL}`) });
  await fetch(`${site}/nobody`, { method: 'POST', headers: { origin: 'http://evil.example' } });
});
after(async () => {
  await browser?.close();
  await running?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('by mouse: every page opens from every page, and nothing of a stranger runs', async () => {
  const page = await operator(context);
  for (const name of PAGES) {
    await page.click(`header nav a:text-is("${name}")`);
    assert.match((await page.textContent('h1')) ?? '', /\w/, name);
    assert.equal(await page.textContent('header nav a[aria-current=page]'), name);
    assert.doesNotMatch(await page.title(), /owned/);
    assert.equal(await page.locator('main img').count(), 0);
    await assertNoBoxesMeet(page, name);
    await shoot(page, `console-${name.toLowerCase()}`);
  }
  await page.goto(`${site}/admin`);
  const told: unknown = await page.evaluate(
    `[...document.querySelectorAll('.chart > svg')].map((one) => one.getAttribute('aria-label')).join()`,
  );
  assert.match(String(told), /Over a limit: 1[0-9]{3} in all/);
  // For the guide, where it is asked for: a picture that differs by a clock is no change of the project's.
  await page.emulateMedia({ colorScheme: 'light' });
  if (process.env['BULWARK_PICTURES'] !== undefined) await page.screenshot({ path: PICTURE });
  await page.goto(`${site}/admin/events?account=ann-3`);
  await page.click('td a:text-is("ann-3")');
  await page.waitForURL(/\/admin\/story\?account=ann-3/);
  assert.match((await page.textContent('main')) ?? '', /Story of an account/);
  await assertNoBoxesMeet(page, 'Story');
  assert.deepEqual(faults, []);
  await page.close();
});

test('by keyboard: past the navigation, a search, and its story', async () => {
  const page = await operator(context);
  await tabTo(page, 'Skip to the content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate('document.activeElement.id'), 'main');
  await page.goto(`${site}/admin`);
  await press(page, 'Events');
  await tabTo(page, 'Event');
  await page.keyboard.type('sensitive_c*');
  await Promise.all([page.waitForURL(/event=sensitive_/), page.keyboard.press('Enter')]);
  assert.match((await page.textContent('[role=status]')) ?? '', /events, newest\s+first/);
  await press(page, /^ann-\d+$/);
  assert.match((await page.textContent('h1')) ?? '', /Story of an account/);
  await page.close();
});

test('live: what happens is there within moments, and stays text', async () => {
  const page = await operator(context);
  await page.goto(`${site}/admin/live`);
  await page.waitForSelector('[data-state]:has-text("Waiting for events")');
  running.layer.audit('sensitive_delete', { account: 'zoe', note: EVIL });
  await page.waitForSelector('tbody tr:has-text("zoe")');
  assert.match((await page.textContent('tbody')) ?? '', /<img src=x/);
  assert.equal(await page.locator('tbody img').count(), 0);
  await tabTo(page, 'Pause');
  await page.keyboard.press('Enter');
  running.layer.audit('sensitive_delete', { account: 'yann' });
  await page.waitForSelector('[data-state]:has-text("Paused. 1 came")');
  assert.equal(await page.locator('tbody tr:has-text("yann")').count(), 0);
  assert.doesNotMatch(await page.title(), /owned/);
  assert.deepEqual(faults, []);
  await page.close();
});

test('an alert is silenced by keyboard, and the page says until when', async () => {
  const page = await operator(context);
  await page.goto(`${site}/admin/alerts`);
  await tabTo(page, 'Rule');
  await page.keyboard.type('csp');
  await tabTo(page, 'Reason');
  await page.keyboard.type('a release');
  await press(page, 'Silence it');
  await until('the silence is shown', async () =>
    /silent until/.test((await page.textContent('#rules + .table')) ?? ''),
  );
  await page.close();
});

test('on a phone, in the dark and on paper it is readable, charts too', async () => {
  const phone = await browser.newContext({
    viewport: { width: 360, height: 740 },
    isMobile: true,
    hasTouch: true,
  });
  const page = await operator(phone);
  await shoot(page, 'console-phone');
  // As wide as paper is.
  await page.setViewportSize({ width: 720, height: 1000 });
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  const [back, text, bar, nav]: string[] = await page.evaluate(`[
    getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color,
    getComputedStyle(document.querySelector('.chart svg rect')).fill, getComputedStyle(document.querySelector('.bar')).display]`);
  assert.deepEqual([back, text, bar, nav], ['rgba(0, 0, 0, 0)', 'rgb(0, 0, 0)', 'rgb(0, 0, 0)', 'none']);
  await page.screenshot({
    path: new URL('screenshots/console-print.png', import.meta.url).pathname,
    fullPage: true,
  });
  await phone.close();
});

test('in Firefox: pages are clicked through, and events come', async () => {
  const firefox = await Firefox.start();
  try {
    const tab = await firefox.tab();
    await tab.open(`${site}/start`);
    await tab.press('Enter');
    await tab.arrives('/enter');
    await tab.open(`${site}/admin`);
    for (const name of PAGES.slice(1)) {
      await tab.follow(name);
      await tab.arrives(`/admin/${name.toLowerCase()}`);
    }
    await tab.open(`${site}/admin/live`);
    await until('the stream is open', async () =>
      /Waiting/.test(String(await tab.look(`document.querySelector('[data-state]').textContent`))),
    );
    running.layer.audit('sensitive_delete', { account: 'xenia', note: EVIL });
    await until('the event is there', async () =>
      /xenia/.test(String(await tab.look(`document.querySelector('tbody').textContent`))),
    );
  } finally {
    await firefox.stop();
  }
});
