import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HANG_MS } from '../../../test/support/hang.ts';
import * as fc from 'fast-check';
import type { PolicyProblem } from '../../core/errors.ts';
import { Problems } from '../../core/problems.ts';
import {
  DENIED,
  FEATURES,
  joinPermissions,
  readPermissions,
  writePermissions,
} from './permissions-policy.ts';

/** What a policy's value becomes on the wire. */
function check(value: unknown, expected: string): void {
  const problems = new Problems('production');
  assert.equal(writePermissions(readPermissions(value, 'headers.permissionsPolicy', problems)), expected);
  assert.deepEqual(problems.errors, []);
}

function refused(value: unknown): PolicyProblem | undefined {
  const problems = new Problems('production');
  readPermissions(value, 'headers.permissionsPolicy', problems);
  return problems.errors[0];
}

test('naming a feature leaves the others denied', () => {
  check({}, 'camera=(),microphone=(),geolocation=(),usb=()');
  check({ camera: ['self'] }, 'camera=(self),microphone=(),geolocation=(),usb=()');
  check({ payment: [] }, 'camera=(),microphone=(),geolocation=(),usb=(),payment=()');
  check(
    { geolocation: ['self', 'https://maps.example/'] },
    'camera=(),microphone=(),geolocation=(self "https://maps.example"),usb=()',
  );
});

test('refuses wildcards, plain http and what is no list', () => {
  for (const list of [
    ['*'],
    '*',
    true,
    false,
    null,
    'self',
    ['http://a.example'],
    ['https://*.example'],
    [1],
    ['"'],
  ]) {
    assert.equal(refused({ camera: list })?.option, 'headers.permissionsPolicy.camera', JSON.stringify(list));
  }
});

test('refuses a misspelt feature and names the right one', () => {
  assert.match(refused({ microfone: [] })?.fix ?? '', /permissionsPolicy\.microphone/);
  assert.equal(refused({ ['camera=(),x']: [] })?.code, 'ERR_BULWARK_UNKNOWN_OPTION');
});

test('denies only features that exist', () => {
  for (const feature of Object.keys(DENIED)) assert.ok(FEATURES.includes(feature), feature);
});

test('joined with the application, what either denies is denied', () => {
  const ours = { camera: ['self'], usb: [] };
  assert.equal(joinPermissions('camera=(), payment=(self)', ours), 'camera=(),payment=(self),usb=()');
  assert.equal(joinPermissions('usb=*,camera=*', ours), 'usb=(),camera=(self)');
  assert.equal(joinPermissions('usb=(),usb=*', ours), 'usb=(),camera=(self)');
});

test('joins nothing to a malformed field, which would lose both', () => {
  for (const own of [
    '',
    'camera',
    'camera=()x',
    'Camera=()',
    'camera=("a',
    'camera=(a)',
    'camera=(),',
    'camera "self"',
  ]) {
    assert.equal(joinPermissions(own, DENIED), undefined, own);
  }
});

test('whatever the application sends, the denied features stay denied', () => {
  const piece = fc.constantFrom(
    'camera',
    'usb',
    '=',
    '()',
    '(',
    ')',
    '*',
    'self',
    ',',
    ' ',
    '"',
    '"https://a.example"',
    ';',
    '\\',
  );
  fc.assert(
    fc.property(
      fc.array(piece).map((pieces) => pieces.join('')),
      (own) => {
        const joined = joinPermissions(own, DENIED);
        if (joined === undefined) return;
        const members = joined.split(',');
        for (const feature of Object.keys(DENIED)) {
          assert.deepEqual(
            members.filter((member) => member.startsWith(`${feature}=`)),
            [`${feature}=()`],
          );
        }
      },
    ),
  );
});

test('v5.0.0-1.3.12 (in part) reads a long hostile field in linear time', () => {
  const started = performance.now();
  for (const own of [
    `camera=(${' self'.repeat(20_000)}`,
    `camera=(${' '.repeat(100_000)}x`,
    ','.repeat(100_000),
  ]) {
    assert.equal(joinPermissions(own, DENIED), undefined);
  }
  assert.ok(performance.now() - started < HANG_MS);
});
