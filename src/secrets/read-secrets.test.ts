import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { KeyRing } from '../core/key-ring.ts';
import { Unfit } from '../core/options.ts';
import { type Environment, Problems } from '../core/problems.ts';
import { env } from './env.ts';
import { type SecretProvider, secretProvider } from './provider.ts';
import { readKeyRing } from './read-secrets.ts';

const TAG = { signs: 'csrf-token' };

const CURRENT = randomBytes(32).toString('base64');
const OLDER = randomBytes(32).toString('base64');

function holding(...secrets: string[]): SecretProvider {
  return { name: 'test', load: () => secrets };
}

/** Reads at once, and shows what a person at the terminal would see. */
function read(
  provider: SecretProvider,
  environment: Environment = 'production',
): { ring: KeyRing | undefined; problems: Problems; told: string } {
  const problems = new Problems(environment);
  const ring = readKeyRing(provider, problems);
  assert.ok(!(ring instanceof Promise));
  return { ring, problems, told: JSON.stringify([problems.errors, problems.warnings]) };
}

test('makes a key ring that signs with the current secret and verifies with all', () => {
  const { ring, told } = read(holding(CURRENT, OLDER));
  assert.equal(told, '[[],[]]');
  const alone = new KeyRing([Buffer.from(CURRENT)]);
  const before = new KeyRing([Buffer.from(OLDER)]);
  assert.ok(alone.verify(TAG, 'm', ring?.sign(TAG, 'm') ?? Buffer.alloc(0)));
  assert.ok(ring?.verify(TAG, 'm', before.sign(TAG, 'm')));
});

test('a start tells of an end that is near, with the day, and goes on', async () => {
  const problems = new Problems('production');
  const until = Date.now() + 86_400_000;
  const provider: SecretProvider = { name: 'test', load: () => [{ value: CURRENT, since: 0, until }] };
  assert.ok((await readKeyRing(provider, problems)) !== undefined);
  const [warning] = problems.warnings;
  assert.equal(warning?.code, 'ERR_BULWARK_SECRET_ENDING');
  assert.ok(warning.reason.includes(new Date(until).toISOString().slice(0, 10)));
});

test('a time that is none is refused, and not shown', async () => {
  const since = Date.now() - 86_400_000;
  const times: readonly object[] = [
    ...[NaN, Infinity, -Infinity, -1e300, null, '2027-06-30', new Date()].map((until) => ({ since, until })),
    ...[NaN, Infinity].map((other) => ({ since: other })),
  ];
  for (const time of times) {
    const load = (): never => [{ value: CURRENT, ...time }] as never;
    for (const provider of [
      { name: 'test', load, maxAgeMs: 1 },
      { name: 'test', load: async () => load() },
    ]) {
      const problems = new Problems('production');
      assert.equal(await readKeyRing(provider, problems), undefined, JSON.stringify(time));
      assert.match(problems.errors[0]?.reason ?? '', /until/);
    }
  }
  const given: SecretProvider = {
    name: 'test',
    load: () => [{ value: CURRENT, since, until: undefined } as never],
  };
  assert.ok((await readKeyRing(given, new Problems('production'))) !== undefined);
});

test('waits for an asynchronous provider, and only for that', async () => {
  const problems = new Problems('production');
  const ring = readKeyRing({ name: 'vault', load: async () => [CURRENT] }, problems);
  assert.ok(ring instanceof Promise);
  assert.ok((await ring) instanceof KeyRing);
  assert.deepEqual(problems.errors, []);
});

test('refuses a missing secret in production, with the line to write', () => {
  const { ring, problems } = read(env({ environment: {}, directory: '/nonexistent' }));
  assert.equal(ring, undefined);
  assert.equal(problems.errors.length, 1);
  assert.equal(problems.errors[0]?.code, 'ERR_BULWARK_SECRET_MISSING');
  assert.match(problems.errors[0]?.fix ?? '', /BULWARK_SECRET=\$\(openssl rand -base64 32\)/);
});

test('makes a random secret for one run in development, and warns', () => {
  const first = read(holding(), 'development');
  const second = read(holding(), 'development');
  assert.equal(first.problems.warnings[0]?.code, 'ERR_BULWARK_SECRET_MISSING');
  assert.deepEqual(first.problems.errors, []);
  const tag = first.ring?.sign(TAG, 'm') ?? Buffer.alloc(0);
  assert.ok(first.ring?.verify(TAG, 'm', tag));
  assert.ok(!second.ring?.verify(TAG, 'm', tag));
});

test('refuses a weak secret in production, current or previous', () => {
  const current = read(holding('change-me'));
  assert.equal(current.ring, undefined);
  assert.equal(current.problems.errors[0]?.code, 'ERR_BULWARK_SECRET_WEAK');
  assert.equal(current.problems.errors[0]?.option, 'secrets.current');
  const previous = read(holding(CURRENT, OLDER, 'x'.repeat(64)));
  assert.equal(previous.ring, undefined);
  assert.equal(previous.problems.errors[0]?.option, 'secrets.previous[1]');
});

test('in development, warns of a weak secret and neither signs nor verifies with it', () => {
  const weak = 'change-me';
  const guessed = new KeyRing([Buffer.from(weak)]).sign(TAG, 'm');
  for (const provider of [holding(weak), holding(weak, CURRENT), holding(CURRENT, weak)]) {
    const { ring, problems } = read(provider, 'development');
    assert.equal(problems.warnings[0]?.code, 'ERR_BULWARK_SECRET_WEAK');
    assert.ok(ring !== undefined && !ring.verify(TAG, 'm', guessed));
  }
  const { ring } = read(holding(weak, CURRENT), 'development');
  const demoted = new KeyRing([Buffer.from(CURRENT)]);
  assert.ok(ring !== undefined);
  assert.ok(!demoted.verify(TAG, 'm', ring.sign(TAG, 'm')));
  assert.ok(ring.verify(TAG, 'm', demoted.sign(TAG, 'm')));
});

test('refuses a rotation that changed nothing', () => {
  const { ring, told } = read(holding(CURRENT, CURRENT));
  assert.equal(ring, undefined);
  assert.match(told, /secrets\.previous\[0\].*rotation/);
  assert.ok(read(holding(CURRENT, CURRENT), 'development').ring instanceof KeyRing);
});

test('refuses more previous secrets than anyone needs', () => {
  const many = Array.from({ length: 10 }, () => randomBytes(32).toString('hex'));
  assert.match(read(holding(...many)).told, /there are 9/);
});

test('reports a provider that throws, rejects or never answers, and does not repeat what it says', async () => {
  const thrown = read({
    name: 'vault',
    load: () => {
      throw Object.assign(new Error(`cannot decrypt ${CURRENT}`), { code: 'EDENIED' });
    },
  });
  assert.equal(thrown.ring, undefined);
  assert.match(thrown.told, /vault failed \(EDENIED\)/);
  assert.ok(!thrown.told.includes(CURRENT));

  for (const [load, expected] of [
    [async () => Promise.reject(new TypeError(CURRENT)), /failed \(TypeError\)/],
    [async () => sleep(60_000, [CURRENT], { ref: false }), /did not answer in 20 ms/],
  ] as const) {
    const problems = new Problems('development');
    assert.equal(await readKeyRing({ name: 'vault', load }, problems, 20), undefined);
    assert.match(problems.errors[0]?.reason ?? '', expected);
    assert.ok(!JSON.stringify(problems).includes(CURRENT));
  }
});

test('reports a provider that answers with anything but texts', () => {
  for (const answer of [undefined, null, CURRENT, { secret: CURRENT }, [undefined], [Buffer.from(CURRENT)]]) {
    const provider = { name: 'vault', load: () => answer } as unknown as SecretProvider;
    const { ring, told } = read(provider, 'development');
    assert.equal(ring, undefined);
    assert.match(told, /list of texts/);
    assert.ok(!told.includes(CURRENT));
  }
});

test('says a problem of the place once, and not also that the secret is missing', () => {
  const environment = { BULWARK_SECRET_FILE: '/nonexistent/secret' };
  const { problems } = read(env({ environment, directory: '/nonexistent' }));
  assert.deepEqual(
    problems.errors.map((problem) => problem.option),
    ['BULWARK_SECRET_FILE'],
  );
});

test('v5.0.0-16.2.5 no message holds a secret or a part of it', () => {
  // Letters that stand in no message, so that any four of them in a row come from the secret.
  const hostile = fc.string({
    unit: fc.constantFrom('Q', 'Z', 'J', '7', '#', '\n', '\u00df'),
    minLength: 4,
    maxLength: 60,
  });
  fc.assert(
    fc.property(
      fc.array(hostile, { maxLength: 4 }),
      fc.constantFrom('production', 'development'),
      (secrets, environment) => {
        const { told } = read(holding(...secrets), environment);
        for (const secret of secrets) {
          for (let at = 0; at + 4 <= secret.length; at += 1)
            assert.ok(!told.includes(secret.slice(at, at + 4)));
        }
      },
    ),
  );
});

test('the policy takes a provider, and never a secret', () => {
  const problems = new Problems('production');
  const provider = env();
  assert.equal(secretProvider(provider, 'secrets', problems), provider);
  for (const value of [CURRENT, [CURRENT], undefined, null, {}, { name: 'x' }, { load: () => [] }]) {
    assert.throws(() => secretProvider(value, 'secrets', problems), Unfit);
  }
});
