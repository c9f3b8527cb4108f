import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
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

test('1 where something falls short, with what was seen and the fix, the worst first', async () => {
  const { code, out } = await checkSite(page);
  assert.equal(code, 1);
  assert.match(
    out,
    /^error {3}csp\.present.*\n {8}there is no policy\n {2}seen {2}no Content-Security-Policy\n {2}fix {3}csp: /m,
  );
  assert.ok(
    out.indexOf('error ') < out.indexOf('warning ') && out.indexOf('warning ') < out.indexOf('note '),
  );
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
  assert.deepEqual(report['findings'], [
    {
      rule: 'csp.present',
      level: 'error',
      message: 'there is no policy',
      evidence: 'no Content-Security-Policy',
      fix: "csp: { mode: 'enforce' }",
      title: 'Every page carries a Content Security Policy that is enforced',
      guide: 3,
      asvs: ['v5.0.0-3.4.3 (in part)'],
      cwe: ['CWE-693'],
    },
  ]);
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
  assert.deepEqual([...methods], ['GET']);
  assert.equal(hosts.size, 1);
  assert.match(out, /say that it is yours \(--own-host\)/);
});

test('wrong use says what is right', async () => {
  assert.match((await check('files.example')).err, /url must be an http or https address/);
  assert.match(
    (await check('http://127.0.0.1:9/', '--only', 'csp.presen')).err,
    /did you mean csp\.present\?/,
  );
  assert.match((await check('http://127.0.0.1:9/', '--burst', '10')).err, /--own-host/);
  for (const argv of [[], ['files.example'], ['http://127.0.0.1:9/', '--burst', 'many']]) {
    assert.equal((await check(...argv)).code, 2);
  }
});
