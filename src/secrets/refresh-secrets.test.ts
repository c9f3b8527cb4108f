import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { until } from '../../test/support/until.ts';
import { maskSecrets } from '../audit/redact.ts';
import type { KeyRing } from '../core/key-ring.ts';
import { Problems } from '../core/problems.ts';
import { env } from './env.ts';
import type { DatedSecret, SecretProvider } from './provider.ts';
import { readKeyRing } from './read-secrets.ts';
import { refreshSecrets } from './refresh-secrets.ts';

const TAG = { signs: 'csrf-token' };
const SEALED = { seals: 'totp' };
const [FIRST, SECOND, THIRD] = [0, 1, 2].map(() => randomBytes(32).toString('base64')) as [
  string,
  string,
  string,
];
const REFRESH_MS = 20;
const LONG_AGO = 1;

/** A provider that others write to. */
class Manager implements SecretProvider {
  readonly name = 'test';
  readonly refreshMs = REFRESH_MS;
  versions: readonly (string | DatedSecret)[] = [];
  asked = 0;
  load(): Promise<readonly (string | DatedSecret)[]> {
    this.asked += 1;
    return Promise.resolve(this.versions);
  }
}

function old(value: string): DatedSecret {
  return { value, since: LONG_AGO };
}

async function ringOf(provider: SecretProvider): Promise<KeyRing> {
  const problems = new Problems('production');
  const ring = await readKeyRing(provider, problems);
  assert.ok(ring !== undefined, JSON.stringify(problems.errors));
  return ring;
}

/** Runs with a provider that is asked again, and hands on what the log was told. */
async function refreshing(
  manager: Manager,
  work: (ring: KeyRing, told: () => string) => Promise<void>,
): Promise<void> {
  const ring = await ringOf(manager);
  const events: string[] = [];
  const stop = refreshSecrets({ keys: ring, secretProvider: manager }, ({ name }, details) =>
    events.push(`${name} ${JSON.stringify(details)}`),
  );
  try {
    await work(ring, () => events.join('\n'));
  } finally {
    stop();
  }
}

async function lookAgain(manager: Manager): Promise<void> {
  // One that began before the change may still be on its way.
  const { asked } = manager;
  await until('it is asked twice', () => manager.asked >= asked + 2);
}

test('a rotation arrives without a restart, and what the older secret signed still verifies', async () => {
  const manager = new Manager();
  manager.versions = [old(FIRST)];
  await refreshing(manager, async (ring, told) => {
    const before = ring.sign(TAG, 'm');
    const sealed = ring.seal(SEALED, Buffer.from('seed'), 'a');
    manager.versions = [old(SECOND), old(FIRST)];
    await until('the new one signs', () => !ring.sign(TAG, 'm').equals(before));
    assert.ok(ring.verify(TAG, 'm', before));
    assert.equal(ring.open(SEALED, sealed, 'a')?.current, false);
    const only = await ringOf({ name: 'second', load: () => [SECOND] });
    assert.ok(only.verify(TAG, 'm', ring.sign(TAG, 'm')));
    assert.equal(told(), 'secrets_rotated {"provider":"test","count":2}');
  });
});

test('a secret that is taken away verifies nothing any more', async () => {
  const manager = new Manager();
  manager.versions = [old(SECOND), old(FIRST)];
  const stolen = (await ringOf({ name: 'first', load: () => [FIRST] })).sign(TAG, 'm');
  await refreshing(manager, async (ring) => {
    assert.ok(ring.verify(TAG, 'm', stolen));
    manager.versions = [old(SECOND)];
    await until('it is void', () => !ring.verify(TAG, 'm', stolen));
  });
});

test('a new secret verifies at once, and signs when every process had the time to ask for it', async () => {
  const load = (versions: readonly (string | DatedSecret)[], refreshMs?: number): Promise<KeyRing> =>
    ringOf({ name: 'test', load: () => versions, ...(refreshMs !== undefined && { refreshMs }) });
  const signsAs = async (ring: KeyRing, secret: string): Promise<boolean> =>
    (await load([secret])).verify(TAG, 'm', ring.sign(TAG, 'm'));
  const minute = 60_000;
  const justNow = { value: SECOND, since: Date.now() };
  const young = await load([justNow, old(FIRST)], minute);
  assert.ok(await signsAs(young, FIRST));
  assert.ok(young.verify(TAG, 'm', (await load([SECOND])).sign(TAG, 'm')));
  const known = await load([{ value: SECOND, since: Date.now() - 3 * minute }, old(FIRST)], minute);
  assert.ok(await signsAs(known, SECOND));
  // Two rotations in a row: what everybody has signs, and all verify.
  const twice = await load([justNow, { value: THIRD, since: Date.now() - minute }, old(FIRST)], minute);
  assert.ok(await signsAs(twice, FIRST));
  // Nothing else is there, or it is read once.
  assert.ok(await signsAs(await load([justNow], minute), SECOND));
  assert.ok(await signsAs(await load([justNow, old(FIRST)]), SECOND));
});

test('what cannot be used changes nothing, and is told without a value', async () => {
  const manager = new Manager();
  manager.versions = [old(FIRST)];
  await refreshing(manager, async (ring, told) => {
    const before = ring.sign(TAG, 'm');
    for (const versions of [[], ['change-me-please-change-me-please'], [old(SECOND), old('short')]]) {
      manager.versions = versions;
      await lookAgain(manager);
      assert.deepEqual(ring.sign(TAG, 'm'), before);
    }
    manager.load = () => Promise.reject(new Error(`no such key ${SECOND}`));
    await until('the failure is told', () => told().includes('failed (Error)'));
    assert.deepEqual(ring.sign(TAG, 'm'), before);
    assert.match(told(), /^secrets_refresh_failed \{"provider":"test","reason":"secrets/);
    assert.equal(maskSecrets(told()), told(), 'the log leaves its own words as they are');
    for (const value of [SECOND, 'change-me', 'short', 'no such key'])
      assert.ok(!told().includes(value), value);
  });
});

test('an end that is near is told once a day, and the secret is used on', async (t) => {
  const manager = new Manager();
  const end = Date.now() + 3 * 86_400_000 - 1;
  manager.versions = [{ value: FIRST, since: LONG_AGO, until: end }];
  await refreshing(manager, async (ring, told) => {
    const before = ring.sign(TAG, 'm');
    await until('it is told', () => told() !== '');
    const expected = { provider: 'test', until: new Date(end).toISOString(), days: 2 };
    assert.equal(told(), `secrets_ending ${JSON.stringify(expected)}`);
    await lookAgain(manager);
    assert.equal(told().split('\n').length, 1);
    t.mock.timers.enable({ apis: ['Date'], now: end + 1 });
    await lookAgain(manager);
    assert.match(told(), /\nsecrets_ending .*"days":-1}$/);
    assert.deepEqual(ring.sign(TAG, 'm'), before);
  });
});

test('one that is read at the start alone is looked at for its end, at once and each day', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setInterval'], now: Date.UTC(2027, 0, 1) });
  const environment = { BULWARK_SECRET: FIRST, BULWARK_SECRET_ENDS: '2027-01-30' };
  const provider = env({ environment, directory: import.meta.dirname });
  const days: string[] = [];
  const stop = refreshSecrets({ keys: await ringOf(provider), secretProvider: provider }, (_event, details) =>
    days.push(JSON.stringify(details)),
  );
  for (const left of [30, 29]) {
    await setImmediate();
    assert.match(days.join(), new RegExp(`"days":${left}}$`));
    t.mock.timers.tick(86_400_000);
  }
  stop();
});

test('the day is told each day, however long the manager takes', async (t) => {
  const start = Date.UTC(2027, 0, 1);
  const day = 86_400_000;
  const ring = await ringOf({ name: 'first', load: () => [FIRST] });
  t.mock.timers.enable({ apis: ['Date', 'setInterval', 'setTimeout'], now: start });
  const takes = [300, 250, 280, 240];
  const load = async (): Promise<readonly DatedSecret[]> => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    setTimeout(resolve, takes.shift() ?? 0, undefined);
    await promise;
    return [{ value: FIRST, since: start - 85 * day }];
  };
  const days: unknown[] = [];
  const provider: SecretProvider = { name: 'test', maxAgeMs: 90 * day, load };
  const stop = refreshSecrets({ keys: ring, secretProvider: provider }, (_event, details) => {
    days.push(/"days":(\d+)/.exec(JSON.stringify(details))?.[1]);
  });
  for (let passed = 0; passed < 4; passed += 1) {
    for (let at = 0; at < 400; at += 10) {
      t.mock.timers.tick(10);
      await setImmediate();
    }
    t.mock.timers.tick(day - 400);
  }
  stop();
  assert.deepEqual(days, ['4', '3', '2', '1']);
});

test('what a provider throws where nothing is expected to is told, and the process goes on', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  const manager = new Manager();
  manager.versions = [old(FIRST)];
  const remedy = (): never => {
    throw new Error(SECOND);
  };
  try {
    await refreshing(manager, async (_ring, told) => {
      Object.assign(manager, { remedy });
      await until('it is told', () => told().includes('"it failed (Error)"'));
      await lookAgain(manager);
    });
    const events: string[] = [];
    const provider: SecretProvider = { name: 'test', maxAgeMs: 1, load: async () => [FIRST], remedy };
    const keys = await ringOf({ name: 'first', load: () => [FIRST] });
    const stop = refreshSecrets({ keys, secretProvider: provider }, ({ name }) => events.push(name));
    await setImmediate();
    stop();
    assert.deepEqual(events, ['secrets_refresh_failed']);
  } finally {
    process.off('unhandledRejection', note);
  }
  assert.deepEqual(unhandled, []);
});

test('a change that hangs is given up, begun once, and told once a day; what is there is read all the same', async (t) => {
  const ring = await ringOf({ name: 'first', load: () => [FIRST] });
  t.mock.timers.enable({ apis: ['Date', 'setInterval', 'setTimeout'], now: Date.UTC(2027, 0, 1) });
  const manager = new Manager();
  manager.versions = [old(SECOND), old(FIRST)];
  let begun = 0;
  const rotateIfDue = (): Promise<void> => {
    begun += 1;
    return new Promise(() => undefined);
  };
  const provider = Object.assign(manager, { rotateIfDue, refreshMs: 60_000 });
  const told: string[] = [];
  const stop = refreshSecrets({ keys: ring, secretProvider: provider }, ({ name }, details) =>
    told.push(`${name} ${JSON.stringify(details)}`),
  );
  const minutes = async (count: number): Promise<void> => {
    for (let minute = 0; minute < count; minute += 1) {
      t.mock.timers.tick(60_000);
      await setImmediate();
    }
  };
  await minutes(5);
  assert.ok(manager.asked > 2);
  assert.equal(told.filter((line) => line.includes('ETIMEDOUT')).length, 1);
  assert.ok(told.some((line) => line.startsWith('secrets_rotated')));
  await minutes(24 * 60);
  stop();
  assert.equal(told.filter((line) => line.includes('ETIMEDOUT')).length, 2);
  assert.equal(begun, 1);
});

test('a folder that is closed is told once a day', async () => {
  const manager = new Manager();
  manager.versions = [old(FIRST)];
  const rotateIfDue = (): void => {
    throw Object.assign(new Error('no'), { code: 'EROFS' });
  };
  Object.assign(manager, { rotateIfDue });
  await refreshing(manager, async (_ring, told) => {
    await until('it is told', () => told() !== '');
    await lookAgain(manager);
    assert.equal(told().split('\n').length, 1);
  });
});

test('one that is due is changed before it is read again, and where that fails all stays and is told', async () => {
  const manager = new Manager();
  manager.versions = [old(FIRST)];
  const due: unknown[] = [];
  let fails = false;
  Object.assign(manager, {
    rotateIfDue: (name: string) => {
      due.push(name);
      if (fails) throw Object.assign(new Error(SECOND), { code: 'EROFS' });
      manager.versions = [old(SECOND), old(FIRST)];
    },
  });
  await refreshing(manager, async (ring, told) => {
    await until('it was changed', () => told() !== '');
    assert.equal(told(), 'secrets_rotated {"provider":"test","count":2}');
    assert.equal(due[0], 'BULWARK_SECRET');
    const before = ring.sign(TAG, 'm');
    fails = true;
    await until('the failure is told', () => told().includes('could not be put there (EROFS)'));
    assert.ok(!told().includes(SECOND));
    assert.deepEqual(ring.sign(TAG, 'm'), before);
  });
});

test('one that does not say how often is asked once', async () => {
  let asked = 0;
  const provider: SecretProvider = { name: 'test', load: () => [`${FIRST}${(asked += 1)}`] };
  const ring = await ringOf(provider);
  refreshSecrets({ keys: ring, secretProvider: provider }, () => undefined)();
  assert.equal(asked, 1);
});
