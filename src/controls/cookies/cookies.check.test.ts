import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cookiesRules } from './cookies.check.ts';

const GOOD = '__Host-sid=x; Path=/; Secure; HttpOnly; SameSite=Lax';

/** The levels a rule finds in an answer with these Set-Cookie lines. */
function check(id: string, lines: readonly string[], expected: readonly string[]): void {
  const rule = cookiesRules.find((candidate) => candidate.id === id);
  assert.ok(rule, id);
  const rawHeaders = lines.flatMap((line) => ['Set-Cookie', line]);
  const found = rule.check({
    method: 'GET',
    url: 'https://files.example/',
    status: 200,
    rawHeaders,
    body: '',
  });
  assert.deepEqual(
    found.map((finding) => finding.level),
    expected,
    `${id} ${lines.join(' | ')}`,
  );
  for (const finding of found) assert.doesNotMatch(finding.evidence, /s3cret/);
}

test('every rule passes a good cookie, and an answer without one', () => {
  for (const { id } of cookiesRules) {
    check(id, [GOOD], []);
    check(id, [], []);
  }
});

test('cookies.secure', () => {
  check('cookies.secure', ['a=s3cret; HttpOnly'], ['error']);
  check('cookies.secure', [GOOD, 'a=s3cret', 'b=s3cret'], ['error', 'error']);
});

test('cookies.http-only: worse for what signs someone in', () => {
  check('cookies.http-only', ['theme=s3cret; Secure'], ['warning']);
  for (const name of ['connect.sid', 'PHPSESSID', 'session', 'auth_token', 'remember_me']) {
    check('cookies.http-only', [`${name}=s3cret; Secure`], ['error']);
  }
});

test('cookies.same-site', () => {
  check('cookies.same-site', ['sid=s3cret'], ['warning']);
  check('cookies.same-site', ['sid=s3cret; SameSite=None; Secure'], ['error']);
  check('cookies.same-site', ['theme=s3cret; SameSite=None; Secure'], ['warning']);
  check('cookies.same-site', ['sid=s3cret; SameSite=Strict'], []);
});

test('cookies.host-only and cookies.prefix', () => {
  check('cookies.host-only', ['a=s3cret; Domain=example.com'], ['warning']);
  check('cookies.prefix', ['sid=s3cret; Secure'], ['warning']);
  check('cookies.prefix', ['__Secure-sid=s3cret; Secure', 'theme=s3cret'], []);
});

test('cookies.readable', () => {
  check(
    'cookies.readable',
    ['=__Host-sid=s3cret', 'a b=s3cret', `a=${'x'.repeat(5000)}`],
    ['warning', 'warning', 'warning'],
  );
});

test('deleting a cookie is no finding', () => {
  for (const { id } of cookiesRules) {
    check(id, ['sid=; Domain=example.com', 'sid=deleted; Max-Age=0', 'sid=deleted; Max-Age=-1'], []);
  }
});
