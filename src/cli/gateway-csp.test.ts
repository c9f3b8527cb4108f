import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { hashSource } from '../gateway/pages/page-code.ts';
import { SeenCodes, type Sighting } from '../gateway/pages/seen-code.ts';
import { type ExitCode, run } from './main.ts';

const OWN = hashSource('own()');
const RARE = hashSource('rare()');
const SENT = hashSource('sent()');

interface Site {
  readonly folder: string;
  readonly sources: string;
  readonly csp: (...args: string[]) => Promise<{ code: ExitCode; out: string; err: string }>;
}

/** A folder with a policy that names where its files are, and what was seen. */
function siteOf(t: TestContext): Site {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-csp-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [policy, seen, sources] = ['policy.mjs', 'pages.sqlite', 'csp.json'].map((name) =>
    join(folder, name),
  );
  const pages = JSON.stringify({ seen, sources });
  writeFileSync(policy ?? '', `export default { gateway: { pages: ${pages} } };`);
  const codes = new SeenCodes(seen ?? '');
  codes.keep(
    [
      ...['192.0.2.1', '192.0.2.2'].map((client) => sighting(OWN, 'own()', client)),
      sighting(RARE, 'rare()\u001b[2J', '192.0.2.1'),
      ...['192.0.2.1', '192.0.2.2'].map((client) => sighting(SENT, 'sent()', client)),
      { ...sighting('onclick', 'press()', '192.0.2.1'), directive: 'attribute' },
    ],
    [{ opening: 'sent()', at: 1 }],
  );
  codes.close();
  return {
    folder,
    sources: sources ?? '',
    csp: async (...args) => {
      const [out, err] = [new Collected(), new Collected()];
      const code = await run(['gateway', 'csp', ...args, '--policy', policy ?? ''], { out, err });
      return { code, out: out.text, err: err.text };
    },
  };
}

function sighting(source: string, text: string, client: string): Sighting {
  return {
    directive: 'script-src',
    source,
    text,
    characters: text.length,
    client,
    path: '/',
    isReflected: false,
    at: 1_000,
  };
}

class Collected extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}

test('lists what pages run, each with what speaks for it, and writes nothing', async (t) => {
  const { csp, sources } = siteOf(t);
  const { code, out } = await csp();
  assert.equal(code, 0);
  assert.match(
    out,
    /Offered: [^\n]*\n {2}script-src 'sha256-[^\n]*\n {4}2 answers, 2 clients, \/\n {4}own\(\)\n/,
  );
  assert.match(out, /One client had it alone[^]*rare\(\)/);
  assert.match(out, /A visitor sent it before it was seen[^]*sent\(\)/);
  assert.match(out, /No source lets attributes run[^]*onclick[^]*press\(\)/);
  // What a page says reaches no terminal as it is.
  assert.ok(!out.includes('\u001b'));
  assert.ok(!existsSync(sources));
});

test('accepts what is offered, and once more changes nothing', async (t) => {
  const { csp, sources } = siteOf(t);
  const { code, err } = await csp('accept');
  assert.equal(code, 0);
  assert.match(err, /1 in .*csp\.json/);
  const written = readFileSync(sources, 'utf8');
  assert.deepEqual(JSON.parse(written), { 'script-src': { [OWN]: 'own()' }, 'style-src': {} });
  await csp('accept');
  assert.equal(readFileSync(sources, 'utf8'), written);
  assert.match((await csp()).out, /Accepted already[^]*Nothing to accept/);
});

test('accepts by name what one client had alone, and never what a visitor sent', async (t) => {
  const { csp, sources } = siteOf(t);
  assert.equal((await csp('accept', RARE.slice(1, 20))).code, 0);
  assert.ok(readFileSync(sources, 'utf8').includes(RARE));
  for (const [name, reason] of [
    [SENT, /a visitor had sent it/],
    ['onclick', /no source lets attributes run/],
    ['sha256-', /More than one/],
    ['sha256-none', /Nothing here begins/],
  ] as const) {
    const { code, err } = await csp('accept', name);
    assert.equal(code, 2, name);
    assert.match(err, reason);
  }
  assert.ok(!readFileSync(sources, 'utf8').includes(SENT));
});

test('templates speak for what stands in them, and tell what no hash fits', async (t) => {
  const { csp, folder } = siteOf(t);
  const templates = join(folder, 'templates');
  mkdirSync(templates);
  writeFileSync(join(templates, 'a.html'), '<script>sent()</script><script>var a = {{ a }}</script>');
  const { out } = await csp('--templates', templates);
  assert.match(
    out,
    /Offered[^]*in a\.html, 2 answers[^]*sent\(\)[^]*Another text in each answer[^]*var a = \{\{\.\.\.\}\}/,
  );
  assert.equal((await csp('--templates', join(folder, 'none'))).code, 2);
});

test('with --json it is one line, and with --clients others are offered', async (t) => {
  const { csp } = siteOf(t);
  const { out } = await csp('--json', '--clients', '1');
  const offers = JSON.parse(out) as { source: string; standing: string }[];
  assert.deepEqual(
    offers
      .filter(({ standing }) => standing === 'offered')
      .map(({ source }) => source)
      .toSorted(),
    [OWN, RARE].toSorted(),
  );
  assert.equal((await csp('--clients', '0')).code, 2);
});

test('where nothing was seen it says how something is', async (t) => {
  const { csp, folder } = siteOf(t);
  rmSync(join(folder, 'pages.sqlite'));
  const { code, err } = await csp();
  assert.equal(code, 2);
  assert.match(err, /csp: \{ mode: 'observe' \}/);
});
