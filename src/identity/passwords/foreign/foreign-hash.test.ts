import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { HANG_MS } from '../../../../test/support/hang.ts';
import { describeHash } from '../describe-hash.ts';
import { verifyPassword } from '../password-hash.ts';
import { matchesForeign, parseForeign } from './foreign-hash.ts';

interface Fixture {
  readonly format: string;
  readonly by: string;
  readonly password: string;
  readonly stored: string;
  readonly note?: string;
}

interface AspnetVectors {
  readonly password: string;
  readonly matching: readonly (readonly [format: string, stored: string])[];
  readonly failing: readonly string[];
}

function vectors(name: string): unknown {
  return JSON.parse(
    readFileSync(new URL(`../../../../test/vectors/passwords/${name}.json`, import.meta.url), 'utf8'),
  );
}

const FIXTURES = ['debian-12', 'debian-13', 'other-frameworks'].flatMap(
  (name) => (vectors(name) as { readonly hashes: readonly Fixture[] }).hashes,
);
const BARRED = new Set(['fast-hash', 'sha-crypt', 'scram', 'no-password', 'unknown']);
const READABLE = FIXTURES.filter(({ format }) => !BARRED.has(format));

/** Whether a password has a stored hash; undefined where the hash is not read. */
async function matches(stored: string, password: string): Promise<boolean | undefined> {
  const hash = parseForeign(stored);
  if (hash === undefined || hash.kind === 'barred') return undefined;
  // PHC strings of argon2id are Bulwark's own format.
  if (describeHash(stored).format === 'argon2id')
    return (await verifyPassword(stored, password)).startsWith('match');
  const matched = await matchesForeign(hash, password);
  assert.notEqual(matched, 'no-library');
  return matched === true;
}

test('every hash that its own library made is told by its format and verifies', async () => {
  assert.ok(READABLE.length > 150);
  for (const { format, by, password, stored } of READABLE) {
    assert.equal(describeHash(stored).format, format, `${by}: ${stored}`);
    assert.equal(await matches(stored, password), true, `${by}: ${stored}`);
  }
});

test('every kind of hash is among the fixtures', () => {
  assert.deepEqual([...new Set(FIXTURES.map(({ format }) => format))].sort(), [
    'argon2id',
    'aspnet-identity-v3',
    'bcrypt',
    'better-auth',
    'django-argon2',
    'django-bcrypt',
    'django-bcrypt-sha256',
    'django-pbkdf2',
    'django-scrypt',
    'dovecot-argon2',
    'dovecot-bcrypt',
    'dovecot-pbkdf2',
    'fast-hash',
    'lucia',
    'no-password',
    'passlib-bcrypt-sha256',
    'passlib-pbkdf2',
    'phc-argon2',
    'phc-bcrypt',
    'phc-pbkdf2',
    'phc-scrypt',
    'scram',
    'sha-crypt',
    'spring-argon2',
    'spring-bcrypt',
    'spring-pbkdf2',
    'spring-scrypt',
    'unknown',
    'werkzeug-pbkdf2',
    'werkzeug-scrypt',
  ]);
});

/** One cheap hash of each format and library. */
const CHEAP = [
  ...Map.groupBy(READABLE, ({ format, by }) => `${format} ${by}`)
    .values()
    .map((fixtures) => fixtures.findLast(({ password }) => password.startsWith('correct')) ?? fixtures[0]),
].filter((fixture) => fixture !== undefined);

test('a wrong password is false for every format and never an error (past failure 5)', async () => {
  for (const { stored, password } of CHEAP) {
    for (const wrong of [`${password} `, password.toUpperCase(), password.slice(1), '']) {
      assert.equal(await matches(stored, wrong), false, `${stored} ${JSON.stringify(wrong)}`);
    }
  }
});

test('a changed hash is false or not read, for every format', async () => {
  for (const { format, stored, password } of CHEAP) {
    const at = stored.length - 12;
    const changed = `${stored.slice(0, at)}${stored[at] === '2' ? '3' : '2'}${stored.slice(at + 1)}`;
    assert.notEqual(await matches(changed, password), true, changed);
    // What is left of these is a shorter hash that scrypt and PBKDF2 would have given too.
    if (format === 'phc-scrypt' || format === 'aspnet-identity-v3') continue;
    assert.notEqual(await matches(stored.slice(0, -4), password), true, stored);
  }
});

test('takes a password in the form it was sent in, as the libraries do: NFC is another one', async () => {
  const decomposed = READABLE.filter(
    ({ format, password }) =>
      !['argon2id', 'better-auth', 'lucia'].includes(format) &&
      password.includes('\u0301') &&
      password.length < 20,
  );
  assert.ok(decomposed.length > 10);
  for (const { stored, password } of decomposed) {
    assert.equal(await matches(stored, password.normalize('NFC')), false, stored);
  }
});

test('plain bcrypt ends at 72 bytes, as it does everywhere; behind a digest it does not', async () => {
  const long = CHEAP.map(({ format, by }) =>
    READABLE.find((one) => one.format === format && one.by === by && one.password.length > 72),
  ).filter((fixture) => fixture !== undefined);
  for (const { format, stored, password } of long) {
    const isPlain = format === 'bcrypt' || format === 'django-bcrypt';
    assert.equal(await matches(stored, password.slice(0, 72)), isPlain, stored);
    assert.equal(await matches(stored, password.slice(0, 71)), false, stored);
  }
});

test('plain bcrypt takes no password with a NUL: a password twice around one would have the same hash', async () => {
  const plain = CHEAP.filter(({ format }) => format === 'bcrypt' || format === 'django-bcrypt');
  assert.ok(plain.length >= 3);
  for (const { stored, password } of plain) {
    assert.equal(await matches(stored, `${password}\0${password}`), false, stored);
  }
});

test('computes every kind off the event loop: others are served meanwhile (past failure 27)', async () => {
  // The defaults of the libraries: none of these is done within one turn of the loop.
  const dear = READABLE.filter(
    ({ note, format }) => note === "the library's default" && format !== 'argon2id',
  );
  assert.ok(dear.length > 10);
  for (const { stored, password } of dear) {
    let settled = false;
    const matching = matches(stored, password).then(() => {
      settled = true;
    });
    await nextTurn();
    assert.ok(!settled, stored);
    await matching;
  }
});

test('the vectors of ASP.NET Core Identity itself verify, its failing ones do not', async () => {
  const { password, matching, failing } = vectors('aspnet-identity') as AspnetVectors;
  for (const [format, stored] of matching) {
    assert.equal(describeHash(stored).format, format, stored);
    assert.equal(await matches(stored, password), true, stored);
    assert.equal(await matches(stored, 'my passwore'), false, stored);
  }
  for (const stored of failing) assert.notEqual(await matches(stored, password), true, stored);
});

const SALT = 'c2FsdHNhbHRzYWx0c2FsdA';
const TAG = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const HEX = 'ab'.repeat(32);
const HEX64 = 'ab'.repeat(64);
const TAG64 = Buffer.alloc(64, 7).toString('base64');
const B22 = 'abcdefghijklmnopqrstuu';
const B31 = 'abcdefghijklmnopqrstuvwxyz01232';

/** The head of a hash of ASP.NET Identity v3, and no more than it needs. */
function aspnet(digest: number, iterations: number, saltBytes: number): string {
  const bytes = Buffer.alloc(13 + 48, 7);
  bytes.set([1]);
  bytes.writeUInt32BE(digest, 1);
  bytes.writeUInt32BE(iterations, 5);
  bytes.writeUInt32BE(saltBytes, 9);
  return bytes.toString('base64');
}

test('v5.0.0-15.2.2 a stored hash that asks for gigabytes or minutes is named and not computed', () => {
  for (const stored of [
    `scrypt:1048576:8:1$salt$${HEX64}`,
    `scrypt:32768:1024:1$salt$${HEX64}`,
    // 512 MiB, and not one step of work too many.
    `scrypt:524288:8:1$salt$${HEX64}`,
    `scrypt:32768:8:1024$salt$${HEX64}`,
    `scrypt:2:8:999999$salt$${HEX64}`,
    `scrypt:16384:8:64$salt$${HEX64}`,
    `pbkdf2:sha256:9999999999$salt$${HEX}`,
    `pbkdf2:sha256:5000001$salt$${HEX}`,
    `pbkdf2_sha256$4294967295$salt$${TAG}=`,
    `scrypt$1073741824$salt$8$1$${TAG64}`,
    `argon2$argon2id$v=19$m=4194304,t=2,p=1$${SALT}$${TAG}`,
    `$argon2i$v=19$m=65536,t=9999999999,p=1$${SALT}$${TAG}`,
    `$argon2id$v=19$m=1048576,t=1,p=1$${SALT}$${TAG}`,
    `$scrypt$ln=31,r=8,p=1$${SALT}$${TAG}`,
    `$pbkdf2-sha512$99999999$${SALT}$${TAG64.slice(0, -2)}`,
    `$2b$31$${B22}${B31}`,
    `bcrypt$$2b$16$${B22}${B31}`,
    `bcrypt_sha256$$2b$20$${B22}${B31}`,
    `$bcrypt-sha256$v=2,t=2b,r=31$${B22}$${B31}`,
    aspnet(0, 4_294_967_295, 16),
    // Two blocks of SHA-1 each.
    aspnet(0, 3_000_000, 16),
  ]) {
    const hash = parseForeign(stored);
    const reason = hash?.kind === 'barred' ? hash.reason : hash?.kind;
    assert.match(String(reason), /^it asks for .+, and at most .+ is given$/, stored);
    assert.equal(describeHash(stored).verifiable, false, stored);
  }
});

test('refuses every other spelling, empty tags above all: one would match every password', () => {
  for (const stored of [
    'scrypt:32768:8:1$salt$',
    'pbkdf2:sha256:1000$salt$',
    'pbkdf2_sha256$1000$salt$',
    'scrypt$16384$salt$8$1$',
    `pbkdf2:md5:1000$salt$${'ab'.repeat(16)}`,
    `pbkdf2:sha256:1000$salt$${'ab'.repeat(16)}`,
    `pbkdf2:sha256:1000$$${HEX}`,
    `pbkdf2:sha256:0$salt$${HEX}`,
    `pbkdf2:sha256:+1000$salt$${HEX}`,
    `pbkdf2:sha256:1000$salt$${HEX}\n`,
    `pbkdf2:sha256:1000$salt$${HEX.toUpperCase()}`,
    `pbkdf2:__proto__:1000$salt$${HEX}`,
    `scrypt:32767:8:1$salt$${HEX64}`,
    `scrypt:1:8:1$salt$${HEX64}`,
    `scrypt:65536:1:1$salt$${HEX64}`,
    `$scrypt$ln=16,r=1,p=1$${SALT}$${TAG}`,
    // No lane at all: Node.js would compute one.
    `{scrypt}$e0800$${SALT}==$${TAG}=`,
    `$argon2i$v=19$m=8,t=1,p=2$${SALT}$${TAG}`,
    `$argon2i$v=18$m=65536,t=1,p=1$${SALT}$${TAG}`,
    `$argon2id$v=19$m=65536,t=1,p=1,data=AAAA$${SALT}$${TAG}`,
    `$2b$03$${B22}${B31}`,
    `$2b$12$${B22}${B31}x`,
    `$2c$12$${B22}${B31}`,
    // Bits behind the last byte that no library sets.
    `$2b$12$${B22.slice(0, -1)}v${B31}`,
    `$bcrypt-sha256$v=3,t=2b,r=12$${B22}$${B31}`,
    aspnet(3, 1000, 16),
    aspnet(1, 0, 16),
    aspnet(1, 1000, 4_294_967_295),
    aspnet(1, 1000, 40),
    aspnet(1, 1000, 0),
    'AAAA',
    'x'.repeat(100_000),
  ]) {
    const hash = parseForeign(stored);
    assert.equal(hash, undefined, `${stored.slice(0, 60)} is ${hash?.kind}`);
  }
});

test('$2x$, the mark of a broken bcrypt, is told from the others', () => {
  assert.match(describeHash(`$2x$10$${B22}${B31}`).reason ?? '', /broken/);
});

/** Texts that look like hashes: shapes of all formats, whose numbers, salts and tags are mostly right. */
const like = fc
  .record({
    shape: fc.constantFrom(
      `scrypt:N:N:N$S$${HEX64}`,
      `pbkdf2:sha256:N$S$${HEX}`,
      'pbkdf2:S:N$S$T',
      `pbkdf2_sha256$N$S$${TAG}=`,
      'pbkdf2_sha1$N$S$T',
      `scrypt$N$S$N$N$${TAG64}`,
      'argon2$argon2id$v=19$m=N,t=N,p=N$S$T',
      '$argon2i$m=N,t=N,p=N$S$T',
      '$argon2id$v=19$m=N,t=N,p=N,keyid=S$S$T',
      '$scrypt$ln=N,r=N,p=N$S$T',
      '$pbkdf2-sha256$N$S$T',
      `$2b$0N$${B22}${B31}`,
      `bcrypt_sha256$$2b$N$${B22}${B31}`,
      `$bcrypt-sha256$v=2,t=2b,r=N$${B22}$${B31}`,
      '$bcrypt-sha256$2b,N$S$T',
      '!S',
      'AQAAAAT',
    ),
    numbers: fc.infiniteStream(
      fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom('1', '2', '4', '8', '16', '1024', '16384') },
        { weight: 2, arbitrary: fc.bigInt({ min: 0n, max: 2n ** 70n }).map(String) },
        { weight: 1, arbitrary: fc.constantFrom('-1', '1e9', '0x10', '', '\u0661') },
      ),
    ),
    salts: fc.infiniteStream(fc.oneof(fc.constant(SALT), fc.stringMatching(/^[./A-Za-z0-9]{0,60}$/))),
    tags: fc.infiniteStream(
      fc.oneof(
        fc.constant(TAG),
        fc.uint8Array({ minLength: 0, maxLength: 70 }).map((bytes) => Buffer.from(bytes).toString('base64')),
      ),
    ),
  })
  .map(({ shape, numbers, salts, tags }) =>
    shape
      .replaceAll(/(?<=[:$=,0])N/g, () => numbers.next().value ?? '')
      .replaceAll(/(?<=[:$!=])S(?=$|[:$])/g, () => salts.next().value ?? '')
      .replaceAll(/(?<=[$A])T$/g, () => tags.next().value ?? ''),
  );

test('answers whatever the stored text is, at once, and asks for no more than it may', () => {
  const started = performance.now();
  let read = 0;
  fc.assert(
    fc.property(fc.oneof(like, fc.string({ unit: 'binary' })), (stored) => {
      const hash = parseForeign(stored);
      describeHash(stored);
      if (hash === undefined || hash.kind === 'barred') return;
      read += 1;
      assert.ok(hash.tag.byteLength >= 16 && hash.salt.byteLength >= 1);
      switch (hash.kind) {
        case 'pbkdf2':
          return assert.ok(hash.iterations <= 5_000_000);
        case 'scrypt':
          return assert.ok(128 * hash.n * hash.r <= 2 ** 28 && hash.n * hash.r * hash.p <= 2 ** 22);
        case 'argon2':
          return assert.ok(hash.memory <= 2 ** 18 && hash.passes <= 16);
        case 'bcrypt':
          return assert.ok(hash.cost <= 15);
      }
    }),
    { seed: 11, numRuns: 3000 },
  );
  assert.ok(read > 100, `${read} texts were read as hashes`);
  for (const text of ['$2b$12$', 'scrypt:', 'pbkdf2:sha256:1000$', '$argon2id$v=19$', 'A']) {
    parseForeign(text + 'A'.repeat(5_000_000));
    parseForeign(text + '$'.repeat(500));
  }
  assert.ok(performance.now() - started < HANG_MS);
});

test('no password and no text that can be read as a hash makes the comparison throw', async () => {
  const small = like
    .map((stored) => stored.replaceAll(/\b\d{4,}\b/g, '16'))
    .filter((stored) => ![undefined, 'barred'].includes(parseForeign(stored)?.kind));
  await fc.assert(
    fc.asyncProperty(small, fc.string({ unit: 'binary' }), async (stored, password) => {
      const hash = parseForeign(stored);
      fc.pre(hash !== undefined && hash.kind !== 'barred');
      fc.pre(hash.kind !== 'bcrypt' || hash.cost < 6);
      assert.equal(await matchesForeign(hash, password), false);
    }),
    { seed: 3, numRuns: 60 },
  );
});
