/** What every framework has to do under the default policy, in Chromium and in Firefox: the same of all, so that none is spared a question. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { until } from '../../support/until.ts';
import { inFirefox } from './in-firefox.ts';
import { type Application, openSite, type Site } from './site.ts';

/** An application, and how it differs from others. */
export interface Framework extends Application {
  /** What its tests are called. Default: its name. */
  readonly title?: string;
  /** Whether `/late` comes in pieces. Default true. */
  readonly streams?: boolean;
  /** The sources of `script-src` on the first page. Default: the nonce and `'strict-dynamic'`, and whatever is beside them. */
  readonly scripts?: RegExp;
  /** Whether a link leads to a new document. Default false. */
  readonly documents?: boolean;
  /** What a visitor reads on `/wrong`. Default: the page of the layer. */
  readonly errorPage?: string;
  /** What Firefox blocks of it, and Chromium does not: no page needs it. */
  readonly firefoxBlocks?: RegExp;
  /** Its page in docs/guides/frameworks. Default: its name. */
  readonly page?: string;
}

/** Robots are given pages in one piece, and a `fetch` of Node.js passes for one. */
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
/** What the layer says of an error. */
const ERROR_PAGE = 'Something went wrong';
const SECRET_OF_THE_ERROR = 'the database password is hunter2';

/**
 * Registers the tests. Pages of the application: `/` (h1 `First`, a button `Count 0` that counts, `#alive` in which an effect
 * writes `hydrated`, a link `Second`), `/second` (h1 `Second`), `/notes` (a form with the field `note` and the button `Keep`, then
 * the text in `#note`), `/late` (`#late`, after what says `waiting`), `/wrong` (throws {@link SECRET_OF_THE_ERROR}), `/sign-in` (the
 * field `account`, the button `Sign in`), `/account` (signed in only; the account in `#who`); `/api/hello` (GET: `{"hello":"world"}`,
 * POST of `{"name"}`: `{"hello": name}`).
 *
 * @param more - tests of this framework alone
 */
export function frameworkSuite(
  framework: Framework,
  more: (site: () => Site) => void = () => undefined,
): void {
  describe(framework.title ?? framework.name, () => {
    let open: Site | undefined;
    const site = (): Site => {
      assert.ok(open !== undefined, 'the application did not start');
      return open;
    };
    before(async () => {
      open = await openSite(framework);
    });
    after(async () => {
      await open?.close();
    });
    pages(site, framework);
    answers(site, framework);
    const { documents = false, streams = true, errorPage = ERROR_PAGE, firefoxBlocks } = framework;
    inFirefox(site, { documents, streams, errorPage, firefoxBlocks });
    guide(framework.page ?? framework.name, framework.name);
    more(site);
  });
}

/** Registers that a client router goes where a page for members leads whoever is not signed in. The link is called `Account`. */
export function linkForMembers(site: () => Site): void {
  test('a link to a page for members leads to the sign-in page, and the way back is the page', async () => {
    const { browser, url } = site();
    const page = await browser.newPage();
    await page.goto(`${url}/`);
    await page.locator('#alive', { hasText: 'hydrated' }).waitFor();
    await page.getByRole('link', { name: 'Account' }).click();
    await page.waitForURL(`${url}/sign-in?next=%2Faccount`);
    await page.close();
  });
}

function pages(
  site: () => Site,
  { scripts = /^'nonce-[\w-]{22}' 'strict-dynamic'/, documents = false }: Framework,
): void {
  test('the first page: nothing of it is blocked, under the policy that is sent by default', async () => {
    const { page, url } = site();
    const answer = await page.goto(`${url}/`);
    await page.getByRole('heading', { name: 'First' }).waitFor();
    const policy = answer?.headers()['content-security-policy'] ?? '';
    assert.match(/[^]*script-src ([^;]*)/.exec(policy)?.[1] ?? '', scripts);
    assert.match(policy, /style-src 'self' 'nonce-[\w-]{22}'/);
    // One style attribute, by its hash, is no script.
    const scriptless = policy.replace(/;style-src-attr 'unsafe-hashes' 'sha256-[\w+/=]+'/, '');
    assert.doesNotMatch(scriptless, /unsafe-(?:inline|eval|hashes)/);
    assert.match(policy, /require-trusted-types-for 'script'/);
    quiet(site());
  });

  test('hydration: an effect runs, and a button counts', async () => {
    const { page } = site();
    await page.locator('#alive', { hasText: 'hydrated' }).waitFor();
    await page.getByRole('button', { name: 'Count 0' }).click();
    await page.getByRole('button', { name: 'Count 1' }).waitFor();
    quiet(site());
  });

  test(`navigation: a link is followed ${documents ? 'to' : 'without'} a new document`, async () => {
    const { page } = site();
    await page.evaluate('globalThis.kept = true');
    await page.getByRole('link', { name: 'Second' }).click();
    await page.getByRole('heading', { name: 'Second' }).waitFor();
    assert.equal(await page.evaluate('globalThis.kept'), documents ? undefined : true);
    quiet(site());
  });

  test('a page that is opened by its address hydrates too', async () => {
    const { page, url } = site();
    await page.goto(`${url}/second`);
    await page.getByRole('heading', { name: 'Second' }).waitFor();
    quiet(site());
  });

  test('a form is taken from the page, and from no other site', async () => {
    const { page, url } = site();
    await page.goto(`${url}/notes`);
    await page.locator('[name=note]').fill('water the plants');
    await page.getByRole('button', { name: 'Keep' }).click();
    await page.locator('#note', { hasText: 'water the plants' }).waitFor();
    quiet(site());
    const forged = await fetch(`${url}/notes`, {
      method: 'POST',
      headers: { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' },
      body: new URLSearchParams({ note: 'forged' }),
    });
    assert.equal(forged.status, 403);
  });
}

function answers(site: () => Site, { streams = true, errorPage = ERROR_PAGE, environment }: Framework): void {
  test('an API route answers a script of the page', async () => {
    const { page } = site();
    const got = await page.evaluate(`fetch('/api/hello').then((answer) => answer.json())`);
    assert.deepEqual(got, { hello: 'world' });
    const posted = await page.evaluate(`fetch('/api/hello', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'ann' }),
    }).then((answer) => answer.json())`);
    assert.deepEqual(posted, { hello: 'ann' });
    quiet(site());
  });

  if (streams)
    test('streaming: what comes late finds its place', async () => {
      const { page, url } = site();
      await page.goto(`${url}/late`);
      await page.locator('#late', { hasText: 'late' }).waitFor();
      const answer = await fetch(`${url}/late`, { headers: { 'User-Agent': BROWSER } });
      const pieces: string[] = [];
      for await (const piece of answer.body ?? []) pieces.push(Buffer.from(piece).toString());
      const first = pieces[0] ?? '';
      assert.ok(first.includes('waiting') && !first.includes('id="late"'), 'it comes in pieces');
      quiet(site());
    });

  test('an error: its page is shown, its text and stack are not, and the log has it', async () => {
    const { page, url, log, complaints } = site();
    const answer = await page.goto(`${url}/wrong`);
    await page.getByText(errorPage).first().waitFor();
    assert.equal(answer?.status(), 500);
    const shown = await page.content();
    // A developer at this very machine is shown it, and nobody else ever.
    const isHidden = environment !== 'development';
    assert.equal(shown.includes(SECRET_OF_THE_ERROR), !isHidden, 'the text of the error');
    if (isHidden) assert.doesNotMatch(shown, /\bat [\w.<>]+ \(|node_modules|file:\/\//);
    await until('the log has it', () => log().includes('"sys_crash"'));
    const others = complaints().filter((one) => !one.includes('status of 500'));
    assert.deepEqual(others, []);
  });

  test('a sign-in: who is not signed in is led there, and the page knows who came back', async () => {
    const { page, url } = site();
    await page.goto(`${url}/account`);
    await page.waitForURL(/\/sign-in/);
    await page.locator('[name=account]').fill('ann');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('#who', { hasText: 'ann' }).waitFor();
    await page.goto(`${url}/account`);
    await page.locator('#who', { hasText: 'ann' }).waitFor();
    quiet(site());
  });
}

/** A block that begins with the name of a file, in a comment, is a part of that file: what users copy is what was tried. */
const BLOCK = /```\w+\n(?:\/\/|<!--|#) (?<file>[\w./[\]()-]+\.\w+)(?: -->)?\n(?<lines>[^]*?)```/g;

function guide(page: string, application: string): void {
  test('the lines of its page are those of the application', () => {
    const frameworks = join(import.meta.dirname, '..');
    const text = readFileSync(join(frameworks, `../../docs/guides/frameworks/${page}.md`), 'utf8');
    const blocks = [...text.matchAll(BLOCK)];
    assert.ok(blocks.length > 0);
    for (const { groups: { file = '', lines = '' } = {} } of blocks) {
      const source = readFileSync(join(frameworks, application, file), 'utf8');
      assert.ok(source.includes(lines), `${file}:\n${lines}`);
    }
  });
}

/** Nothing was blocked, refused or thrown since this was asked last. */
export function quiet({ complaints, log }: Site): void {
  assert.deepEqual(complaints(), [], log().slice(-2000));
}
