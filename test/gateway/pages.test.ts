/** What pages of a real application run is noted while a policy is observed, and what visitors put there is told from it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Mode } from '../../src/core/guard.ts';
import { hashSource } from '../../src/gateway/pages/page-code.ts';
import { type SeenCode, SeenCodes } from '../../src/gateway/pages/seen-code.ts';
import { writeAccepted } from '../../src/gateway/pages/accepted-sources.ts';
import { ask, type RawAnswer, valueOf } from '../../src/testing/wire.ts';
import { type AppBehindGateway, appBehindGateway, gunicorn } from './python-app.ts';

const INLINE = hashSource("\n      document.documentElement.dataset.inline = 'ran';\n    ");
const STORED = 'window.stored = 1; // by a visitor';
const OPENED = { accept: 'text/html', 'sec-fetch-dest': 'document' };

const folder = mkdtempSync(join(tmpdir(), 'bulwark-pages-'));
const seenFile = join(folder, 'pages.sqlite');
const sources = join(folder, 'csp.json');
after(() => rmSync(folder, { recursive: true, force: true }));

async function start(mode: Mode): Promise<AppBehindGateway> {
  return await appBehindGateway(
    { command: gunicorn('pages_app:app') },
    { csp: { mode }, gateway: { pages: { seen: seenFile, sources } } },
  );
}

const open = async (port: number, target: string, client = '192.0.2.1'): Promise<RawAnswer> =>
  await ask(port, { target, headers: { ...OPENED, 'x-forwarded-for': client } });

const post = async (port: number, type: string, body: string, client: string): Promise<RawAnswer> =>
  await ask(port, {
    method: 'POST',
    target: '/comments',
    headers: {
      'content-type': type,
      origin: 'https://example.com',
      'x-forwarded-for': client,
    },
    body,
  });

/** What is known by now: another process would see the same. */
function seen(): readonly SeenCode[] {
  const codes = new SeenCodes(seenFile);
  try {
    return codes.all();
  } finally {
    codes.close();
  }
}

const find = (text: string): SeenCode | undefined => seen().find((one) => one.text.includes(text));

describe('observed', () => {
  let site: AppBehindGateway;
  before(async () => {
    site = await start('observe');
    // It learns as soon as the tokenizer is loaded.
    await shownUntil('/', ['192.0.2.1'], () => seen().length > 0);
  });
  after(() => site.stop());

  /** Opens a page for each client, again and again: no more than some pages a second are read. */
  const shownUntil = async (
    target: string,
    clients: readonly string[],
    isSeen: () => boolean,
  ): Promise<void> => {
    for (let tries = 0; tries < 100; tries += 1) {
      for (const client of clients) await open(site.port, target, client);
      await sleep(200);
      if (statSync(seenFile, { throwIfNoEntry: false }) !== undefined && isSeen()) return;
    }
    assert.fail(`not seen: ${target}`);
  };

  test("the application's own scripts and styles are known, with where they were and who had them", async () => {
    const isSeen = (): boolean => (find('dataset.inline')?.clients.length ?? 0) >= 2;
    await shownUntil('/about', ['192.0.2.2'], isSeen);
    const inline = find('dataset.inline');
    assert.equal(inline?.source, INLINE);
    assert.equal(inline?.directive, 'script-src');
    assert.deepEqual([inline?.sent, inline?.reflected], [false, 0]);
    assert.deepEqual(inline?.clients.toSorted(), ['192.0.2.1', '192.0.2.2']);
    assert.deepEqual(inline?.paths.toSorted(), ['/', '/about']);
    assert.equal(find('/static/own.js')?.source, "'self'");
    assert.equal(find('color: rgb')?.directive, 'style-src');
    assert.equal(find('dataset.attribute')?.directive, 'attribute');
    assert.equal(statSync(seenFile).mode & 0o077, 0);
  });

  test("a script that a link brought is known as the request's own", async () => {
    const target = `/search?q=${encodeURIComponent('<script>window.reflected = 1</script>')}`;
    const clients = ['192.0.2.3', '192.0.2.4', '192.0.2.5'];
    await shownUntil(target, clients, () => (find('window.reflected')?.answers ?? 0) >= 3);
    const found = find('window.reflected');
    assert.equal(found?.reflected, found?.answers);
    assert.deepEqual(found?.clients, []);
    assert.equal(found?.sent, true);
  });

  for (const [name, type, write] of [
    [
      'a form',
      'application/x-www-form-urlencoded',
      (text: string) => new URLSearchParams({ text }).toString(),
    ],
    ['JSON', 'application/json', (text: string) => JSON.stringify({ text })],
    [
      'JSON with escapes',
      'application/json',
      (text: string) => JSON.stringify({ text }).replaceAll('<', String.raw`\u003c`),
    ],
    [
      'a multipart form',
      'multipart/form-data; boundary=b',
      (text: string) => `--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n${text}\r\n--b--\r\n`,
    ],
  ] as const)
    test(`a script that somebody stored by ${name} is known as a visitor's, however many see it`, async () => {
      const code = `${STORED} ${name}`;
      assert.equal(
        (await post(site.port, type, write(`<p><script>${code}</script>`), '192.0.2.6')).status,
        302,
      );
      const clients = ['192.0.2.1', '192.0.2.7', '192.0.2.8'];
      await shownUntil('/comments', clients, () => (find(code)?.clients.length ?? 0) >= 3);
      assert.equal(find(code)?.sent, true);
    });

  test('nobody takes a script from the application by sending it again', async () => {
    const own = "<script>\n      document.documentElement.dataset.inline = 'ran';\n    </script>";
    await post(site.port, 'application/json', JSON.stringify({ text: own }), '192.0.2.9');
    const isSeen = (): boolean => find('dataset.inline')?.paths.includes('/comments') === true;
    await shownUntil('/comments', ['192.0.2.9'], isSeen);
    assert.equal(find('dataset.inline')?.sent, false);
  });

  test('pages are asked for as they are, and their policy is report-only', async () => {
    const page = await open(site.port, '/');
    assert.match(valueOf(page, 'content-security-policy-report-only') ?? '', /script-src 'nonce-/);
    assert.equal(valueOf(page, 'content-security-policy'), undefined);
  });
});

describe('enforced', () => {
  let site: AppBehindGateway;
  before(async () => {
    writeAccepted(sources, {
      'script-src': { "'self'": 'files of this site', [INLINE]: 'of the layout' },
      'style-src': {},
    });
    site = await start('enforce');
  });
  after(() => site.stop());

  test('what was accepted stands in the policy, and what goes by hosts has no strict-dynamic beside it', async () => {
    const page = await open(site.port, '/');
    const policy = valueOf(page, 'content-security-policy') ?? '';
    const [, scripts = ''] = /script-src ([^;]*)/.exec(policy) ?? [];
    assert.match(scripts, /^'nonce-[\w-]+' 'self' 'sha256-/);
    assert.ok(scripts.includes(INLINE) && !scripts.includes('strict-dynamic'));
    assert.ok(!policy.includes(hashSource(STORED)));
  });

  test('nothing is noted any more', async () => {
    const before = find('dataset.inline')?.answers;
    await open(site.port, '/');
    await open(site.port, '/');
    await site.gateway.close();
    assert.equal(find('dataset.inline')?.answers, before);
  });
});

describe('pages with a nonce', () => {
  let site: AppBehindGateway;
  before(async () => {
    site = await start('enforce');
  });
  after(() => site.stop());

  test('a template prints the nonce of the policy, whatever a client sent by that name', async () => {
    const nonces = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const page = await ask(site.port, {
        target: '/nonced',
        headers: { ...OPENED, 'x-bulwark-nonce': 'planted' },
      });
      const [, sent = ''] = /'nonce-([\w-]+)'/.exec(valueOf(page, 'content-security-policy') ?? '') ?? [];
      const [, printed = ''] = /<script nonce="([^"]*)"/.exec(page.body) ?? [];
      assert.ok(sent.length >= 22);
      assert.equal(printed, sent);
      // No other tag got it: the gateway writes into no markup.
      assert.equal(page.body.split(sent).length, 2);
      nonces.add(sent);
    }
    assert.equal(nonces.size, 3);
  });

  test('a page leaves without what a condition is made of, and is asked for without one', async () => {
    const page = await open(site.port, '/nonced');
    assert.deepEqual([valueOf(page, 'etag'), valueOf(page, 'last-modified')], [undefined, undefined]);
    const condition = { 'if-none-match': '"a"', 'if-modified-since': 'Mon, 30 Nov 2026 00:00:00 GMT' };
    for (const [headers, status] of [
      [{ ...OPENED, ...condition }, 200],
      [{ accept: 'text/html', ...condition }, 200],
      [{ 'sec-fetch-dest': 'iframe', ...condition }, 200],
      [{ accept: '*/*', 'sec-fetch-dest': 'script', ...condition }, 304],
    ] as const) {
      const answer = await ask(site.port, { target: '/kept', headers });
      assert.equal(answer.status, status);
      // A 304 has no policy: its headers would replace those that were kept with the page.
      assert.equal(valueOf(answer, 'content-security-policy') === undefined, status === 304);
    }
    const file = await ask(site.port, { target: '/static/own.js', headers: { 'sec-fetch-dest': 'script' } });
    const again = await ask(site.port, {
      target: '/static/own.js',
      headers: { 'sec-fetch-dest': 'script', 'if-none-match': valueOf(file, 'etag') ?? '' },
    });
    assert.equal(again.status, 304);
  });
});
