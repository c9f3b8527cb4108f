import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { OURS, type ReportRecord } from '../stores/ports/reports.ts';
import { sqlite } from '../stores/sqlite/state.ts';
import { policyOf } from './csp-look.ts';
import { versionOf } from '../controls/csp/reporting.ts';
import { hashSource } from '../gateway/pages/page-code.ts';
import { SeenCodes } from '../gateway/pages/seen-code.ts';
import { type ExitCode, run } from './main.ts';

const SQLITE = join(import.meta.dirname, '../stores/sqlite/state.ts');
const DAY_MS = 86_400_000;

interface Ran {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

interface Site {
  readonly csp: (...args: string[]) => Promise<Ran>;
  readonly keep: (...records: Partial<ReportRecord>[]) => Promise<void>;
  readonly templates: string;
}

/** A policy in a file, with a state beside it. */
async function siteOf(t: TestContext, csp = "{ mode: 'observe' }", more = ''): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-csp-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const data = join(folder, 'data');
  const reports = "reports: { path: '/csp-reports' }";
  let files = 0;
  // A command closes the state of its policy, and a module is run once in a process: here each command has a file of its own.
  const policyFile = (): string => {
    files += 1;
    const file = join(folder, `policy-${files}.ts`);
    writeFileSync(
      file,
      `import { sqlite } from ${JSON.stringify(SQLITE)};
       export default { origin: 'https://example.com', state: sqlite(${JSON.stringify(data)}), csp: ${csp}, ${more === '' ? reports : more} };`,
    );
    return file;
  };
  const templates = join(folder, 'views');
  mkdirSync(templates);
  writeFileSync(join(templates, 'page.ejs'), '<script>start("Ann")</script>');
  const policy = await policyOf(policyFile());
  const version = versionOf(policy.csp, []);
  await policy.state.close();
  let made = 0;
  return {
    templates,
    csp: async (...args) => {
      const [out, err] = [new Collected(), new Collected()];
      const code = await run(['csp', ...args, '--policy', policyFile()], { out, err });
      return { code, out: out.text, err: err.text };
    },
    keep: async (...records) => {
      const state = sqlite(data);
      const now = Date.now();
      await state.reports?.add(
        records.map((record) => {
          made += 1;
          const sketch = {
            key: `k${made}`,
            version,
            kind: 'csp-violation',
            facts: '{}',
            count: 1,
            clients: 3,
          };
          return Object.assign(sketch, { firstAt: now, lastAt: now }, record);
        }),
        99,
      );
      await state.close();
    },
  };
}

const TRAFFIC: Partial<ReportRecord> = {
  kind: 'pages',
  count: 5_000,
  clients: OURS + 1023,
  firstAt: Date.now() - 2 * DAY_MS,
};

function violation(directive: string, blocked: string, more: object = {}): Partial<ReportRecord> {
  const facts = JSON.stringify({ page: '/shop', directive, blocked, disposition: 'report', ...more });
  return { facts, count: 7 };
}

const SCRIPT = violation('script-src-elem', 'inline', { sample: 'start("")' });

test('without traffic nothing is ready, and with it a policy that nobody complains of is', async (t) => {
  const { csp, keep } = await siteOf(t);
  const early = await csp('status');
  assert.equal(early.code, 1);
  assert.match(early.out, /0 pages sent under it[^]*Not ready\.[^]*0 of 100 pages[^]*0 of 24 hours/);
  await keep({ ...TRAFFIC, firstAt: Date.now() });
  assert.match((await csp('status')).out, /Not ready\.\n {2}it was sent for 0 of 24 hours/);
  await keep(TRAFFIC);
  const ready = await csp('status');
  assert.equal(ready.code, 0, ready.out);
  assert.match(ready.out, /Ready: bulwark csp promote/);
  assert.match((await csp('promote')).out, /^csp: \{\n {2}mode: 'enforce'/);
});

test('what would break stands in the way, until a line or a template says that it is ours', async (t) => {
  const { csp, keep, templates } = await siteOf(t);
  await keep(TRAFFIC, SCRIPT, violation('img-src', 'https://images.example'));
  const status = await csp('status');
  assert.equal(status.code, 1);
  assert.match(
    status.out,
    /Would break\n {2}script-src inline "start\(""\)"\n {4}7 reports, 2 clients, on \/shop/,
  );
  const without = await csp('suggest');
  assert.equal(without.code, 1);
  assert.match(without.out, /Needs another way[^]*give its tag the nonce/);
  const refused = await csp('promote');
  assert.deepEqual([refused.code, refused.out], [1, '']);
  assert.match(refused.err, /It is not ready:\n {2}script-src inline/);
  const anyway = await csp('promote', '--anyway');
  assert.deepEqual([anyway.code, anyway.out.includes('sha256')], [0, false]);
  writeFileSync(join(templates, 'seldom.ejs'), '<script>seldom()</script>');
  assert.match(
    (await csp('suggest', '--templates', templates)).out,
    /reported by nobody[^\n]*\n {2}script-src 'sha256-[^\n]* seldom\.ejs seldom\(\)\n\nWrite\n/,
  );
  const promoted = await csp('promote', '--templates', templates);
  assert.ok(!promoted.out.includes(hashSource('seldom()')));
  assert.equal(promoted.code, 0, promoted.err);
  const hash = hashSource('start("Ann")');
  assert.ok(promoted.out.includes(`'script-src': ["'nonce'", "'strict-dynamic'", "${hash}"],`), promoted.out);
  assert.ok(
    promoted.out.includes(
      `'/shop': {\n    csp: {\n      'img-src': ["'self'", 'data:', 'https://images.example'],`,
    ),
  );
});

test('what the gateway offers is found by how it begins, and what it accepted is in the policy already', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-csp-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [seen, sources] = [join(folder, 'pages.sqlite'), join(folder, 'csp.json')];
  const pages = JSON.stringify({ seen, sources });
  const { csp, keep } = await siteOf(
    t,
    "{ mode: 'observe' }",
    `reports: { path: '/csp-reports' }, gateway: { pages: ${pages} }`,
  );
  const codes = new SeenCodes(seen);
  const hash = hashSource('\n  start("Ann")');
  const one = { directive: 'script-src', source: hash, text: 'start("Ann")', characters: 15 } as const;
  codes.keep(
    ['192.0.2.1', '192.0.2.2'].map((client) =>
      Object.assign({ client, path: '/', isReflected: false, at: 1 }, one),
    ),
    [],
  );
  codes.close();
  await keep(TRAFFIC, violation('script-src-elem', 'inline', { sample: '   start("")' }));
  const { out, code } = await csp('promote');
  assert.equal(code, 0);
  assert.ok(out.includes(hash), out);
  writeFileSync(sources, JSON.stringify({ 'script-src': { [hash]: 'start' } }));
  // From now on the gateway sends another policy, of which nothing was reported yet.
  assert.equal((await csp('status')).code, 1);
});

test('what one client alone has sent makes no line, and stands in the way of nothing', async (t) => {
  const { csp, keep, templates } = await siteOf(t);
  const alone = { ...violation('connect-src', 'https://evil.example'), clients: 4 };
  await keep(TRAFFIC, alone, { ...SCRIPT, clients: 4 });
  const status = await csp('status', '--templates', templates);
  assert.match(
    status.out,
    /Would break\n {2}script-src inline[^]*Of too few clients to count\n {2}connect-src https:\/\/evil\.example/,
  );
  assert.ok(!(await csp('promote', '--templates', templates)).out.includes('evil'));
  assert.ok((await csp('promote', '--clients', '1', '--anyway')).out.includes('evil'));
});

test('what whoever reports may make up, or put into a page, is a question and no line', async (t) => {
  const { csp, keep } = await siteOf(t);
  const pages = ['/a', '/b', '/c', '/d'];
  await keep(
    TRAFFIC,
    ...pages.map((page) => violation('connect-src', 'https', { page })),
    violation('style-src', 'data'),
    violation('base-uri', 'https://evil.example'),
    violation('default-src', 'https://evil.example'),
    violation('form-action', 'https://evil.example'),
    violation('script-src-elem', 'https://evil.example'),
  );
  const { out, code } = await csp('suggest');
  assert.equal(code, 1);
  assert.ok(!/^Write$/m.test(out) && !out.includes('Needs a source'), out);
  assert.match(out, /base-uri https:\/\/evil\.example\n[^\n]*\n {4}is it yours\? /);
  const promoted = await csp('promote', '--anyway');
  assert.equal(promoted.out, "csp: {\n  mode: 'enforce', // or without this line\n},\n");
});

test('where hardly anybody has seen pages, what one client met counts', async (t) => {
  const { csp, keep } = await siteOf(t);
  await keep(
    { ...TRAFFIC, clients: OURS + 1 },
    { ...violation('img-src', 'https://images.example'), clients: 1 },
  );
  const { code, out } = await csp('status');
  assert.equal(code, 1);
  assert.match(out, /Would break\n {2}img-src https:\/\/images\.example/);
});

test('what was reported of another policy says nothing of this one', async (t) => {
  const { csp, keep } = await siteOf(t);
  await keep({ ...TRAFFIC, version: 'another-01' }, { ...SCRIPT, version: 'another-01' });
  const { code, out } = await csp('status');
  assert.equal(code, 1);
  assert.match(out, /Pages were sent under another policy/);
  assert.ok(!out.includes('Would break'));
});

test('a tighter step is promoted beside what holds, and what is stopped already is shown', async (t) => {
  const { csp, keep } = await siteOf(t, `{ reportOnly: { 'style-src': ["'self'"] } }`);
  const stopped = violation('script-src-elem', 'inline', { sample: 'injected()', disposition: 'enforce' });
  await keep(TRAFFIC, stopped);
  const { code, out } = await csp('status');
  assert.equal(code, 0, out);
  assert.match(
    out,
    /A tighter step is only reported[^]*Stopped by the policy that holds\n {2}script-src inline "injected\(\)"/,
  );
  assert.match((await csp('promote')).out, /without reportOnly[^]*'style-src': \["'self'"\]/);
});

test('says what is missing, and takes no other words', async (t) => {
  const nothing = await siteOf(t, '{}');
  const { code, out } = await nothing.csp('status');
  assert.deepEqual([code, /nothing is tried out[^]*Nothing to promote/.test(out)], [1, true]);
  const closed = await siteOf(t, '{}', 'https: {}');
  assert.match((await closed.csp('status')).err, /Nobody takes reports: write reports: \{ path/);
  for (const [flag, value] of [
    ['--pages', 'x'],
    ['--hours', '-1'],
    ['--clients', '1.5'],
    ['--templates', 'nowhere'],
  ])
    assert.equal((await nothing.csp('status', flag ?? '', value ?? '')).code, 2, flag);
  assert.equal((await nothing.csp('try', 'file:///etc/passwd')).code, 2);
  const json = JSON.parse((await nothing.csp('status', '--json')).out) as { ready: boolean; pages: number };
  assert.deepEqual([json.ready, json.pages], [false, 0]);
});

class Collected extends Writable {
  text = '';

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}
