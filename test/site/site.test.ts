/** The site of the documents: no dead link, nothing in it that its policy blocks; read, searched and tried in browsers. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { EXAMPLES } from '../../site/client/examples.ts';
import { tryPolicy, type TriedRequest } from '../../site/client/try-policy.ts';
import { assertNoBoxesMeet } from '../browser/boxes.ts';
import { startChromium } from '../browser/chromium.ts';
import { Firefox } from '../browser/firefox.ts';
import { watch } from '../browser/keyboard.ts';
import { until } from '../support/until.ts';
import { type BuiltSite, buildSite } from './built-site.ts';

const ROOT = join(import.meta.dirname, '../..');
const SHOTS = join(import.meta.dirname, '../browser/screenshots');
const DONE = '[data-outcome][aria-busy=false]';
let site: BuiltSite;
let browser: Browser;
before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  site = await buildSite();
  browser = await startChromium();
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

/** Each page with its tags, in which nothing of its text is: that is escaped. */
function pages(): readonly {
  readonly path: string;
  readonly text: string;
  readonly tags: readonly string[];
}[] {
  return [...site.files]
    .filter(([path]) => path.endsWith('.html') || path.endsWith('/'))
    .map(([path, text]) => ({ path, text, tags: text.match(/<[a-z][^>]*>/g) ?? [] }));
}

test('every document of docs/ is a page, and each page has a title and one heading of the first rank', () => {
  const documents = globSync('docs/**/*.md', { cwd: ROOT });
  assert.ok(documents.length > 370);
  for (const document of documents) {
    const path = document
      .slice('docs'.length)
      .replace(/README\.md$/, '')
      .replace(/\.md$/, '.html');
    assert.ok(site.files.has(path), path);
  }
  for (const { path, text } of pages()) {
    assert.match(text, /<title>[^<]{3,}<\/title>/, path);
    assert.equal(text.match(/<h1[ >]/g)?.length, 1, path);
  }
});

test('no page has a script, a style or a handler in it: all of them are files', () => {
  for (const { path, text, tags } of pages()) {
    const faults = tags.filter((tag) =>
      /\s(?:style|on[a-z]+)\s*=|<style|javascript:|<base\b|<meta http-equiv/i.test(tag),
    );
    assert.deepEqual(faults, [], path);
    for (const [script] of text.matchAll(/<script\b[^]*?<\/script>/g)) {
      assert.match(script, /^<script type="module" src="\/assets\/[\w.-]+"><\/script>$/, path);
    }
  }
});

test('no link is dead: each leads to a page or a file, and to a place that is there', () => {
  const places = new Map(
    pages().map(({ path, tags }) => [
      path,
      new Set(tags.flatMap((tag) => / id="([^"]+)"/.exec(tag)?.slice(1) ?? [])),
    ]),
  );
  let links = 0;
  const dead = pages().flatMap(({ path, tags }) =>
    tags.flatMap((tag) => {
      const target = / (?:href|src|data-index)="([^"]*)"/.exec(tag)?.[1]?.replaceAll('&amp;', '&');
      if (target === undefined || /^(?:https?|mailto):/.test(target)) return [];
      links += 1;
      const { pathname, hash } = new URL(target, `http://site${path}`);
      if (!site.files.has(decodeURI(pathname))) return [`${path}: ${target}`];
      const place = decodeURIComponent(hash.slice(1));
      return place === '' || places.get(pathname)?.has(place) === true ? [] : [`${path}: ${target}`];
    }),
  );
  assert.deepEqual(dead, []);
  assert.ok(links > 20_000, `${links} links`);
});

test('llms.txt leads to the Markdown of every document, and llms-full.txt has the guides', () => {
  const list = site.files.get('/llms.txt') ?? '';
  const links = [...list.matchAll(/^- \[[^\]]+\]\(([^)]+)\)/gm)].map(([, link = '']) => link);
  assert.equal(new Set(links).size, links.length);
  assert.deepEqual(
    links.filter((link) => !site.files.has(link)),
    [],
  );
  for (const document of globSync('docs/**/*.md', { cwd: ROOT }))
    assert.ok(links.includes(`/${document}`), document);
  const guide = readFileSync(join(ROOT, 'docs/guides/csp.md'), 'utf8');
  assert.ok(site.files.get('/llms-full.txt')?.includes(guide.trim()));
});

test('the types of the site hold', () => {
  const { status, stdout } = spawnSync('tsc', ['--noEmit', '--checkers', '1', '-p', 'site'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout);
});

test('its server answers by the list of its files, under a policy without unsafe-inline', async () => {
  const page = await fetch(`${site.url}/guides/csp.html`);
  const policy = page.headers.get('content-security-policy') ?? '';
  assert.match(policy, /script-src 'self';style-src 'self';/);
  assert.doesNotMatch(policy, /unsafe|nonce/);
  const tag = page.headers.get('etag') ?? '';
  assert.equal((await fetch(page.url, { headers: { 'if-none-match': tag } })).status, 304);
  for (const path of [
    '/guides/',
    '/assets/',
    '/..%2fpackage.json',
    '/%2e%2e/package.json',
    '/package.json',
  ]) {
    const { status } = await fetch(site.url + path);
    assert.ok([400, 404].includes(status), `${path}: ${status}`);
  }
  // A folder without its slash, and nothing else that a path could lead elsewhere by.
  const folder = await fetch(`${site.url}/reference?x=1`, { redirect: 'manual' });
  assert.deepEqual([folder.status, folder.headers.get('location')], [308, '/reference/']);
  assert.equal((await fetch(`${site.url}//example.com`, { redirect: 'manual' })).status, 400);
  const plain = await fetch(page.url, { headers: { 'accept-encoding': 'gzip;q=0' } });
  assert.equal(plain.headers.get('content-encoding'), null);
  assert.equal(page.headers.get('content-encoding'), 'gzip');
  const missing = await fetch(`${site.url}/no-such-page.html`);
  assert.equal(missing.status, 404);
  assert.match(await missing.text(), /There is no such page/);
  assert.equal((await fetch(page.url, { method: 'PUT', headers: { origin: site.url } })).status, 405);
});

async function open(path: string, complaints: string[]): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  watch(page, complaints);
  await page.goto(site.url + path);
  return page;
}

test('the search finds names whole, what stands in an example alone, and Next.js in either spelling', async () => {
  const complaints: string[] = [];
  const page = await open('/', complaints);
  await page.keyboard.press('/');
  const first = page.locator('[data-search-results] a').first();
  for (const [words, url] of [
    ['nextjs', '/guides/frameworks/next.html'],
    ['next.js', '/guides/frameworks/next.html'],
    // Metrics has each of its four words, and more often.
    ['ERR_BULWARK_REQUEST_OVER', '/errors.html#err_bulwark_request_over'],
    ['perAccount', '/guides/sessions.html#how-many-sessions-an-account-may-have-peraccount'],
    ['no-account', '/guides/api-tokens.html#with-pages-of-your-own'],
    ['getDPoPHandle', '/guides/api-tokens.html#tokens-that-are-worth-nothing-alone'],
  ] as const) {
    await page.locator('[data-search] input').fill(words);
    await until(`${words} is found`, async () => (await first.getAttribute('href')) === url);
  }
  assert.deepEqual(complaints, []);
  await page.close();
});

test('by keyboard: past the lists to the text, and by search to where it says csrf', async () => {
  const complaints: string[] = [];
  const page = await open('/', complaints);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate('document.activeElement.id'), 'content');
  await page.keyboard.press('/');
  await page.keyboard.type('forms csrf');
  const found = page.locator('[data-search-results] a');
  await found.first().waitFor();
  assert.match(await page.locator('[data-search-status]').innerText(), /^The first 20 of \d+ places\.$/);
  await page.screenshot({ path: join(SHOTS, 'site-search.png') });
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.evaluate('document.activeElement.textContent'), 'Forms and CSRF');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/guides/forms-and-csrf.html');
  assert.equal(await page.locator('h1').innerText(), 'Forms and CSRF');
  await page.keyboard.press('/');
  await page.keyboard.type('qqqqqqqqq');
  await page.getByText('Nothing found.').waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('dialog').isVisible(), false);
  assert.deepEqual(complaints, []);
  await page.close();
});

test('the hardening guide, section by section, is one step from every page, and its sections are found by name', async () => {
  const complaints: string[] = [];
  const page = await open('/reference/mfa.html', complaints);
  await page.getByRole('navigation', { name: 'Places' }).getByText('Section by section').click();
  await page.waitForURL('**/manual/section-by-section.html');
  // The eleven sections, and a list at either end.
  assert.equal(await page.locator('h2').count(), 13);
  assert.deepEqual(complaints, []);
  await page.close();
});

test('nothing is wider than a phone, in the light and in the dark', async () => {
  const complaints: string[] = [];
  const page = await open('/', complaints);
  await page.setViewportSize({ width: 360, height: 740 });
  for (const path of [
    '/',
    '/guides/csp.html',
    '/manual/defaults.html',
    '/reference/bulwark.html',
    '/playground.html',
    '/src/core/options.ts.html',
  ]) {
    await page.goto(site.url + path);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const wide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
      assert.equal(await page.evaluate(wide), false, path);
      const name = `site-phone-${path.replaceAll(/\W+/g, '-')}-${colorScheme}.png`;
      await page.screenshot({ path: join(SHOTS, name) });
    }
    // The list of all pages is shut where there is no room for it.
    assert.equal(await page.locator('[data-contents]').getAttribute('open'), null);
  }
  assert.deepEqual(complaints, []);
  await page.close();
});

test('a script that somebody gets into a page does not run', async () => {
  const page = await browser.newPage();
  const said: string[] = [];
  watch(page, said);
  await page.route('**/guides/csp.html', async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace(
      '<h1',
      '<script>document.title="ran"</script><p style="color:red"><h1',
    );
    await route.fulfill({ response, body });
  });
  await page.goto(`${site.url}/guides/csp.html`);
  assert.equal(await page.title(), 'Content security policy - Bulwark');
  assert.equal(said.filter((line) => line.includes('Content Security Policy')).length, 2);
  await page.close();
});

test('the playground names what is misspelt, where it stands, and the line to write', async () => {
  const complaints: string[] = [];
  const page = await open('/playground.html', complaints);
  await page.locator(DONE).waitFor();
  await page.getByLabel('Policy').fill("{\n  origin: 'https://example.com',\n  sesion: { idle: '30m' },\n}");
  const fault = page.locator('[data-faults] li');
  await fault.getByText('sesion', { exact: true }).waitFor();
  assert.equal(await fault.count(), 1);
  assert.match(await fault.innerText(), /did you mean session\?/);
  assert.equal(await page.locator('[data-answer]').isVisible(), false);
  await fault.getByRole('button', { name: 'Line 3' }).click();
  const selected =
    "((it) => it.value.slice(it.selectionStart, it.selectionEnd))(document.querySelector('#policy'))";
  assert.equal(await page.evaluate(selected), "sesion: { idle: '30m' },");
  await page.getByLabel('Policy').fill('{ session: { idle: ');
  await fault.getByText('the text ends before the policy does').waitFor();
  await page.getByLabel('Begin with').selectOption('mistakes, and what is said of them');
  await fault.getByText('did you mean session?').waitFor();
  assert.ok((await fault.count()) > 4);
  await page.screenshot({ path: join(SHOTS, 'site-playground-faults.png'), fullPage: true });
  assert.deepEqual(complaints, []);
  await page.close();
});

const REQUESTS: readonly TriedRequest[] = [
  { method: 'GET', target: '/', headers: '', roles: undefined },
  { method: 'GET', target: '/notes/1', headers: 'X-Forwarded-For: 203.0.113.7', roles: undefined },
  { method: 'GET', target: '/admin/x', headers: '', roles: ['operator'] },
  // By its token alone, and with another one.
  { method: 'POST', target: '/notes/1', headers: '', roles: [] },
  { method: 'POST', target: '/notes/1', headers: 'X-CSRF-Token: another', roles: [] },
  {
    method: 'POST',
    target: '/notes/1',
    headers: 'Origin: https://evil.example\nSec-Fetch-Site: cross-site',
    roles: [],
  },
];

test('what the playground shows in a browser is what the library says on Node.js', async () => {
  const complaints: string[] = [];
  const page = await open('/playground.html', complaints);
  await page.getByLabel('Who asks').selectOption('somebody signed in');
  for (const [index, { policy }] of EXAMPLES.entries()) {
    await page.getByLabel('Begin with').selectOption({ index });
    for (const request of REQUESTS) {
      const { answer, faults } = await tryPolicy(policy, request);
      await page.getByLabel('Method').selectOption(request.method);
      await page.getByLabel('Path').fill(request.target);
      await page.getByLabel('Headers').fill(request.headers);
      await page.getByLabel('Who asks').selectOption({ index: request.roles === undefined ? 0 : 1 });
      if (request.roles !== undefined) await page.getByLabel('Their roles').fill(request.roles.join());
      await page.locator(DONE).waitFor();
      assert.equal(await page.locator('[data-faults] li').count(), faults.length, policy);
      if (answer === undefined) continue;
      assert.equal(
        await page.locator('[data-verdict]').innerText(),
        verdictOf(answer),
        JSON.stringify(request),
      );
      const lines = answer.headers.flatMap(([name, value]) => [name, value]).map(withoutNonce);
      const shown = await page.locator('[data-headers] > *').allInnerTexts();
      assert.deepEqual(shown.map(withoutNonce), lines, JSON.stringify(request));
      const told = await page.locator('[data-events] li').allInnerTexts();
      assert.deepEqual(told, answer.events.length === 0 ? ['Nothing.'] : answer.events);
    }
  }
  await page.getByLabel('Begin with').selectOption({ index: 0 });
  await page.locator(DONE).waitFor();
  await page.screenshot({ path: join(SHOTS, 'site-playground.png'), fullPage: true });
  await assertNoBoxesMeet(page, 'playground');
  assert.deepEqual(complaints, []);
  await page.close();
});

function verdictOf({
  refused,
  status,
}: {
  readonly refused: string | undefined;
  readonly status: number;
}): string {
  return refused === undefined
    ? 'The application is asked. Of a page that it answers with, this leaves:'
    : `${status}: ${refused}`;
}

function withoutNonce(line: string): string {
  return line.replaceAll(/'nonce-[\w-]{22}'/g, "'nonce'");
}

test('in Firefox a page is read and searched, and a policy tried', async () => {
  const firefox = await Firefox.start();
  try {
    const tab = await firefox.tab();
    await tab.open(`${site.url}/playground.html`);
    await until(
      'the policy was read',
      async () =>
        (await tab.look("document.querySelector('[data-summary]').textContent")) === 'The policy is good',
    );
    await tab.look(
      "{ const it = document.querySelector('#policy'); it.value = '{ sesion: {} }'; it.dispatchEvent(new Event('input')); }",
    );
    const fault = "document.querySelector('[data-faults]').textContent";
    await until('the fault is shown', async () =>
      String(await tab.look(fault)).includes('did you mean session?'),
    );
    await tab.press('Search /');
    await tab.type('Search the documents', 'forms csrf');
    const first = "document.querySelector('[data-search-results] a')?.textContent";
    await until('it is found', async () => (await tab.look(first)) === 'Forms and CSRF');
    await tab.shoot(join(SHOTS, 'site-firefox.png') as `${string}.png`);
  } finally {
    await firefox.stop();
  }
});
