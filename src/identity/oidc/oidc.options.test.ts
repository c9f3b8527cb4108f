import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fixedSecrets, TEST_SECRET } from '../../../test/support/secrets.ts';
import { loadPolicy } from '../../policy/load-policy.ts';
import { PolicyError } from '../../core/errors.ts';
import { parseOrigin } from '../../core/origin.ts';
import { type Environment, Problems } from '../../core/problems.ts';
import { env } from '../../secrets/env.ts';
import type { SecretProvider } from '../../secrets/provider.ts';
import { memory } from '../../stores/memory/state.ts';
import { checkProviders, readProviders, withClientSecrets } from './oidc.options.ts';
import { SignInProviders } from './oidc.ts';

const GOOD = {
  name: 'Google',
  issuer: 'https://accounts.google.com',
  clientId: '1234.apps.googleusercontent.com',
  clientSecret: 'GOCSPX-secret',
};
const NO_SECRETS = env({ environment: {}, directory: '/nowhere' });

interface Setting {
  readonly environment?: Environment;
  readonly sameSite?: 'lax' | 'strict';
  readonly origin?: string | null;
  readonly secrets?: SecretProvider;
}

async function make(
  options: unknown,
  { environment = 'production', origin, sameSite = 'lax', secrets = NO_SECRETS }: Setting = {},
): Promise<SignInProviders> {
  const site = origin === null ? undefined : parseOrigin(origin ?? 'https://app.example.com');
  const problems = new Problems(environment);
  const read = readProviders(options, problems);
  checkProviders(read, { hasOrigin: site !== undefined, sameSite }, problems);
  const providers = await withClientSecrets(read, secrets, problems);
  problems.throwIfAny();
  return SignInProviders.of({ origin: site, providers });
}

/** What is refused of some options: codes and names. */
async function refused(options: unknown, setting?: Setting): Promise<readonly string[]> {
  try {
    await make(options, setting);
  } catch (error) {
    if (error instanceof PolicyError) return error.problems.map(({ code, option }) => `${code} ${option}`);
    throw error;
  }
  return [];
}

/** The same for one provider, by the name of what is wrong with it. */
async function refusedOne(change: object, setting?: Setting): Promise<readonly string[]> {
  return await refused({ google: { ...GOOD, ...change } }, setting);
}

test('reads options as users write them', async () => {
  const providers = await make({
    google: { ...GOOD, path: '/auth/google/done', timeout: '2s', attemptFor: '5m' },
    'my-idp': { ...GOOD, name: 'Work', scopes: ['openid'], clientAuthentication: 'post' },
  });
  assert.deepEqual(providers.list(), [
    {
      provider: 'google',
      name: 'Google',
      issuer: 'https://accounts.google.com',
      redirectUri: 'https://app.example.com/auth/google/done',
    },
    {
      provider: 'my-idp',
      name: 'Work',
      issuer: 'https://accounts.google.com',
      redirectUri: 'https://app.example.com/login/with/my-idp/callback',
    },
  ]);
});

test('refuses a provider without what it cannot do without, all at once', async () => {
  const nothing = ['name', 'issuer', 'clientId'].map(
    (key) => `ERR_BULWARK_INVALID_OPTION providers.google.${key}`,
  );
  assert.deepEqual(await refused({ google: {} }), [
    ...nothing,
    'ERR_BULWARK_SECRET_MISSING providers.google.clientSecret',
  ]);
  for (const none of [{}, undefined]) {
    assert.deepEqual(await refused(none), ['ERR_BULWARK_INVALID_OPTION providers']);
  }
  for (const odd of [[], 'google', 7]) {
    assert.ok((await refused(odd)).includes('ERR_BULWARK_INVALID_OPTION providers'));
  }
  assert.deepEqual(await refusedOne({ clientID: 'x' }), [
    'ERR_BULWARK_UNKNOWN_OPTION providers.google.clientID',
  ]);
});

test('an issuer is https, or on this machine in development', async () => {
  const unsafe = ['ERR_BULWARK_UNSAFE_OPTION providers.google.issuer'];
  const invalid = ['ERR_BULWARK_INVALID_OPTION providers.google.issuer'];
  const development = { environment: 'development' } as const;
  assert.deepEqual(await refusedOne({ issuer: 'http://accounts.google.com' }), unsafe);
  assert.deepEqual(await refusedOne({ issuer: 'http://accounts.google.com' }, development), unsafe);
  assert.deepEqual(await refusedOne({ issuer: 'http://localhost:4000' }), unsafe);
  assert.deepEqual(await refusedOne({ issuer: 'http://localhost:4000' }, development), []);
  for (const issuer of [
    'accounts.google.com',
    'ftp://a.example',
    'https://a.example/?b',
    'https://u@a.example',
    7,
  ]) {
    assert.deepEqual(await refusedOne({ issuer }), invalid, String(issuer));
  }
});

test('refuses values that do not fit', async () => {
  for (const change of [
    { name: '' },
    { clientId: 'a\nb' },
    { clientSecret: 'short' },
    { clientSecret: 'has a line\nend' },
    { scopes: ['email'] },
    { scopes: 'openid' },
    { scopes: ['openid', 'a b'] },
    { clientAuthentication: 'none' },
  ]) {
    const [key = ''] = Object.keys(change);
    assert.ok((await refusedOne(change)).includes(`ERR_BULWARK_INVALID_OPTION providers.google.${key}`), key);
  }
  for (const name of ['Google', 'a/b', '', '-a', '__proto__', 'a'.repeat(33)]) {
    const providers = Object.fromEntries([[name, GOOD]]);
    assert.deepEqual(await refused(providers), ['ERR_BULWARK_INVALID_OPTION providers'], name);
  }
  for (const path of ['callback', 'login/google', '/a?b', '//a', '/a/', '/{provider}']) {
    assert.deepEqual(await refusedOne({ path }), ['ERR_BULWARK_INVALID_OPTION providers.google.path'], path);
  }
  assert.deepEqual(await refusedOne({ timeout: '2m' }), [
    'ERR_BULWARK_INVALID_OPTION providers.google.timeout',
  ]);
  assert.deepEqual(await refusedOne({ attemptFor: '1d' }), [
    'ERR_BULWARK_INVALID_OPTION providers.google.attemptFor',
  ]);
  const path = '/auth/done';
  assert.deepEqual(await refused({ google: { ...GOOD, path }, other: { ...GOOD, path } }), [
    'ERR_BULWARK_INVALID_OPTION providers.other.path',
  ]);
});

test('refuses a policy without an origin: a Host header must not choose where providers send people', async () => {
  assert.deepEqual(await refused({ google: GOOD }, { origin: null }), ['ERR_BULWARK_INVALID_OPTION origin']);
});

test('takes a client secret from where secrets are kept, by the name of its provider', async () => {
  const { clientSecret: _, ...open } = GOOD;
  const environment = { BULWARK_OIDC_MY_IDP_SECRET: 'GOCSPX-secret' };
  const secrets = env({ environment, directory: '/nowhere' });
  assert.deepEqual(await refused({ 'my-idp': open }, { secrets }), []);
  assert.deepEqual(await refused({ google: open }, { secrets }), [
    'ERR_BULWARK_SECRET_MISSING providers.google.clientSecret',
  ]);
  const slow = { name: 'vault', load: async () => ['GOCSPX-secret'] };
  assert.deepEqual(await refused({ google: open }, { secrets: slow }), []);
  for (const load of [
    async (): Promise<readonly string[]> => await Promise.reject(new Error('hunter2')),
    (): readonly string[] => {
      throw new Error('hunter2');
    },
  ]) {
    assert.deepEqual(await refused({ google: open }, { secrets: { name: 'vault', load } }), [
      'ERR_BULWARK_SECRET_MISSING providers.google.clientSecret',
    ]);
  }
});

test('no message quotes a secret', async () => {
  try {
    await make({ google: { ...GOOD, clientSecret: 'secret\nwith a line end', issuer: 'x' } });
    assert.fail('it was taken');
  } catch (error) {
    assert.ok(error instanceof PolicyError);
    assert.doesNotMatch(error.message, /with a line end/);
  }
});

test('importing the room loads nothing of its peer', () => {
  const code = `
    import { registerHooks } from 'node:module';
    const seen = [];
    registerHooks({ resolve(name, context, next) { seen.push(name); return next(name, context); } });
    const { SignInProviders } = await import('./src/identity/oidc/oidc.ts');
    console.log(typeof SignInProviders, seen.filter((name) => !/^(node:|\\.)/.test(name)));
  `;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=bulwark-source', '--input-type=module', '-e', code],
    { encoding: 'utf8' },
  );
  assert.equal(stdout.trim(), 'function []', stderr);
});

test('names the package where it is not installed', () => {
  const code = `
    import { registerHooks } from 'node:module';
    registerHooks({ resolve(name, context, next) {
      if (name === 'openid-client') throw Object.assign(new Error('gone'), { code: 'ERR_MODULE_NOT_FOUND' });
      return next(name, context);
    } });
    const { loadOpenIdClient } = await import('./src/identity/oidc/optional-types.ts');
    await loadOpenIdClient().catch((error) => console.log(error.code, error.message));
  `;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=bulwark-source', '--input-type=module', '-e', code],
    { encoding: 'utf8' },
  );
  assert.match(stdout, /^ERR_BULWARK_PACKAGE_MISSING .*npm install openid-client/, stderr);
});

test('refuses a session cookie that does not come along from a provider, and says what to write', async () => {
  for (const environment of ['production', 'development'] as const) {
    const setting = { environment, sameSite: 'strict' } as const;
    assert.deepEqual(await refused({ google: GOOD }, setting), [
      'ERR_BULWARK_INVALID_OPTION session.sameSite',
    ]);
    await assert.rejects(make({ google: GOOD }, setting), /fix: session: \{ sameSite: 'lax' \}/);
  }
  const policy = loadPolicy({
    origin: 'https://app.example.com',
    state: memory(),
    secrets: fixedSecrets(TEST_SECRET),
    session: { sameSite: 'strict' },
    environment: 'development',
    providers: { google: GOOD },
  });
  await assert.rejects(policy, /session\.sameSite/);
});
