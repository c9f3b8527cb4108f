import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../core/exchange.ts';
import { isOperator } from './is-operator.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const settings = { role: 'operator', fresh: 60 * MINUTE, freshActs: 15 * MINUTE };
const operator: Principal = {
  account: 'ann',
  roles: ['client', 'operator'],
  signedInAt: NOW - 30 * MINUTE,
  mfaAt: NOW - 30 * MINUTE,
  via: 'session',
  scopes: [],
};

function may(change: Partial<Principal> | undefined, method = 'GET'): boolean {
  return isOperator(change && { ...operator, ...change }, method, NOW, settings);
}

test('the pages are for a session with the role and a second factor, proved not long ago', () => {
  assert.equal(may({}), true);
  assert.equal(may(undefined), false);
  assert.equal(may({ roles: ['client'] }), false);
  assert.equal(may({ roles: [] }), false);
  assert.equal(may({ mfaAt: undefined }), false);
  assert.equal(may({ via: 'token', mfaAt: NOW }), false);
  const old = NOW - 61 * MINUTE;
  assert.equal(may({ signedInAt: old, mfaAt: old }), false);
  // Proved anew, either of them.
  assert.equal(may({ signedInAt: old }), true);
});

test('whoever changes something has proved who they are just now', () => {
  assert.equal(may({}, 'POST'), false);
  assert.equal(may({ mfaAt: NOW - 14 * MINUTE }, 'POST'), true);
  assert.equal(may({ mfaAt: NOW - 14 * MINUTE, roles: ['client'] }, 'POST'), false);
});
