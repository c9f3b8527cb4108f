import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { PolicyError } from '../core/errors.ts';
import { defaultsOf } from '../core/options.ts';
import { hashPassword, needsRehash, OWASP_MINIMUM, verifyPassword } from './password-hash.ts';
import { Passwords } from './passwords.ts';
import { type PasswordsOptions, passwordsOptions, type PasswordsSettings } from './passwords.options.ts';

const RIGHT = 'kitchen lamp seven rivers';
const CHEAP = { memory: 256, passes: 1, parallelism: 1 };

function passwordsOf(settings: Partial<PasswordsSettings> = {}): Passwords {
  return new Passwords({ ...defaultsOf(passwordsOptions), ...CHEAP, ...settings }, ['Strongroom']);
}

test('lets the right password in and no other', async () => {
  const passwords = passwordsOf();
  const stored = await passwords.hash(RIGHT);
  assert.deepEqual(await passwords.verify(stored, RIGHT), { ok: true });
  assert.deepEqual(await passwords.verify(stored, `${RIGHT} `), { ok: false });
});

test('hashes by the OWASP minimum out of the box', async () => {
  const stored = await new Passwords().hash(RIGHT);
  assert.ok(!needsRehash(stored, OWASP_MINIMUM));
});

test('says no for an account that does not exist, whatever the password', async () => {
  const passwords = passwordsOf();
  for (const password of ['', RIGHT, 'x'.repeat(1000)]) {
    assert.deepEqual(await passwords.verify(undefined, password), { ok: false });
  }
});

/** The middle of some times, in milliseconds. */
test('v5.0.0-6.3.8 hashes for no account, an unreadable hash and an endless password as for a wrong one (past failure 11)', async () => {
  const passwords = passwordsOf({ ...OWASP_MINIMUM });
  const stored = await passwords.hash(RIGHT);
  const cases: readonly (readonly [string | undefined, string])[] = [
    [stored, 'wrong'],
    [undefined, 'wrong'],
    ['not a hash', 'wrong'],
    [stored, 'x'.repeat(100_000)],
  ];
  // What a hash costs is the same for all: so it is enough that there is one, of the current parameters.
  for (const [hash, password] of cases) {
    const verdict = passwords.verify(hash, password);
    await setImmediate();
    assert.equal(passwords.queue.active, 1, `${hash?.slice(0, 9)}`);
    assert.equal((await verdict).ok, false);
    assert.equal(passwords.queue.active, 0);
  }
});

test('tells of a stored text that is no hash, so that it can be logged (past failure 5)', async () => {
  assert.deepEqual(await passwordsOf().verify('$2b$12$something', RIGHT), { ok: false, unreadable: true });
  assert.deepEqual(await passwordsOf().verify('', ''), { ok: false, unreadable: true });
});

test('hands out a new hash at sign-in where the cost has changed, and only to who knows the password', async () => {
  const passwords = passwordsOf({ passes: 2 });
  const old = await hashPassword(RIGHT, CHEAP);
  const verdict = await passwords.verify(old, RIGHT);
  assert.ok(verdict.ok && verdict.rehash !== undefined);
  assert.equal(await verifyPassword(verdict.rehash, RIGHT), 'match');
  assert.deepEqual(await passwords.verify(verdict.rehash, RIGHT), { ok: true });
  assert.deepEqual(await passwords.verify(old, 'wrong'), { ok: false });
});

test('a password longer than any that is taken is wrong, even against a hash of nothing', async () => {
  const passwords = passwordsOf();
  const ofNothing = await hashPassword('', CHEAP);
  assert.deepEqual(await passwords.verify(ofNothing, 'x'.repeat(257)), { ok: false });
  await assert.rejects(passwords.hash('x'.repeat(257)), RangeError);
});

test('v5.0.0-15.2.2 refuses the sign-in that finds the queue full, and serves those before it', async () => {
  const passwords = passwordsOf({ concurrency: 1, waiting: 2 });
  const attempts = Array.from({ length: 5 }, () => passwords.verify(undefined, RIGHT));
  const results = await Promise.allSettled(attempts);
  const codes = results.map((result) =>
    result.status === 'fulfilled' ? 'served' : (result.reason as { code?: string }).code,
  );
  const full = 'ERR_BULWARK_QUEUE_FULL';
  assert.deepEqual(codes, ['served', 'served', 'served', full, full]);
  assert.deepEqual([passwords.queue.active, passwords.queue.waiting], [0, 0]);
});

test('a sign-in whose client has gone does not hash', async () => {
  const passwords = passwordsOf({ concurrency: 1 });
  const controller = new AbortController();
  const first = passwords.verify(undefined, RIGHT);
  const gone = passwords.verify(undefined, RIGHT, controller.signal);
  controller.abort();
  await assert.rejects(gone, { name: 'AbortError' });
  await first;
});

test('judges a new password by what is asked for beside it and by whose it is', () => {
  const passwords = passwordsOf();
  const codes = (password: string, secondFactor: boolean): readonly string[] =>
    passwords.check(password, { secondFactor, ownWords: ['alice@example.com'] }).map(({ code }) => code);
  assert.deepEqual(codes('vq7mztwk', true), []);
  assert.deepEqual(codes('vq7mztwk', false), ['too-short']);
  assert.deepEqual(codes('Strongroom-alice', false), ['own-words']);
});

/** What is refused of some options: codes and names. */
function refused(options: PasswordsOptions): readonly string[] {
  try {
    Passwords.of(options);
  } catch (error) {
    if (error instanceof PolicyError) return error.problems.map(({ code, option }) => `${code} ${option}`);
  }
  return [];
}

test('reads options as users write them, and refuses a cost below what OWASP recommends', () => {
  assert.ok(Passwords.of({ memory: '64MB', passes: 3, concurrency: 2 }) instanceof Passwords);
  assert.deepEqual(refused({ memory: '18MB', passes: 1, minimumLength: 7 }), [
    'ERR_BULWARK_UNSAFE_OPTION passwords.memory',
    'ERR_BULWARK_UNSAFE_OPTION passwords.passes',
    'ERR_BULWARK_UNSAFE_OPTION passwords.minimumLength',
  ]);
  assert.deepEqual(refused({ memory: '1GB', parallelism: 0, waiting: -1, concurrency: 0 }), [
    'ERR_BULWARK_INVALID_OPTION passwords.memory',
    'ERR_BULWARK_INVALID_OPTION passwords.parallelism',
    'ERR_BULWARK_INVALID_OPTION passwords.waiting',
    'ERR_BULWARK_INVALID_OPTION passwords.concurrency',
  ]);
});
