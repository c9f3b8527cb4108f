import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import { PolicyError } from '../core/errors.ts';
import type { PolicyOptions } from '../policy/policy.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { memory } from '../stores/memory/state.ts';
import type { GatewayOptions } from './options/gateway.options.ts';
import { withGateway } from './settings.ts';

const POLICY: PolicyOptions = {
  origin: 'https://notes.example.com',
  secrets: fixedSecrets(TEST_SECRET),
  state: memory(),
  gateway: { upstream: 'http://127.0.0.1:8000', keepAlive: '1s', times: { idle: '5m' } },
};

test('what a caller says is in the place of what the policy says, read before or not', async () => {
  for (const policy of [POLICY, await readPolicy(POLICY)]) {
    const { upstream, keepAlive, times, vault } = withGateway(policy, {
      upstream: 'unix:/run/app.sock',
      vault: ['session'],
    }).gateway;
    assert.deepEqual(upstream, [{ path: '/run/app.sock' }]);
    assert.equal(keepAlive, 1_000);
    assert.equal(times.idle, 300_000);
    assert.deepEqual(vault, ['session']);
  }
});

test('without an upstream there is no gateway, and an application that has the layer in itself needs none', async () => {
  const { gateway: _, ...plain } = POLICY;
  assert.deepEqual((await readPolicy(plain)).gateway.upstream, []);
  for (const policy of [plain, await readPolicy(plain)])
    assert.throws(
      () => withGateway(policy, {}),
      (error) => error instanceof PolicyError && error.problems[0]?.option === 'gateway.upstream',
    );
});

test('every problem is in one throw, those of other sections too', async () => {
  const wrong = { keepAlive: 'long', upstream: 'ftp://a' } as unknown as GatewayOptions;
  const optionsOf = (run: () => unknown): readonly string[] => {
    try {
      run();
    } catch (error) {
      assert.ok(error instanceof PolicyError);
      return error.problems.map(({ option }) => option).toSorted();
    }
    return [];
  };
  assert.deepEqual(
    optionsOf(() => withGateway({ ...POLICY, csrf: { tokens: 'never' as 'always' } }, wrong)),
    ['csrf.tokens', 'gateway.keepAlive', 'gateway.upstream'],
  );
  const read = await readPolicy(POLICY);
  assert.deepEqual(
    optionsOf(() => withGateway(read, wrong)),
    ['gateway.keepAlive', 'gateway.upstream'],
  );
});

test('a route that keeps its forms for a handler is refused, with the line that passes them on', async () => {
  const routes: PolicyOptions['routes'] = {
    'POST /files': { upload: { types: ['image/png', 'application/pdf'], store: true } },
    'POST /photos': { upload: { types: ['image/png'] } },
    '/uploads/**': { upload: { types: ['image/png'], store: 'resumable' } },
  };
  for (const policy of [{ ...POLICY, routes }, await readPolicy({ ...POLICY, routes })])
    assert.throws(
      () => withGateway(policy, {}),
      (error) => {
        assert.ok(error instanceof PolicyError);
        assert.deepEqual(
          error.problems.map(({ option, fix }) => [option, fix]),
          [
            [
              "routes['POST /files'].upload.store",
              "routes: { 'POST /files': { upload: { types: ['image/png', 'application/pdf'] } } }",
            ],
            [
              "routes['/uploads/**'].upload.store",
              "routes: { '/uploads/**': { upload: { types: ['image/png'] } } }",
            ],
          ],
        );
        return true;
      },
    );
});

test('a console wants accounts to sign in by, at addresses that are none of the application', () => {
  const refusedFor = (more: PolicyOptions): string | undefined => {
    try {
      withGateway({ ...POLICY, console: true, ...more }, {});
      return undefined;
    } catch (error) {
      return error instanceof PolicyError ? error.problems[0]?.option : 'no problem of the policy';
    }
  };
  const mail = { send: (): Promise<void> => Promise.resolve() };
  assert.equal(refusedFor({}), 'console');
  assert.equal(refusedFor({ accounts: { mail } }), 'accountPages.base');
  assert.equal(refusedFor({ accounts: { mail }, accountPages: { base: '/-' } }), undefined);
});
