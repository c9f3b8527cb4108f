import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf, runRule, verdictOf } from '../../../test/support/check-site.ts';
import { newSessionId, sessionCookie } from './session-cookie.ts';
import { sessionRules } from './session.check.ts';
import { sessionOptions } from './session.options.ts';
import { defaultsOf } from '../../core/options.ts';

function setting(...lines: string[]): ReturnType<typeof contextOf> {
  return contextOf(() => ({ headers: lines.flatMap((line) => ['Set-Cookie', line]) }));
}

/** What each of the three cookie rules says of a line, in the order secure, httponly, samesite. */
async function check(line: string, expected: readonly string[]): Promise<void> {
  const verdicts: string[] = [];
  for (const name of ['secure', 'httponly', 'samesite']) {
    verdicts.push((await verdictOf(sessionRules, `session.cookie-${name}`, setting(line))).join(','));
  }
  assert.deepEqual(verdicts, expected, line);
}

test('holds for our own cookie', async () => {
  await check(sessionCookie(newSessionId(), defaultsOf(sessionOptions)), ['held', 'held', 'held']);
});

test('finds each missing attribute of what looks like a session', async () => {
  await check('connect.sid=abc', ['error', 'error', 'warning']);
  await check('PHPSESSID=abc; Path=/', ['error', 'error', 'warning']);
  await check('auth=1; secure; HTTPONLY; samesite=STRICT', ['held', 'held', 'held']);
  await check('access_token=x; Secure; SameSite=Lax', ['held', 'error', 'held']);
  await check('__Secure-sid=x; HttpOnly; SameSite=None', ['error', 'held', 'error']);
  await check('session=x; HttpOnly; SameSite', ['error', 'held', 'warning']);
});

test('is not taken in by an attribute name inside a value', async () => {
  await check('sid=Secure; x=HttpOnly; SameSite=Lax', ['error', 'error', 'held']);
});

test('says nothing of other cookies, of tokens for scripts, and of a cookie that is deleted', async () => {
  const unseen = ['not-seen', 'not-seen', 'not-seen'];
  await check('theme=dark', unseen);
  await check('XSRF-TOKEN=x; Secure; SameSite=Lax', unseen);
  await check('sid=; Max-Age=0', unseen);
  await check('sid=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT', unseen);
});

test('takes what signing in sets for the session, whatever its name', async () => {
  const context = contextOf(
    ({ target }) =>
      target === '/in' ? { headers: ['Set-Cookie', 'k=0123456789; HttpOnly; SameSite=Lax'] } : {},
    {},
    async (visitor) => {
      await visitor.ask({ target: '/in' });
    },
  );
  assert.deepEqual(await verdictOf(sessionRules, 'session.cookie-secure', context), ['error']);
  assert.deepEqual(await verdictOf(sessionRules, 'session.cookie-httponly', context), ['held']);
});

test('finds a session given to someone who only looks', async () => {
  const verdict = (context: ReturnType<typeof contextOf>): Promise<readonly string[]> =>
    verdictOf(sessionRules, 'session.none-for-visitors', context);
  assert.deepEqual(await verdict(setting()), ['held']);
  assert.deepEqual(await verdict(setting('theme=dark')), ['held']);
  assert.deepEqual(await verdict(setting('sid=; Max-Age=0; Path=/')), ['held']);
  assert.deepEqual(await verdict(setting('sid=1', '__Host-session=2; Secure')), ['warning', 'warning']);
});

test('never shows the value of a cookie', async () => {
  for (const { id } of sessionRules) {
    const outcome = await runRule(
      sessionRules,
      id,
      setting('sid=s3cret; Path=/', '__Host-sid=s3cret=s3cret'),
    );
    assert.doesNotMatch(JSON.stringify(outcome), /s3cret/);
  }
});

test('survives whatever a server sends', async () => {
  for (const line of ['', '=', ';', ';;;', '=;=;=', 'sid', 'sid;=;Secure=x=y', ' ; Secure']) {
    for (const { id } of sessionRules) await runRule(sessionRules, id, setting(line));
  }
});
