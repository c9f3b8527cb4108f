import assert from 'node:assert/strict';
import { argon2Sync, hash, pbkdf2Sync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { PolicyError } from '../../core/errors.ts';
import { KeyRing } from '../../core/key-ring.ts';
import { defaultsOf } from '../../core/options.ts';
import type { BreachAnswer, LookUpContext } from './breached/breached.ts';
import { hashPassword, needsRehash, verifyPassword } from './password-hash.ts';
import { Passwords } from './passwords.ts';
import { type PasswordsOptions, passwordsOptions, type PasswordsSettings } from './passwords.options.ts';
import { formatArgon2, OWASP_MINIMUM } from './phc-string.ts';

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

test('tells of a stored text that is no hash and why, so that it can be logged (past failure 5)', async () => {
  for (const stored of ['', '$2b$12$something', 'plain text']) {
    assert.deepEqual(await passwordsOf().verify(stored, RIGHT), {
      ok: false,
      unreadable: true,
      reason: 'it is no hash of a kind that is known',
    });
  }
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

/** One hash of each kind, cheap enough to compare with often; all of this password. */
const FOREIGN_PASSWORD = 'correct horse battery staple';
const FOREIGN: readonly string[] = foreignHashes();

function foreignHashes(): readonly string[] {
  const file = new URL('../../../test/vectors/passwords/debian-12.json', import.meta.url);
  const { hashes } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly hashes: readonly {
      readonly format: string;
      readonly password: string;
      readonly stored: string;
    }[];
  };
  const barred = ['fast-hash', 'sha-crypt', 'no-password', 'unknown', 'argon2id'];
  const kinds = Map.groupBy(
    hashes.filter(({ format, password }) => password === FOREIGN_PASSWORD && !barred.includes(format)),
    ({ format }) => format,
  );
  return [...kinds.values()].map((kind) => kind.at(-1)?.stored ?? '');
}

test('a hash of another library lets the right password in and is upgraded at that sign-in', async () => {
  const passwords = passwordsOf();
  assert.ok(FOREIGN.length >= 9);
  for (const stored of FOREIGN) {
    assert.deepEqual(await passwords.verify(stored, 'wrong'), { ok: false }, stored);
    const verdict = await passwords.verify(stored, FOREIGN_PASSWORD);
    assert.ok(verdict.ok && verdict.rehash !== undefined, stored);
    assert.ok(verdict.rehash.startsWith('$argon2id$'), stored);
    assert.deepEqual(await passwords.verify(verdict.rehash, FOREIGN_PASSWORD), { ok: true }, stored);
  }
});

test('upgrades what another argon2 library made of an unnormalised password, so that it works on every keyboard', async () => {
  const passwords = passwordsOf();
  const [typed, elsewhere] = ['cafe\u0301 cre\u0300me', 'caf\u00E9 cr\u00E8me'];
  const nonce = Buffer.alloc(16, 5);
  const tag = argon2Sync('argon2id', { message: typed, nonce, ...CHEAP, tagLength: 32 });
  const stored = formatArgon2({ ...CHEAP, salt: nonce, tag });
  assert.deepEqual(await passwords.verify(stored, elsewhere), { ok: false });
  const { ok, rehash } = await passwords.verify(stored, typed);
  assert.ok(ok && rehash !== undefined);
  assert.deepEqual(await passwords.verify(rehash, elsewhere), { ok: true });
  assert.deepEqual(await passwords.verify(rehash, typed), { ok: true });
});

test('a long passphrase from another system signs in and stays good after its upgrade', async () => {
  const passwords = passwordsOf();
  const long = 'long passphrase '.repeat(40);
  const digest = pbkdf2Sync(long, 'salt', 1000, 32, 'sha256').toString('hex');
  const { ok, rehash } = await passwords.verify(`pbkdf2:sha256:1000$salt$${digest}`, long);
  assert.ok(ok && rehash !== undefined);
  assert.deepEqual(await passwords.verify(rehash, long), { ok: true });
});

test('an account without a password is a no like any other; one with a fast hash is told of', async () => {
  const passwords = passwordsOf();
  assert.deepEqual(await passwords.verify('!4ofXVruktdJA1rtwpz4aUn5Ardgb6', ''), { ok: false });
  const { ok, unreadable, reason } = await passwords.verify('md5$salt$5f4dcc3b5aa765d61d8327deb882cf99', 'x');
  assert.ok(!ok && unreadable);
  assert.match(reason ?? '', /new password/);
});

test('half a character is no password: neither hashed nor let in', async () => {
  const passwords = passwordsOf();
  // Every lone half becomes the same replacement character in UTF-8.
  const stored = await hashPassword('kitchen \uFFFD', CHEAP);
  assert.deepEqual(await passwords.verify(stored, 'kitchen \uD83E'), { ok: false });
  await assert.rejects(passwords.hash('kitchen \uD83E'), { code: 'ERR_BULWARK_INVALID_ARGUMENT' });
});

test('foreign hashes wait in the same queue, and are refused by it', async () => {
  const passwords = passwordsOf({ concurrency: 1, waiting: 1 });
  const [stored = ''] = FOREIGN;
  const controller = new AbortController();
  const first = passwords.verify(stored, FOREIGN_PASSWORD);
  const second = passwords.verify(stored, 'wrong', controller.signal);
  await assert.rejects(passwords.verify(stored, 'wrong'), { code: 'ERR_BULWARK_QUEUE_FULL' });
  controller.abort();
  await assert.rejects(second, { name: 'AbortError' });
  assert.ok((await first).ok);
  assert.deepEqual([passwords.queue.active, passwords.queue.waiting], [0, 0]);
});

test('v5.0.0-11.2.2 (in part) v5.0.0-11.4.2 a pepper is rotated at sign-in, and one that is gone is told of', async () => {
  const [a, b] = [Buffer.alloc(32, 'a'), Buffer.alloc(32, 'b')];
  const before = passwordsOf({ pepper: new KeyRing([a]) });
  const rotated = passwordsOf({ pepper: new KeyRing([b, a]) });
  const later = passwordsOf({ pepper: new KeyRing([b]) });
  const stored = await before.hash(RIGHT);
  assert.deepEqual(await before.verify(stored, RIGHT), { ok: true });
  assert.deepEqual(await later.verify(stored, RIGHT), {
    ok: false,
    unreadable: true,
    reason: 'its pepper is not in the key ring: put that secret back',
  });
  const { ok, rehash } = await rotated.verify(stored, RIGHT);
  assert.ok(ok && rehash !== undefined);
  assert.deepEqual(await rotated.verify(rehash, RIGHT), { ok: true });
  assert.deepEqual(await later.verify(rehash, RIGHT), { ok: true });
  assert.deepEqual(await later.verify(rehash, 'wrong'), { ok: false });
  assert.deepEqual(await later.verify(undefined, RIGHT), { ok: false });
  // A table without a pepper gets one, sign-in by sign-in.
  const plain = await passwordsOf().hash(RIGHT);
  assert.match((await later.verify(plain, RIGHT)).rehash ?? '', /,keyid=/);
});

/** A source of breached passwords that answers as it is told and notes what it is asked. */
function sourceOf(answer: BreachAnswer): {
  readonly asked: string[];
  lookUp(sha1: Uint8Array, context: LookUpContext): BreachAnswer;
} {
  const asked: string[] = [];
  return {
    asked,
    lookUp: (sha1) => {
      asked.push(Buffer.from(sha1).toString('hex'));
      return answer;
    },
  };
}

const NEW_ACCOUNT = { secondFactor: false, ownWords: [] };

test('v5.0.0-6.2.12 refuses a breached password, and one that cannot be checked where the source wants that', async () => {
  for (const [answer, codes] of [
    ['breached', ['breached']],
    ['unchecked', ['unchecked']],
    ['not-found', []],
  ] as const) {
    const passwords = passwordsOf({ breached: sourceOf(answer) });
    const problems = await passwords.check(RIGHT, NEW_ACCOUNT);
    assert.deepEqual(
      problems.map(({ code }) => code),
      codes,
    );
    for (const { message } of problems) assert.match(message, /^[A-Z].*\.$/);
  }
});

test('looks up both forms of a password, and nothing of one that is refused anyway', async () => {
  const source = sourceOf('not-found');
  const passwords = passwordsOf({ breached: source });
  await passwords.check('too short', NEW_ACCOUNT);
  assert.deepEqual(source.asked, []);
  await passwords.check(RIGHT, NEW_ACCOUNT);
  assert.deepEqual(source.asked, [hash('sha1', RIGHT, 'hex')]);
  await passwords.check('cre\u0300me bru\u0302le\u0301e a la carte', NEW_ACCOUNT);
  assert.equal(source.asked.length, 3);
});

test('a password longer than any that is taken is wrong, even against a hash of nothing', async () => {
  const passwords = passwordsOf();
  const ofNothing = await hashPassword('', CHEAP);
  assert.deepEqual(await passwords.verify(ofNothing, 'x'.repeat(257)), { ok: false });
  await assert.rejects(passwords.hash('x'.repeat(257)), { code: 'ERR_BULWARK_INVALID_ARGUMENT' });
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

test('judges a new password by what is asked for beside it and by whose it is', async () => {
  const passwords = passwordsOf();
  const codes = async (password: string, secondFactor: boolean): Promise<readonly string[]> => {
    const problems = await passwords.check(password, { secondFactor, ownWords: ['alice@example.com'] });
    return problems.map(({ code }) => code);
  };
  assert.deepEqual(await codes('vq7mztwk', true), []);
  assert.deepEqual(await codes('vq7mztwk', false), ['too-short']);
  assert.deepEqual(await codes('Strongroom-alice', false), ['own-words']);
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

test('takes a key ring as pepper and never a secret, a source of breached passwords and nothing that is none', () => {
  const keys = new KeyRing([Buffer.alloc(32, 1)]);
  assert.deepEqual(refused({ pepper: keys, breached: sourceOf('not-found') }), []);
  const wrong = {
    pepper: 'a secret in the code',
    breached: 'breached.filter',
  } as unknown as PasswordsOptions;
  assert.deepEqual(refused(wrong), [
    'ERR_BULWARK_UNSAFE_OPTION passwords.pepper',
    'ERR_BULWARK_INVALID_OPTION passwords.breached',
  ]);
});
