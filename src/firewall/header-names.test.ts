import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sketchExchange } from '../../test/support/exchange.ts';
import { foldName, foldsBadly, isDependedOn, isOdd } from './header-names.ts';

test('knows the headers that security and framing stand on', () => {
  for (const name of [
    'host',
    'content-length',
    'x-forwarded-for',
    'sec-fetch-site',
    'proxy-authorization',
    'cookie',
  ]) {
    assert.ok(isDependedOn(name), name);
  }
  for (const name of ['x-request-id', 'accept', 'x-forwarded', 'section'])
    assert.ok(!isDependedOn(name), name);
});

test('a name is odd by any character but letters, digits and the dash', () => {
  for (const name of ['a_b', 'a.b', 'a b', 'a:', 'a\u00fc', '@', '[', '`', '{', 'a/b'])
    assert.ok(isOdd(name), name);
  for (const name of ['', 'A-Z', 'az09-', 'Sec-CH-UA']) assert.ok(!isOdd(name), name);
  for (let code = 0; code <= 0xffff; code += 1) {
    const char = String.fromCharCode(code);
    assert.equal(isOdd(`X${char}`), !/[A-Za-z0-9-]/.test(char), char);
  }
});

test('folds as CGI does', () => {
  assert.equal(foldName('Content_Length'), 'content-length');
  assert.equal(foldName('X.Forwarded~For'), 'x-forwarded-for');
});

test('an odd name of its own harms nobody', () => {
  const { request } = sketchExchange({ headers: { api_key: '1', 'x.trace': '2', accept: '*/*' } });
  assert.ok(!foldsBadly('api_key', request));
  assert.ok(!foldsBadly('x.trace', request));
});

test('an odd name that folds into another of the same request does', () => {
  const { request } = sketchExchange({ headers: { x_user: '1', 'x-user': '2', a_b: '3', 'a.b': '4' } });
  assert.ok(foldsBadly('x_user', request));
  assert.ok(foldsBadly('a_b', request));
});
