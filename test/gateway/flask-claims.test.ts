/**
 * docs/guides/flask.md promises in tables what no block of it runs. Each row has a test that holds it, named here: a row that is
 * new, or a test that is gone, fails. What nothing else held is held below.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { GATEWAY_EVENTS } from '../../src/gateway/gateway.events.ts';
import { ask } from '../../src/testing/wire.ts';
import { record, watchedGateway } from './recorder.ts';

const ROOT = join(import.meta.dirname, '../..');
const GUIDE = readFileSync(join(ROOT, 'docs/guides/flask.md'), 'utf8');

/** By section and first cell: a file, and words of the test in it. */
const HELD: Readonly<Record<string, Readonly<Record<string, readonly [file: string, words: string]>>>> = {
  'What it does': {
    requests: ['test/gateway/odd-requests.test.ts', 'readOnce'],
    limits: ['test/gateway/flask-claims.test.ts', 'two hundred requests a minute'],
    'sign-ins': ['test/gateway/sign-in.test.ts', 'its owner is not'],
    'other sites': ['test/gateway/forged.test.ts', 'without one there is nothing to forge with'],
    uploads: ['test/gateway/flask-claims.test.ts', 'ten megabytes'],
    cookies: ['test/gateway/flask.test.ts', 'Secure; HttpOnly; SameSite=Lax'],
    caches: ['src/gateway/answers/private-answers.test.ts', 'is not stored'],
    headers: ['test/gateway/flask.test.ts', "script-src 'nonce-"],
    errors: ['test/gateway/debug-pages.test.ts', 'for developers'],
    answers: ['test/gateway/answers.test.ts', 'can be read in two ways is a 502'],
  },
  'The sections of a hardening guide': {
    '1. configuration and secrets': ['src/policy/read-policy.test.ts', 'ERR_BULWARK_SECRET'],
    '2. https and HSTS': ['test/gateway/flask-guide.test.ts', 'what it says of https'],
    '3. sessions and cookies': ['test/gateway/vault.test.ts', 'it ends where it lies idle'],
    '4. CSRF': ['test/gateway/own-csrf.test.ts', 'never hears of what another site sends'],
    '5. passwords and limits': ['test/gateway/sign-in-stores.test.ts', 'ten are let through in all'],
    '6. input and uploads': ['test/gateway/flask-claims.test.ts', 'ten megabytes'],
    '7. content security policy': ['test/gateway/pages.test.ts', 'a template prints the nonce'],
    '8. dependencies': ['examples/flask/requirements.txt', '--hash=sha256:'],
    '9. logs': ['test/gateway/flask-claims.test.ts', 'one line for each refusal'],
    '10. safe defaults': ['src/gateway/answers/private-answers.test.ts', 'is not stored'],
    '11. hardening': ['test/gateway/flask-claims.test.ts', 'odd methods'],
  },
  'Who is signed in': {
    'who decides': ['test/gateway/flask.test.ts', 'signs in, keeps notes, and signs out'],
    'how does the gateway know': ['src/gateway/sign-in/outcome.test.ts', 'the form again is a failure'],
    'what does the log have': ['test/gateway/sign-in.test.ts', 'authn_login_success'],
    'who may sign in how often': ['test/gateway/sign-in.test.ts', 'held up after five tries'],
    'who ends a sign-in': ['test/gateway/vault.test.ts', 'opens nothing after it'],
  },
  'The vault: a sign-out that holds': {
    'sign-out': ['test/gateway/vault.test.ts', 'copied before the sign-out opens nothing after it'],
    time: ['test/gateway/vault.test.ts', 'at its absolute end'],
    revocation: ['test/gateway/vault.test.ts', 'ended from the server by the name of the user'],
    'another user': ['test/gateway/vault.test.ts', 'another user has another handle'],
    'two answers at once': ['src/gateway/vault/vault.test.ts', 'at once'],
    'the store': ['test/gateway/vault-stores.test.ts', 'what the store holds opens nothing'],
    WebSockets: ['test/gateway/revoked.test.ts', 'end with the session that opened them'],
  },
};

/** First cells of the rows of a section's tables. */
function rowsOf(heading: string): readonly string[] {
  const from = GUIDE.indexOf(`\n## ${heading}\n`);
  assert.notEqual(from, -1, heading);
  const to = GUIDE.indexOf('\n## ', from + 1);
  const lines = GUIDE.slice(from, to).split('\n');
  const isRow = (line: string, at: number): boolean =>
    line.startsWith('|') && !/^\|[ |:-]+\|$/.test(line) && !/^\|[ |:-]+\|$/.test(lines[at + 1] ?? '');
  return lines.filter(isRow).map((line) => (line.split(' | ')[0] ?? '').replace(/^\| /, ''));
}

for (const [heading, held] of Object.entries(HELD))
  test(`each row of "${heading}" has its test`, () => {
    assert.deepEqual(rowsOf(heading), Object.keys(held));
    for (const [row, [file, words]] of Object.entries(held))
      assert.ok(readFileSync(join(ROOT, file), 'utf8').includes(words), `${row}: ${file} has no "${words}"`);
  });

test('two hundred requests a minute are answered, and the next is not', async (t) => {
  const recorder = await record(t);
  const site = await watchedGateway(t, recorder.port, {}, { rateLimit: {} });
  const statuses: number[] = [];
  for (let asked = 0; asked < 230; asked += 1) statuses.push((await ask(site.port, {})).status);
  assert.ok(statuses.slice(0, 200).every((status) => status === 200));
  assert.ok(statuses.includes(429), 'a slow machine earns a few more, and not thirty');
});

test('ten megabytes are taken, and a byte more is refused before the application is asked', async (t) => {
  const recorder = await record(t);
  const site = await watchedGateway(t, recorder.port);
  const headers = { 'sec-fetch-site': 'same-origin' };
  const limit = 10 * 1024 * 1024;
  const post = async (bytes: number): Promise<number> =>
    (await ask(site.port, { method: 'POST', headers, body: 'x'.repeat(bytes) })).status;
  assert.equal(await post(limit + 1), 413);
  assert.equal(recorder.connections.length, 0);
  assert.equal(await post(limit), 200);
});

test('odd methods get 405, and there is one line for each refusal, with who and why', async (t) => {
  const recorder = await record(t);
  const site = await watchedGateway(t, recorder.port);
  for (const method of ['TRACE', 'PROPFIND']) {
    const before = site.events.length;
    assert.equal((await ask(site.port, { method })).status, 405, method);
    const told = site.events.slice(before);
    assert.equal(told.length, 1, method);
    const [{ client, details } = {}] = told as readonly { client?: unknown; details?: { guard?: unknown } }[];
    assert.ok(JSON.stringify(client).includes('192.0.2.1'));
    assert.ok(details !== undefined);
  }
  assert.equal(recorder.connections.length, 0);
  // That the application is gone is for somebody to be woken up by.
  assert.equal(GATEWAY_EVENTS.upstreamGone.level, 'critical');
});
