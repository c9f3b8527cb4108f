import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Probe } from '../../core/answer.ts';
import { HANG_MS } from '../../../test/support/hang.ts';
import { contextOf, type Said, verdictOf } from '../../../test/support/check-site.ts';
import { csrfRules } from './csrf.check.ts';

const POSTS = ['csrf.fetch-metadata', 'csrf.origin'] as const;

async function check(
  id: string,
  answer: (probe: Probe, cookie: string) => Said,
  expected: string,
): Promise<void> {
  assert.deepEqual(await verdictOf(csrfRules, id, contextOf(answer)), [expected], id);
}

/** A site that gives a visitor a cookie, and answers posts as it is told. */
function site(post: (probe: Probe, cookie: string) => Said, cookie = 'sid=0123456789'): typeof post {
  return (probe, sent) =>
    probe.method === 'POST' ? post(probe, sent) : { headers: cookie === '' ? [] : ['Set-Cookie', cookie] };
}

const isForeign = ({ headers }: Probe): boolean => headers?.['origin'] === 'https://attacker.example';

test('a forgery that is refused while a form of the site is let through', async () => {
  for (const id of POSTS) {
    await check(
      id,
      site((probe) => ({ status: isForeign(probe) ? 403 : 303 })),
      'held',
    );
    await check(
      id,
      site((probe) => ({ status: isForeign(probe) ? 403 : 404 })),
      'held',
    );
  }
});

test('an address that takes no POST shows nothing, whatever it answers', async () => {
  for (const id of POSTS) {
    for (const status of [401, 403, 404, 405])
      await check(
        id,
        site(() => ({ status })),
        'not-seen',
      );
    await check(
      id,
      site((probe) => ({ status: isForeign(probe) ? 404 : 405 })),
      'not-seen',
    );
    await check(
      id,
      site((probe) => ({ status: isForeign(probe) ? 500 : 200 })),
      'not-seen',
    );
  }
});

test('a forgery that goes through is as bad as the cookie that comes along', async () => {
  for (const id of POSTS) {
    await check(
      id,
      site(() => ({})),
      'error',
    );
    await check(
      id,
      site(() => ({}), 'sid=0123456789; SameSite=Lax'),
      'warning',
    );
    await check(
      id,
      site(() => ({}), ''),
      'not-seen',
    );
  }
});

test('answers that differ in where they lead are not the same', async () => {
  const leads = (probe: Probe): Said => ({
    status: 303,
    headers: ['Location', isForeign(probe) ? '/error' : '/'],
  });
  for (const id of POSTS) await check(id, site(leads), 'not-seen');
});

test('an attacker has a token of a page of their own, and not that of the visitor', async () => {
  let pages = 0;
  const tokens = new Map<string, string>();
  const answer = (probe: Probe, cookie: string): Said => {
    if (probe.method !== 'POST') {
      pages += 1;
      const sid = cookie.replace('sid=', '') || `session-${pages}`;
      tokens.set(sid, `token-${sid}`);
      return {
        headers: ['Set-Cookie', `sid=${sid}`],
        body: `<form method='post' action="/notes?a=1&amp;b=2"><input type=hidden name=token value="token-${sid}"></form>`,
      };
    }
    assert.equal(probe.target, '/notes?a=1&b=2');
    const token = new URLSearchParams(probe.body).get('token');
    return { status: token === tokens.get(cookie.replace('sid=', '')) ? 303 : 403 };
  };
  for (const id of POSTS) await check(id, answer, 'held');
});

test('a form that leads away is not sent', async () => {
  const page = '<form method=post action="https://elsewhere.example/"></form>';
  const answer = ({ method, target }: Probe): Said => {
    assert.equal(target, undefined);
    return method === 'POST' ? { status: 405 } : { body: page };
  };
  for (const id of POSTS) await check(id, answer, 'not-seen');
});

test('a page of nothing but beginnings of forms takes no longer than any other', async () => {
  const started = performance.now();
  for (const body of [
    '<form>'.repeat(80_000),
    '<form <input '.repeat(40_000),
    `${'<form>'.repeat(40_000)}</form>`,
  ]) {
    for (const id of POSTS) await check(id, () => ({ body, status: 405 }), 'not-seen');
  }
  assert.ok(performance.now() - started < HANG_MS);
});

test('a WebSocket: opened, refused to others, not there', async () => {
  await check('csrf.upgrade', () => ({ status: 101 }), 'error');
  await check('csrf.upgrade', (probe) => ({ status: isForeign(probe) ? 403 : 101 }), 'held');
  await check('csrf.upgrade', () => ({}), 'not-seen');
  await check('csrf.upgrade', () => ({ status: 403 }), 'not-seen');
});
