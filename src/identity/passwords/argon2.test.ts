import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Argon2Request, argon2Engine, nativeEngine, NODE_ENGINE } from './argon2.ts';
import { loadOptional } from './optional.ts';

type Library = NonNullable<Parameters<typeof nativeEngine>[0]>;

const library = loadOptional('@node-rs/argon2') as Library;

const REQUEST: Argon2Request = {
  variant: 'argon2id',
  version: 19,
  message: Buffer.from('correct horse'),
  salt: Buffer.alloc(16, 9),
  secret: undefined,
  tagLength: 32,
  memory: 256,
  passes: 2,
  parallelism: 1,
};

test('both engines make the same hash, byte for byte, whatever goes into it', async () => {
  const native = nativeEngine(library);
  assert.ok(native !== undefined);
  for (const change of [
    {},
    { variant: 'argon2i' },
    { variant: 'argon2d' },
    { secret: Buffer.alloc(32, 3) },
    { parallelism: 4 },
    { memory: 19 * 1024 },
    { passes: 5 },
    { tagLength: 16 },
    { tagLength: 64 },
    { salt: Buffer.alloc(8, 1) },
    { salt: Buffer.alloc(64, 1) },
    { message: Buffer.alloc(0) },
    { message: Buffer.alloc(5000, 0xff) },
    { message: Buffer.from([0, 1, 0]) },
  ] as const satisfies Partial<Argon2Request>[]) {
    const request: Argon2Request = { ...REQUEST, ...change };
    const derived = await native.derive(request);
    const expected = await NODE_ENGINE.derive(request);
    assert.equal(derived.toString('hex'), expected.toString('hex'), JSON.stringify(change));
  }
});

test('the faster engine is taken where it is installed', () => {
  assert.equal(argon2Engine().name, '@node-rs/argon2');
  assert.equal(nativeEngine(undefined), undefined);
});

test('an engine that computes anything else is not taken, and that is told', async () => {
  const { promise, resolve } = Promise.withResolvers<Error & { code?: string }>();
  process.once('warning', resolve);
  const broken: Library = { ...library, hashRawSync: () => Buffer.alloc(32) };
  assert.equal(nativeEngine(broken), undefined);
  const warning = await promise;
  assert.equal(warning.code, 'ERR_BULWARK_HASH_LIBRARY');
  assert.match(warning.message, /another argon2id/);
});
