import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HANG_MS } from '../../../test/support/hang.ts';
import * as fc from 'fast-check';
import { prefersHtml } from './accept.ts';

const CHROME =
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7';
const FIREFOX = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

test('gives a page to a browser that opens one', () => {
  for (const accept of [CHROME, FIREFOX, 'text/html', 'TEXT/HTML ; charset=utf-8', 'a/b, text/html;q=0.1']) {
    assert.ok(prefersHtml(accept), accept);
  }
});

test('gives problem details to everything else', () => {
  for (const accept of [
    undefined,
    '',
    '*/*',
    'text/*',
    'application/json',
    'application/json, text/plain, */*',
    'image/avif,image/webp,*/*',
    'text/html;q=0',
    'text/html;q=0.000, */*',
    'text/htmlx',
    'xtext/html',
  ]) {
    assert.ok(!prefersHtml(accept), accept);
  }
});

test('weighs the two where both are named', () => {
  assert.ok(prefersHtml('application/json;q=0.9, text/html'));
  assert.ok(!prefersHtml('application/json, text/html;q=0.9'));
  assert.ok(!prefersHtml('application/problem+json, text/html;q=0.9'));
  assert.ok(prefersHtml('text/html, application/json'));
});

test('takes a weight that is none for a no', () => {
  for (const weight of ['2', '-1', '1.001', '0.1234', 'high', '', '1e0', 'Infinity']) {
    assert.ok(!prefersHtml(`text/html;q=${weight}`), weight);
  }
});

test('answers at once and never throws, whatever the header holds', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof prefersHtml(text) === 'boolean'));
  fc.assert(
    fc.property(fc.array(fc.constantFrom('text/html', 'q=', ';', ',', '1', '.', ' ', '*/*')), (parts) => {
      assert.equal(typeof prefersHtml(parts.join('')), 'boolean');
    }),
  );
  const started = performance.now();
  for (const text of [','.repeat(1e6), ';'.repeat(1e6), 'text/html;q=0.'.repeat(1e5)]) prefersHtml(text);
  assert.ok(performance.now() - started < HANG_MS);
});
