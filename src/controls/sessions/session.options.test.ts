import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultsOf, readOptions } from '../../core/options.ts';
import { Problems } from '../../core/problems.ts';
import { checkSession, sessionOptions, type SessionSettings } from './session.options.ts';

/** Reads a section; the problems as `option: fix`. */
function read(input: unknown): { settings: SessionSettings; problems: string[] } {
  const problems = new Problems('production');
  const settings = readOptions('session', sessionOptions, input, problems);
  checkSession(settings, problems);
  return { settings, problems: problems.errors.map(({ option }) => option) };
}

test('v5.0.0-7.1.1 (in part) ends a session after 30 minutes unused and 12 hours in all, unless told otherwise', () => {
  const { settings, problems } = read({});
  assert.deepEqual(settings, {
    idle: 1_800_000,
    absolute: 43_200_000,
    sameSite: 'lax',
    touchEvery: 60_000,
    deviceBound: 'off',
    proofLife: 600_000,
    perAccount: undefined,
    whenFull: 'end-oldest',
  });
  assert.deepEqual(problems, []);
});

test('refuses a lifetime of 0 at start-up instead of ending every session at once (past failure 1)', () => {
  for (const zero of ['0', '0s', '0m', '00h', 0, '']) {
    assert.deepEqual(read({ idle: zero }).problems, ['session.idle'], String(zero));
    assert.deepEqual(read({ absolute: zero }).problems, ['session.absolute'], String(zero));
  }
});

test('refuses lives that are negative, endless or no duration', () => {
  for (const wrong of ['-1m', 'Infinityd', '31d', '999ms', '30', 1800, null, Number.NaN, {}, '1.5h']) {
    assert.deepEqual(read({ idle: wrong }).problems, ['session.idle'], JSON.stringify(wrong));
  }
});

test('refuses an idle life longer than the absolute one, with both in the message', () => {
  assert.deepEqual(read({ idle: '13h' }).problems, ['session.idle']);
  assert.deepEqual(read({ idle: '12h' }).problems, []);
  const problems = new Problems('production');
  checkSession({ ...defaultsOf(sessionOptions), idle: 43_200_001 }, problems);
  assert.match(problems.errors[0]?.reason ?? '', /12h/);
  assert.match(problems.errors[0]?.fix ?? '', /idle: '12h'/);
});

test('refuses a touchEvery under which sessions would end while they are used', () => {
  assert.deepEqual(read({ idle: '1m' }).problems, ['session.touchEvery']);
  assert.deepEqual(read({ idle: '2m' }).problems, []);
  assert.deepEqual(read({ idle: '1m', touchEvery: '30s' }).problems, []);
});

test('knows lax and strict, not none: the cookie never goes along with requests of other sites', () => {
  assert.equal(read({ sameSite: 'strict' }).settings.sameSite, 'strict');
  for (const wrong of ['none', 'None', 'Lax', '', true]) {
    assert.deepEqual(read({ sameSite: wrong }).problems, ['session.sameSite']);
  }
});

test('takes a cap that is a number from 1 on, and refuses a word about one that is not there', () => {
  assert.equal(read({}).settings.perAccount, undefined);
  assert.equal(read({ perAccount: 5 }).settings.whenFull, 'end-oldest');
  assert.deepEqual(read({ perAccount: 1, whenFull: 'refuse' }).problems, []);
  for (const wrong of [0, -1, 1.5, 1001, '5', true])
    assert.deepEqual(read({ perAccount: wrong }).problems, ['session.perAccount'], JSON.stringify(wrong));
  assert.deepEqual(read({ whenFull: 'refuse' }).problems, ['session.whenFull']);
  assert.deepEqual(read({ perAccount: 5, whenFull: 'end-newest' }).problems, ['session.whenFull']);
});
