import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldName, ForwardLines, withoutCookies } from './forward-head.ts';

const RAW = ['Host', 'a.example', 'X_Real.IP', '1', 'x-real-ip', '2', 'Accept', '*/*', 'ACCEPT', 'text/html'];

test('names are read as they were judged, and taken away in every spelling that an upstream may fold into them', () => {
  const head = new ForwardLines(RAW);
  assert.equal(head.get('x-real-ip'), '2');
  head.remove('x-real-ip');
  assert.ok(!head.has('x-real-ip'));
  assert.deepEqual(head.rawHeaders, ['Host', 'a.example', 'Accept', '*/*', 'ACCEPT', 'text/html']);
});

test('lines of one name are read as one value, cookies by semicolons (RFC 6265 5.4)', () => {
  assert.equal(new ForwardLines(RAW).get('accept'), '*/*, text/html');
  assert.equal(new ForwardLines(['Cookie', 'a=1', 'cookie', 'b=2']).get('cookie'), 'a=1; b=2');
  assert.equal(new ForwardLines(RAW).get('cookie'), undefined);
});

test('what is set is all there is under the name', () => {
  const head = new ForwardLines(RAW);
  head.set('X-Real-IP', '3');
  assert.deepEqual(head.rawHeaders.slice(-2), ['X-Real-IP', '3']);
  assert.equal(head.rawHeaders.filter((one) => foldName(one) === 'x-real-ip').length, 1);
});

test('a value that would start another header is refused, and nothing is lost by it', () => {
  const head = new ForwardLines(RAW);
  assert.throws(() => head.set('X-Real-IP', '3\r\nX-Admin: 1'), RangeError);
  assert.equal(head.get('x-real-ip'), '2');
});

test('a family goes as a whole, and so do many names at once', () => {
  const head = new ForwardLines([
    'X-Forwarded-For',
    '1',
    'x_forwarded_anything',
    '2',
    'X-Forward',
    '3',
    'Via',
    '4',
  ]);
  head.removeFamily('x-forwarded-');
  assert.deepEqual(head.rawHeaders, ['X-Forward', '3', 'Via', '4']);
  head.removeAll(new Set(['via', 'x-forward'] as const));
  assert.deepEqual(head.rawHeaders, []);
});

test('cookies are left as they came, but for those that are named', () => {
  const names = new Set(['__host-sid']);
  const check = (cookie: string, left: string | undefined): void =>
    assert.equal(withoutCookies(cookie, names), left);
  check('a=1; b="x y"; c', 'a=1; b="x y"; c');
  check('a=1; __Host-sid=x; c=3', 'a=1; c=3');
  check('__Host-sid=x;a=1', 'a=1');
  check(' __HOST-SID = x ; __Host-sid=y', undefined);
  check('x__Host-sid=1; v=__Host-sid=2', 'x__Host-sid=1; v=__Host-sid=2');
});
