import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CommandRun, runCommand } from '../../test/support/command-run.ts';
import { listening } from '../../test/support/listening.ts';

function check(...argv: string[]): Promise<CommandRun> {
  return runCommand(['check', ...argv]);
}

function checkSite(listener: RequestListener, ...argv: string[]): Promise<CommandRun> {
  return listening(createServer(listener), (port) => check(`http://127.0.0.1:${port}/`, ...argv));
}

const page: RequestListener = (request, response) => {
  response.setHeader('Content-Type', 'text/html');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.statusCode = request.url === '/' ? 200 : 404;
  response.end('<title>Front</title>');
};

test('0 where what was asked for holds', async () => {
  const { code, out, err } = await checkSite(page, '--only', 'headers.nosniff', '-v');
  assert.deepEqual([code, err], [0, '']);
  assert.match(out, /Held:\n {2}headers\.nosniff: .*nosniff in 2 answers/);
  assert.match(out, /1 held, 0 fell short, 0 not seen\./);
});

test('1 where something falls short, by section, with the place, what was seen, why, and the fix', async () => {
  const { code, out } = await checkSite(page);
  assert.equal(code, 1);
  assert.match(
    out,
    /^error {3}csp\.present.*\n {8}there is no policy\n {2}at {4}GET http:.*\n {2}seen {2}no Content-Security-Policy\n {2}why {3}A defence .*\n {2}fix {3}csp: /m,
  );
  // By section of the checklist, and the worst first in each.
  assert.deepEqual(
    [...out.matchAll(/^(\d+)\. \w/gm)].map(([, number]) => Number(number)),
    [3, 4],
  );
  const section = out.slice(out.indexOf('\n4. '), out.indexOf('Not seen'));
  assert.ok(section.indexOf('error ') < section.indexOf('warning '));
  assert.ok(section.indexOf('warning ') < section.indexOf('note '));
  assert.match(out, /Not seen, and no pass:\n/);
});

test('a level decides what is a no', async () => {
  const only = ['--only', 'headers.permissions-policy'];
  assert.equal((await checkSite(page, ...only)).code, 0);
  assert.equal((await checkSite(page, ...only, '--fail-level', 'note')).code, 1);
  assert.match((await checkSite(page, ...only, '--fail-level', 'bad')).err, /note, warning or error/);
});

test('2 where nothing answers, and where the site says that too much is asked of it', async () => {
  const nobody = await check('http://127.0.0.1:9/');
  assert.equal(nobody.code, 2);
  assert.match(nobody.out, /0 held, 0 fell short/);
  const limited = await checkSite(
    (_request, response) => response.writeHead(429).end(),
    '--only',
    'headers.nosniff',
  );
  assert.equal(limited.code, 2);
  assert.match(limited.out, /too much was asked of it, so this is no pass/);
});

test('one line of JSON, with all that a finding is known by', async () => {
  const { code, out } = await checkSite(page, '--json', '--only', 'csp.present,https.hsts');
  assert.equal(code, 1);
  const report = JSON.parse(out) as Record<string, unknown>;
  assert.deepEqual(report['ran'], ['csp.present']);
  const [finding] = report['findings'] as [Record<string, unknown>];
  const { fingerprint, where, ...rest } = finding;
  assert.match(String(fingerprint), /^[0-9a-f]{32}$/);
  assert.match(JSON.stringify(where), /^\{"url":"http:\/\/127\.0\.0\.1:\d+\/","method":"GET"\}$/);
  assert.deepEqual(rest, {
    rule: 'csp.present',
    level: 'error',
    title: 'Every page carries a Content Security Policy that is enforced',
    message: 'there is no policy',
    evidence: 'no Content-Security-Policy',
    why: 'A defence that browsers or servers offer is not used, so that one mistake elsewhere is enough.',
    fix: "csp: { mode: 'enforce' }",
    guide: 3,
    asvs: ['v5.0.0-3.4.3 (in part)'],
    cwe: ['CWE-693'],
    confidence: 'high',
    help: 'https://github.com/bulwark-layer/bulwark/blob/main/docs/checks/csp.present.md',
  });
  assert.deepEqual([report['version'], report['source'], report['known']], [1, null, []]);
  assert.match(JSON.stringify(report['skipped']), /https\.hsts.*give the https address/);
});

test('sends nothing but what any visitor sends, unless the host is said to be theirs', async () => {
  const methods = new Set<string>();
  const hosts = new Set<string>();
  const { out } = await checkSite((request, response) => {
    methods.add(request.method ?? '');
    hosts.add(request.headers.host ?? '');
    page(request, response);
  });
  assert.deepEqual([...methods].toSorted(), ['GET', 'HEAD', 'OPTIONS']);
  assert.equal(hosts.size, 1);
  assert.match(out, /say that it is yours \(--active\)/);
});

test('wrong use says what is right', async () => {
  assert.match((await check('files.example')).err, /url must be an http or https address/);
  assert.match(
    (await check('http://127.0.0.1:9/', '--only', 'csp.presen')).err,
    /did you mean csp\.present\?/,
  );
  assert.match((await check('http://127.0.0.1:9/', '--burst', '10')).err, /--active/);
  for (const argv of [
    [],
    ['--list', '--tag', 'nothing'],
    ['http://127.0.0.1:9/', '--format', 'pdf'],
    ['files.example'],
    ['http://127.0.0.1:9/', '--burst', 'many'],
  ]) {
    assert.equal((await check(...argv)).code, 2);
  }
});

test('2 where hardly anything could be seen, and says so', async () => {
  const { code, out } = await checkSite(
    (_request, response) => response.writeHead(404, { 'x-content-type-options': 'nosniff' }).end('{}'),
    '--tag',
    'headers,csp,cookies',
  );
  assert.equal(code, 2);
  assert.match(
    out,
    /rules that could be tried, \d+ saw nothing, so this is no pass: give the address of a page/,
  );
});

test('several reports in one run, each where it was asked for, and the text where nothing else is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-check-'));
  const [json, odd] = [join(folder, 'a.json'), join(folder, 'report')];
  try {
    const only = ['--only', 'csp.present'];
    const first = await checkSite(page, ...only, '--output', json, '--format', 'text', '--output', odd);
    assert.equal(first.code, 1);
    assert.match(first.out, /csp\.present/);
    assert.match(readFileSync(odd, 'utf8'), /csp\.present/);
    assert.equal((JSON.parse(readFileSync(json, 'utf8')) as { version: number }).version, 1);
    const nowhere = await checkSite(page, ...only, '--output', join(folder, 'none', 'a.json'));
    assert.deepEqual([nowhere.code, /There is no /.test(nowhere.err)], [2, true]);
    const both = await checkSite(page, '--format', 'json', '--format', 'text');
    assert.match(both.err, /cannot both go to standard output/);
    assert.match((await checkSite(page, '--output', odd)).err, /has no ending of a report/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what a baseline has is not counted again, a waiver counts to its last day, and one without an owner is none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-check-'));
  const file = join(folder, 'baseline.json');
  const run = (): Promise<CommandRun> => checkSite(page, '--only', 'csp.present', '--baseline', file);
  const waiver = {
    rule: 'csp.present',
    reason: 'the pages are rewritten',
    owner: 'Ada',
    until: '2999-12-31',
  };
  const write = (value: object): void => writeFileSync(file, JSON.stringify(value));
  try {
    const before = await checkSite(page, '--only', 'csp.present', '--json');
    writeFileSync(file, before.out);
    assert.deepEqual([(await run()).code, /1 in the baseline/.test((await run()).out)], [0, true]);
    write({ waivers: [waiver] });
    assert.match((await run()).out, /Waived:\n {2}csp\.present: csp\.present, until 2999-12-31, by Ada/);
    assert.equal((await run()).code, 0);
    const late = { ...waiver, until: '2001-01-01' };
    write({ ...(JSON.parse(before.out) as object), waivers: [late] });
    const expired = await run();
    assert.equal(expired.code, 1);
    assert.match(expired.out, /Waivers past their last day, which make this no pass:/);
    write({ waivers: [{ ...late, rule: 'csp.nothing' }] });
    assert.equal((await run()).code, 1);
    for (const bad of [
      { ...waiver, owner: ' ' },
      { ...waiver, until: 'soon' },
      { reason: 'x', owner: 'y' },
    ]) {
      write({ waivers: [bad] });
      const { code, err } = await run();
      assert.equal(code, 2);
      assert.match(err, /waivers\[0\]/);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('prints the rules, and what is known of one', async () => {
  const list = await check('--list', '--tag', 'csrf');
  assert.deepEqual([list.code, list.err], [0, '']);
  assert.match(list.out, /^6\. CSRF on all unsafe methods\n {2}csrf\.fetch-metadata +error +A form/);
  const one = await runCommand(['explain', 'csrf.origin']);
  assert.equal(one.code, 0);
  // Word for word the page of docs/checks/.
  assert.match(one.out, /^# csrf\.origin$[^]*\*\*Why\.\*\* A page of another site sends forms here/m);
  assert.match(
    one.out,
    /6\. CSRF[^]*CWE-352: Cross-Site Request Forgery[^]*\*\*Flask\*\*\n\n```python\nCSRFProtect\(app\)/,
  );
  assert.ok(
    readFileSync(join(import.meta.dirname, '../../docs/checks/csrf.origin.md'), 'utf8').includes(one.out),
  );
  assert.match((await runCommand(['explain', 'csrf.orgin'])).err, /did you mean csrf\.origin/);
});

test('a dry run prints what would be sent, and sends nothing', async () => {
  let asked = 0;
  const { code, out } = await checkSite(
    (request, response) => ((asked += 1), page(request, response)),
    '--dry-run',
    '--active',
  );
  assert.deepEqual([code, asked], [0, 0]);
  assert.match(out, /^GET http:\/\/127\.0\.0\.1:\d+\/$/m);
  assert.match(out, /^TRACE /m);
  assert.match(out, /^POST .*origin: https:\/\/attacker\.example/m);
  assert.match(out, /\d+ requests .*nothing was sent/);
  const visitor = await checkSite(page, '--dry-run');
  assert.doesNotMatch(visitor.out, /^(?!GET|HEAD|OPTIONS|\d|$)/m);
});

test('what of a tree was left out or cut off is counted and named, whichever rules were asked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-check-'));
  try {
    mkdirSync(join(folder, 'node_modules/a'), { recursive: true });
    writeFileSync(join(folder, 'a.py'), 'x = 1\n');
    writeFileSync(join(folder, 'b.py'), 'import yaml\nyaml.load(text) # \0\n');
    const text = await check('--source', folder);
    assert.match(text.out, /warning source\.scanned[^]*not scanned: it is binary[^]*b\.py/);
    assert.match(text.out, /Left out, [^]*\n {2}1 place: packages of others \(node_modules\)/);
    const only = await check('--source', folder, '--only', 'python.yaml', '--json');
    assert.deepEqual((JSON.parse(only.out) as { readonly leftOut: unknown }).leftOut, [
      { why: 'packages of others', count: 1, paths: ['node_modules'] },
      { why: 'it is binary', count: 1, paths: ['b.py'] },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the source alone, and both as one report', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-check-'));
  writeFileSync(
    join(folder, 'app.py'),
    'from flask import Flask, request\napp = Flask(__name__)\n\n@app.route("/x")\ndef x():\n    return eval(request.args["q"])\n',
  );
  try {
    const inside = await check('--source', folder, '--json');
    assert.equal(inside.code, 1);
    const report = JSON.parse(inside.out) as {
      target: unknown;
      source: string;
      findings: { where: { file?: string; line?: number } }[];
    };
    assert.deepEqual([report.target, report.source], [null, folder]);
    assert.ok(report.findings.some(({ where }) => where.file === 'app.py' && where.line === 6));
    const both = await checkSite(page, '--source', folder);
    assert.match(both.out, /^http:.*\/ and .*bulwark-check-/);
    assert.match(both.out, /at {4}app\.py:6/);
    assert.match(both.out, /csp\.present/);
    assert.match((await check('--source', join(folder, 'none'))).err, /source must be a folder/);
    assert.equal((await check('--source', join(folder, 'none'))).code, 2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a profile that is none says what is wrong with it, and nothing is sent', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-check-'));
  const file = join(folder, 'profile.json');
  try {
    writeFileSync(file, '{"url":"/login","fields":{"email":"a","password":"b"}}');
    const { code, err } = await check('http://127.0.0.1:9/', '--login', file);
    assert.equal(code, 2);
    assert.match(err, /no password stands in a profile/);
    assert.match((await check('http://127.0.0.1:9/', '--login', join(folder, 'none'))).err, /There is no /);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
