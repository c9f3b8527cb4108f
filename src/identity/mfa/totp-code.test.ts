import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { matchingStep, oneTimeCode, readCode, timeStep } from './totp-code.ts';

interface Vectors {
  readonly rfc4226: { readonly secret: string; readonly codes: readonly string[] };
  readonly rfc6238: {
    readonly secret: string;
    readonly codes: readonly { readonly seconds: number; readonly code: string }[];
  };
}

const { rfc4226, rfc6238 } = JSON.parse(
  readFileSync(new URL('../../../test/vectors/totp/rfc.json', import.meta.url), 'utf8'),
) as Vectors;
const SECRET = Buffer.from(rfc4226.secret, 'hex');
const STEP_MS = 30_000;

test('makes the codes of RFC 4226', () => {
  assert.equal(rfc4226.codes.length, 10);
  for (const [counter, code] of rfc4226.codes.entries()) assert.equal(oneTimeCode(SECRET, counter), code);
});

test('makes the codes of RFC 6238, far into the future', () => {
  assert.equal(rfc6238.codes.length, 6);
  const secret = Buffer.from(rfc6238.secret, 'hex');
  for (const { seconds, code } of rfc6238.codes) {
    assert.equal(oneTimeCode(secret, timeStep(seconds * 1000)), code);
    assert.equal(matchingStep(secret, code, seconds * 1000, 0), timeStep(seconds * 1000));
  }
});

test('v5.0.0-6.5.5 (in part) a code lives for its 30 seconds, and one step more on either side where that is allowed', () => {
  const step = 1000;
  const code = oneTimeCode(SECRET, step);
  const start = step * STEP_MS;
  const accepted = (now: number, drift: number): boolean => matchingStep(SECRET, code, now, drift) === step;
  assert.ok(accepted(start, 0) && accepted(start + STEP_MS - 1, 0));
  assert.ok(!accepted(start - 1, 0) && !accepted(start + STEP_MS, 0));
  assert.ok(accepted(start - STEP_MS, 1) && accepted(start + 2 * STEP_MS - 1, 1));
  assert.ok(!accepted(start - STEP_MS - 1, 1) && !accepted(start + 2 * STEP_MS, 1));
});

test('takes no other code of a million', () => {
  const now = 1000 * STEP_MS;
  const right = new Set([999, 1000, 1001].map((step) => oneTimeCode(SECRET, step)));
  const found: string[] = [];
  for (let value = 0; value < 1_000_000; value += 997) {
    const code = String(value).padStart(6, '0');
    if (matchingStep(SECRET, code, now, 1) !== undefined) found.push(code);
  }
  assert.ok(found.every((code) => right.has(code)));
  assert.equal(matchingStep(Buffer.alloc(20), [...right][0] ?? '', now, 1), undefined);
});

test('reads a code as people type it, and nothing else', () => {
  for (const text of ['123456', '123 456', ' 123456 ', '123-456', '12 34 56', '1\u00a02\u00a03456']) {
    assert.equal(readCode(text), '123456', text);
  }
  for (const text of ['', '12345', '1234567', '12345a', '+12345', '1e5000']) {
    assert.equal(readCode(text), undefined, text);
  }
  assert.equal(readCode(' '.repeat(1_000_000)), undefined);
});

test('gives back the newest step that a code is of, so that the older one works no more', () => {
  // Found by search: a secret whose codes of two neighbouring steps are the same.
  const secret = Buffer.alloc(20);
  secret.writeUInt32BE(990_354);
  assert.equal(oneTimeCode(secret, 1), '991359');
  assert.equal(oneTimeCode(secret, 2), '991359');
  assert.equal(matchingStep(secret, '991359', STEP_MS, 1), 2);
});
