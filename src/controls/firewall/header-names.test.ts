import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anyFoldsBadly, isDependedOn, isOdd } from './header-names.ts';
import { foldName } from '../../core/forward-head.ts';

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
  assert.ok(
    !anyFoldsBadly(['Api_Key', '1', 'x.trace', '2', 'Accept', '*/*', 'Api_Key', '3', 'api_key', '4']),
  );
});

test('an odd name that folds into another of the same request does, whichever comes first', () => {
  assert.ok(anyFoldsBadly(['X_User', '1', 'x-user', '2']));
  assert.ok(anyFoldsBadly(['x-user', '1', 'X_User', '2']));
  assert.ok(anyFoldsBadly(['accept', '*/*', 'a_b', '3', 'a.b', '4']));
  // A name that Node.js leaves out of its object of headers.
  assert.ok(anyFoldsBadly(['__proto__', '1', '--proto--', '2']));
});

test('an odd name that folds into one that matters does, alone', () => {
  for (const name of ['Content_Length', 'X.Forwarded~For', 'sec_fetch_site'])
    assert.ok(anyFoldsBadly([name, '1']), name);
});
