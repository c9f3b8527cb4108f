import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BulwarkError } from '../core/errors.ts';
import { failureOf } from './failure.ts';
import { Rotating } from './rotation-lock.ts';

test('our own words are told, and of an error of anybody else the code alone, which may be that of its cause', () => {
  const quoting = 'no such key: hunter2';
  const refused = Object.assign(new Error(quoting), { code: 'ECONNREFUSED' });
  const cases: readonly (readonly [unknown, string])[] = [
    [
      new BulwarkError('ERR_BULWARK_SECRET_MISSING', 'vault answered with 403 to a/b'),
      'vault answered with 403 to a/b',
    ],
    [new Rotating('a: process 4 on b rotates', true), 'a: process 4 on b rotates'],
    [refused, 'ECONNREFUSED'],
    [new TypeError('fetch failed', { cause: refused }), 'ECONNREFUSED'],
    [new TypeError(quoting, { cause: new Error(quoting) }), 'TypeError'],
    [new TypeError(quoting, { cause: quoting }), 'TypeError'],
    [quoting, 'no error object'],
  ];
  for (const [error, said] of cases) assert.equal(failureOf(error), said);
});
