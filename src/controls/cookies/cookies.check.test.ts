import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf, runRule } from '../../../test/support/check-site.ts';
import { cookiesRules } from './cookies.check.ts';

/** What a rule says of a site that sets these cookies. */
async function check(id: string, lines: readonly string[], expected: readonly string[]): Promise<void> {
  const context = contextOf(() => ({ headers: lines.flatMap((line) => ['Set-Cookie', line]) }));
  const outcome = await runRule(cookiesRules, id, context);
  const found =
    outcome.outcome === 'fell-short' ? outcome.faults.map(({ level }) => level) : [outcome.outcome];
  assert.deepEqual(found, expected, `${id} ${lines.join(' | ')}`);
  assert.doesNotMatch(JSON.stringify(outcome), /s3cret/);
}

test('a site without cookies is no pass, and one with good ones is', async () => {
  for (const { id } of cookiesRules) {
    await check(id, [], ['not-seen']);
    await check(
      id,
      ['__Host-sid=x; Path=/; Secure; HttpOnly; SameSite=Lax', 'theme=x; Secure; HttpOnly; SameSite=Lax'],
      ['held'],
    );
  }
});

test('what opens a session is left to the rules about sessions', async () => {
  for (const id of ['cookies.secure', 'cookies.http-only', 'cookies.same-site']) {
    await check(id, ['sid=s3cret'], ['not-seen']);
  }
});

test('cookies.secure', async () => {
  await check('cookies.secure', ['a=s3cret; HttpOnly'], ['warning']);
  await check('cookies.secure', ['a=s3cret; Secure', 'b=s3cret', 'c=s3cret'], ['warning', 'warning']);
});

test('cookies.http-only: a hint, but not of what scripts are meant to read', async () => {
  await check('cookies.http-only', ['theme=s3cret; Secure'], ['note']);
  await check('cookies.http-only', ['XSRF-TOKEN=s3cret; Secure'], ['held']);
});

test('cookies.same-site', async () => {
  await check('cookies.same-site', ['theme=s3cret'], ['note']);
  await check('cookies.same-site', ['theme=s3cret; SameSite=None; Secure'], ['warning']);
  await check('cookies.same-site', ['theme=s3cret; SameSite=Strict'], ['held']);
});

test('cookies.host-only and cookies.prefix', async () => {
  await check('cookies.host-only', ['a=s3cret; Domain=example.com'], ['warning']);
  await check('cookies.prefix', ['sid=s3cret; Secure'], ['warning']);
  await check('cookies.prefix', ['__Secure-sid=s3cret; Secure'], ['note']);
  await check('cookies.prefix', ['theme=s3cret'], ['not-seen']);
});

test('cookies.readable: what browsers drop', async () => {
  await check(
    'cookies.readable',
    [
      '=__Host-sid=s3cret',
      'a b=s3cret',
      `a=${'x'.repeat(5000)}`,
      '__Host-a=s3cret; Path=/a; Secure',
      '__Secure-b=s3cret',
      'c=s3cret; SameSite=None',
    ],
    ['warning', 'warning', 'warning', 'warning', 'warning', 'warning'],
  );
});

test('deleting a cookie is no finding', async () => {
  for (const { id } of cookiesRules) {
    await check(
      id,
      ['sid=; Domain=example.com', 'sid=deleted; Max-Age=0', 'sid=deleted; Max-Age=-1'],
      ['not-seen'],
    );
  }
});
