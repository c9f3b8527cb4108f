/** Browsers at an unmodified Flask application with cookie sessions, through the gateway: Chromium, and Firefox where scripts run. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { accepting, offersOf } from '../../src/gateway/pages/offers.ts';
import { readAccepted, writeAccepted } from '../../src/gateway/pages/accepted-sources.ts';
import { SeenCodes } from '../../src/gateway/pages/seen-code.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { gunicorn, type PythonApp } from '../gateway/python-app.ts';
import { until } from '../support/until.ts';
import { startChromium } from './chromium.ts';
import { Firefox } from './firefox.ts';
import { attackOn, echo, type NotesSite, NOTES, serve, startNotesSite } from './notes-site.ts';

/** The application with its one mistake: templates that escape nothing. */
const UNESCAPED = `import sys
sys.path.insert(0, ${JSON.stringify(NOTES)})
from app import app
app.jinja_env.autoescape = False
`;

const folder = mkdtempSync(join(tmpdir(), 'bulwark-browser-'));
writeFileSync(join(folder, 'unescaped.py'), UNESCAPED);
const sources = join(folder, 'csp.json');

let browser: Browser;
before(async () => {
  browser = await startChromium();
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(policy: PolicyOptions, app: Partial<PythonApp> = {}): Promise<NotesSite> {
  return await startNotesSite(folder, policy, app);
}

async function signIn(page: Page, { url }: NotesSite): Promise<void> {
  await page.goto(`${url}/login`);
  await page.getByLabel('Name').fill('ann');
  await page.getByLabel('Password').fill('ann-password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/notes');
}

async function keepNote(page: Page, text: string): Promise<void> {
  await page.getByLabel('Note').fill(text);
  await page.getByRole('button', { name: 'Keep' }).click();
  await page.waitForLoadState();
}

/** Where somebody gets to with the cookies that another context had. */
async function withCopy(
  copied: Awaited<ReturnType<BrowserContext['cookies']>>,
  { url }: NotesSite,
): Promise<string> {
  const thief = await browser.newContext();
  await thief.addCookies(copied);
  const page = await thief.newPage();
  await page.goto(`${url}/notes`);
  const { pathname } = new URL(page.url());
  await thief.close();
  return pathname;
}

describe('the session', () => {
  for (const [name, gateway, opens] of [
    [
      'in the vault, a cookie that was copied before sign-out opens nothing after it',
      { vault: true },
      '/login',
    ],
    ['without the vault it opens the account, as Flask has it', {}, '/notes'],
  ] as const)
    test(name, async () => {
      const site = await start({
        csp: { mode: 'observe' },
        gateway: { ...gateway, pages: { learn: 'never' } },
      });
      try {
        const context = await browser.newContext();
        const page = await context.newPage();
        await signIn(page, site);
        const copied = await context.cookies();
        assert.equal(await withCopy(copied, site), '/notes');
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.waitForURL(`${site.url}/`);
        assert.equal(await withCopy(copied, site), opens);
        await context.close();
      } finally {
        await site.stop();
      }
    });
});

describe('a visitor who goes about', () => {
  let site: NotesSite;
  let context: BrowserContext;
  let page: Page;
  before(async () => {
    site = await start({ gateway: { vault: true }, routes: { 'GET /files/:name': { download: true } } });
    context = await browser.newContext({ acceptDownloads: true });
    page = await context.newPage();
    await signIn(page, site);
  });
  after(async () => {
    await context?.close();
    await site?.stop();
  });

  test('reloads a page, and a form that was sent is not sent again', async () => {
    await keepNote(page, 'the first note');
    await page.reload();
    assert.equal(await page.getByText('the first note').count(), 1);
  });

  test('has two tabs, and each sees what the other did', async () => {
    const other = await context.newPage();
    await other.goto(`${site.url}/notes`);
    await keepNote(other, 'from the other tab');
    await keepNote(page, 'from this tab');
    await other.reload();
    assert.equal(await other.getByText('from this tab').count(), 1);
    assert.equal(await page.getByText('from the other tab').count(), 1);
    await other.close();
  });

  test('uploads a file, and is given it to save, byte for byte, under its name', async () => {
    await page.goto(`${site.url}/files`);
    const bytes = Buffer.from('<!doctype html><script>document.title = "ran"</script>');
    await page.getByLabel('File').setInputFiles({ name: 'page.html', mimeType: 'text/html', buffer: bytes });
    await page.getByRole('button', { name: 'Upload' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'page.html' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'page.html');
    assert.deepEqual(readFileSync(await download.path()), bytes);
    assert.equal(await page.title(), 'Notes');
  });

  test("its own WebSocket opens and knows it, and another site's form, fetch and WebSocket do nothing", async () => {
    await page.goto(`${site.url}/notes`);
    const before = await page.getByRole('listitem').count();
    assert.equal(await page.evaluate(echo, `ws://localhost:${site.port}/echo`), 'ann: hello');
    const elsewhere = await serve(attackOn(site.url));
    try {
      // 127.0.0.1 is another site than localhost, and this browser has a session at the one.
      const visit = await context.newPage();
      await visit.goto(elsewhere.url);
      assert.equal(await visit.evaluate(echo, `ws://localhost:${site.port}/echo`), 'refused');
      assert.equal(await visit.evaluate('sent'), 'sent');
      const [answer] = await Promise.all([
        visit.waitForResponse(`${site.url}/notes`),
        visit.evaluate('document.forms[0].submit()'),
      ]);
      assert.equal(answer.status(), 403);
      await visit.close();
    } finally {
      elsewhere.server.close();
      elsewhere.server.closeAllConnections();
    }
    await page.reload();
    assert.equal(await page.getByRole('listitem').count(), before);
    const refused = site.events
      .filter(({ guard }) => guard === 'csrf')
      .map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(new Set(refused), new Set(['POST /notes', 'GET /echo']));
    assert.ok(refused.length >= 3, refused.join());
  });

  test('after signing out, the back button shows nothing of what was there', async () => {
    await page.goto(`${site.url}/notes`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(`${site.url}/`);
    await page.goBack();
    await page.waitForURL(/\/login/);
    assert.equal(await page.getByText('the first note').count(), 0);
  });
});

describe('a script that somebody stored in a page', () => {
  const INJECTED = `<script>document.documentElement.dataset.injected = 'yes'</script><img src="data:," onerror="document.documentElement.dataset.handler = 'yes'">`;
  const seen = join(folder, 'pages.sqlite');

  async function unescaped(policy: PolicyOptions): Promise<NotesSite> {
    return await start(
      { ...policy, gateway: { vault: true, pages: { seen, sources } } },
      { command: gunicorn('unescaped:app'), folder },
    );
  }

  /** What has run on a page that the script is stored in. */
  async function ran(policy: PolicyOptions): Promise<unknown> {
    const site = await unescaped(policy);
    try {
      const context = await browser.newContext();
      const page = await context.newPage();
      await signIn(page, site);
      await keepNote(page, INJECTED);
      await page.goto(`${site.url}/notes`);
      await page.waitForLoadState('networkidle');
      const set: unknown = await page.evaluate('({ ...document.documentElement.dataset })');
      await context.close();
      return set;
    } finally {
      await site.stop();
    }
  }

  test('runs where the policy is only observed', async () => {
    assert.deepEqual(await ran({ csp: { mode: 'observe' } }), {
      injected: 'yes',
      handler: 'yes',
      ready: 'yes',
    });
  });

  test('is not offered, and does not run under the policy with what is: the own scripts of the page do', async () => {
    const codes = new SeenCodes(seen);
    const accepted = readAccepted(sources);
    const offers = offersOf({ seen: codes.all(), templates: [], accepted, clients: 1 });
    codes.close();
    const standings = new Map(offers.map(({ text, standing }) => [text, standing]));
    assert.equal(standings.get("document.documentElement.dataset.injected = 'yes'"), 'sent');
    writeAccepted(
      sources,
      accepting(
        accepted,
        offers.filter(({ standing }) => standing === 'offered'),
      ),
    );
    assert.deepEqual(await ran({}), { ready: 'yes' });
  });

  test('does not run in Firefox either, and the own scripts of the page do', async () => {
    const site = await unescaped({});
    const firefox = await Firefox.start();
    try {
      const tab = await firefox.tab();
      await tab.open(`${site.url}/login`);
      await tab.type('Name', 'ann');
      await tab.type('Password', 'ann-password');
      await tab.press('Sign in');
      await tab.arrives('/notes');
      await tab.type('Note', INJECTED);
      await tab.press('Keep');
      await until(
        'the note is kept',
        async () =>
          await tab.look(`document.readyState === 'complete' && document.querySelector('li img') !== null`),
      );
      assert.deepEqual(await tab.look('({ ...document.documentElement.dataset })'), { ready: 'yes' });
    } finally {
      await firefox.stop();
      await site.stop();
    }
  });

  test('does not run where nothing was accepted, and then the own scripts do not either', async () => {
    rmSync(sources);
    assert.deepEqual(await ran({}), {});
  });
});
