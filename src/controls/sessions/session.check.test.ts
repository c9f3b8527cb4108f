import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding, Observation } from '../../core/finding.ts';
import { newSessionId, sessionCookie } from './session-cookie.ts';
import { sessionRules } from './session.check.ts';
import { sessionOptions } from './session.options.ts';
import { defaultsOf } from '../../core/options.ts';

/** The findings of one rule on an answer with these cookies. */
function findings(id: string, ...setCookies: string[]): readonly Omit<Finding, 'rule'>[] {
  const rule = sessionRules.find((one) => one.id === id);
  assert.ok(rule);
  const seen: Observation = {
    method: 'GET',
    url: 'https://example.com/',
    status: 200,
    rawHeaders: setCookies.flatMap((line) => ['Set-Cookie', line]),
    body: '',
  };
  return rule.check(seen);
}

/** What each of the three cookie rules finds: the number of findings, in the order secure, httponly, samesite. */
function check(line: string, expected: readonly [number, number, number]): void {
  const counts = ['secure', 'httponly', 'samesite'].map(
    (name) => findings(`session.cookie-${name}`, line).length,
  );
  assert.deepEqual(counts, expected, line);
}

test('finds nothing wrong with our own cookie', () => {
  check(sessionCookie(newSessionId(), defaultsOf(sessionOptions)), [0, 0, 0]);
});

test('finds each missing attribute of what looks like a session', () => {
  check('connect.sid=abc', [1, 1, 1]);
  check('PHPSESSID=abc; Path=/', [1, 1, 1]);
  check('auth=1; secure; HTTPONLY; samesite=STRICT', [0, 0, 0]);
  check('access_token=x; Secure; SameSite=Lax', [0, 1, 0]);
  check('__Secure-id=x; HttpOnly; SameSite=None', [1, 0, 1]);
  check('session=x; HttpOnly; SameSite', [1, 0, 1]);
});

test('is not taken in by an attribute name inside a value', () => {
  check('sid=Secure; x=HttpOnly; SameSite=Lax', [1, 1, 0]);
});

test('lets other cookies be, and csrf tokens be read by scripts', () => {
  check('theme=dark', [0, 0, 0]);
  check('XSRF-TOKEN=x; Secure; SameSite=Lax', [0, 0, 0]);
});

test('lets a cookie that is deleted be', () => {
  check('sid=; Max-Age=0', [0, 0, 0]);
  assert.deepEqual(findings('session.none-for-visitors', 'sid=; Max-Age=0; Path=/'), []);
});

test('finds a cookie given to someone who only looks', () => {
  assert.deepEqual(findings('session.none-for-visitors'), []);
  assert.equal(findings('session.none-for-visitors', 'a=1', 'b=2; Secure').length, 2);
});

test('never shows the value of a cookie', () => {
  for (const { id } of sessionRules) {
    for (const finding of findings(id, 'sid=s3cret; Path=/', '__Host-sid=s3cret=s3cret')) {
      assert.doesNotMatch(JSON.stringify(finding), /s3cret/);
      assert.match(finding.evidence, /^Set-Cookie: (sid|__Host-sid)=\.\.\./);
    }
  }
});

test('survives whatever a server sends', () => {
  for (const line of ['', '=', ';', ';;;', '=;=;=', 'sid', 'sid;=;Secure=x=y', ' ; Secure']) {
    for (const { id } of sessionRules) assert.ok(Array.isArray(findings(id, line)));
  }
});
