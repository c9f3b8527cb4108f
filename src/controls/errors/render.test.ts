import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { eventOf } from '../../core/events.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import type { Refusal } from '../../core/verdict.ts';
import { problemTypeOf } from './problem-types.ts';
import { renderRefusal } from './render.ts';
import { kindOf } from '../../../test/support/events.ts';

const REFUSAL: Refusal = {
  ...PROBLEMS.notAllowed,
  detail: 'You do not have access to this.',
  event: eventOf(kindOf('authz_fail'), { role: 'the-role-that-was-missing' }),
};

test('renders problem details as RFC 9457 has them', () => {
  const { contentType, body } = renderRefusal(REFUSAL, 'json', 'id-1');
  assert.equal(contentType, 'application/problem+json');
  assert.deepEqual(JSON.parse(body), {
    type: 'urn:bulwark:problem:not-allowed',
    title: 'You are not allowed to do this',
    status: 403,
    detail: 'You do not have access to this.',
    requestId: 'id-1',
  });
});

test('v5.0.0-4.1.1 (in part) names the charset of a page', () => {
  assert.equal(renderRefusal(REFUSAL, 'html', 'id-1').contentType, 'text/html; charset=utf-8');
});

test('v5.0.0-16.5.1 shows the detail and the request id, and nothing of the evidence', () => {
  for (const wants of ['json', 'html'] as const) {
    const { body } = renderRefusal(REFUSAL, wants, 'id-1', 'n');
    assert.ok(body.includes(REFUSAL.detail) && body.includes('id-1'));
    assert.ok(!body.includes('the-role-that-was-missing') && !body.includes('authz_fail'));
  }
});

test('brings its style under the nonce, and none where there is no nonce', () => {
  assert.match(renderRefusal(REFUSAL, 'html', 'id', 'abc_-1').body, /<style nonce="abc_-1">/);
  assert.doesNotMatch(renderRefusal(REFUSAL, 'html', 'id').body, /style/);
});

test('works under the strictest policy: no script, no attribute with style or code, nothing loaded', () => {
  const { body } = renderRefusal(REFUSAL, 'html', 'id', 'n');
  assert.doesNotMatch(body, /<script|<link|<img|\bon\w+=|style=|url\(|@import|src=/i);
});

test('is a page that a screen reader and a phone can use', () => {
  const { body } = renderRefusal(REFUSAL, 'html', 'id', 'n');
  for (const part of [
    /<html lang="en" dir="ltr">/,
    /<main>/,
    /<h1>[^<]+<\/h1>/,
    /<title>[^<]+<\/title>/,
    /name="viewport"/,
  ]) {
    assert.match(body, part);
  }
  assert.match(body, /prefers-color-scheme:dark/);
  assert.match(body, /focus-visible/);
});

test('offers a way on: where the refusal leads, or the start page', () => {
  const leading = (location: string): string =>
    renderRefusal({ ...REFUSAL, headers: [['Location', location]] }, 'html', 'id').body;
  assert.match(renderRefusal(REFUSAL, 'html', 'id').body, /<a href="\/">/);
  assert.match(leading('/login?next=%2Fa&b=1'), /<a href="\/login\?next=%2Fa&amp;b=1">/);
  assert.match(leading('https://example.com/a'), /<a href="https:\/\/example\.com\/a">/);
  for (const hostile of [
    'javascript:alert(1)',
    '//evil.example',
    '/\\evil.example',
    'data:text/html,x',
    ' /a',
  ]) {
    assert.match(leading(hostile), /<a href="\/">/, hostile);
  }
});

test('v5.0.0-1.2.1 escapes everything in both forms', () => {
  const hostile = `"'><script>alert(1)</script>&lt;\u2028`;
  const refusal: Refusal = { ...REFUSAL, detail: hostile, headers: [['Location', `/${hostile}`]] };
  const page = renderRefusal(refusal, 'html', hostile, hostile).body;
  assert.doesNotMatch(page, /<script|'>|"'/);
  assert.ok(page.includes('&quot;&#39;&gt;&lt;script&gt;'));
  const problem = renderRefusal(refusal, 'json', hostile).body;
  assert.doesNotMatch(problem, /[<>&]/);
  assert.equal((JSON.parse(problem) as { detail: string }).detail, hostile);
});

function tags(page: string): number {
  return page.split('<').length;
}

test('holds for any text: as many tags as without it', () => {
  const plain = tags(renderRefusal(REFUSAL, 'html', 'id', 'n').body);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (detail, id) => {
      const refusal = { ...REFUSAL, detail };
      assert.equal(tags(renderRefusal(refusal, 'html', id, id).body), plain);
      assert.equal(
        (JSON.parse(renderRefusal(refusal, 'json', id).body) as { detail: string }).detail,
        detail,
      );
    }),
  );
});

test('has a title for each type, and a type for each status', () => {
  const known: readonly object[] = Object.values(PROBLEMS);
  for (let status = 400; status < 600; status += 1)
    assert.ok(known.includes(problemTypeOf(status)), `${status}`);
  assert.deepEqual(
    [404, 418, 500, 501, 503].map((status) => problemTypeOf(status).type),
    ['not-found', 'bad-request', 'internal-error', 'internal-error', 'unavailable'],
  );
});
