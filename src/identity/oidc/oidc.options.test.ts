import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fixedSecrets, TEST_SECRET } from '../../../test/support/secrets.ts';
import { loadPolicy } from '../../policy/load-policy.ts';
import { PolicyError } from '../../core/errors.ts';
import { parseOrigin } from '../../core/origin.ts';
import type { Environment } from '../../core/problems.ts';
import { env } from '../../secrets/env.ts';
import { memory } from '../../stores/memory/state.ts';
import { type OidcOptions, SignInProviders } from './oidc.ts';

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
}

function make(
  options: unknown,
  { environment = 'production', origin, sameSite = 'lax' }: Setting = {},
): SignInProviders {
  const site = origin === null ? undefined : parseOrigin(origin ?? 'https://app.example.com');
  return SignInProviders.of({ origin: site, environment, session: { sameSite } }, options as OidcOptions);
}

/** What is refused of some options: codes and names. */
function refused(options: unknown, setting?: Setting): readonly string[] {
  try {
    make(options, setting);
  } catch (error) {
    if (error instanceof PolicyError) return error.problems.map(({ code, option }) => `${code} ${option}`);
    throw error;
  }
  return [];
}

/** The same for one provider, by the name of what is wrong with it. */
function refusedOne(change: object, setting?: Setting): readonly string[] {
  return refused({ providers: { google: { ...GOOD, ...change } }, secrets: NO_SECRETS }, setting);
}

test('reads options as users write them', () => {
  const providers = make({
    providers: {
      google: GOOD,
      'my-idp': { ...GOOD, name: 'Work', scopes: ['openid'], clientAuthentication: 'post' },
    },
    path: '/auth/{provider}/done',
    timeout: '2s',
    attemptFor: '5m',
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
      redirectUri: 'https://app.example.com/auth/my-idp/done',
    },
  ]);
  assert.equal(
    make({ providers: { google: GOOD } }).list()[0]?.redirectUri,
    'https://app.example.com/login/with/google/callback',
  );
});

test('refuses a provider without what it cannot do without, all at once', () => {
  const nothing = ['name', 'issuer', 'clientId'].map(
    (key) => `ERR_BULWARK_INVALID_OPTION oidc.providers.google.${key}`,
  );
  assert.deepEqual(refused({ providers: { google: {} }, secrets: NO_SECRETS }), [
    ...nothing,
    'ERR_BULWARK_SECRET_MISSING oidc.providers.google.clientSecret',
  ]);
  assert.deepEqual(refused({ providers: {} }), ['ERR_BULWARK_INVALID_OPTION oidc.providers']);
  assert.deepEqual(refused({}), ['ERR_BULWARK_INVALID_OPTION oidc.providers']);
  assert.deepEqual(refused(undefined), ['ERR_BULWARK_INVALID_OPTION oidc.providers']);
  assert.deepEqual(refusedOne({ clientID: 'x' }), [
    'ERR_BULWARK_UNKNOWN_OPTION oidc.providers.google.clientID',
  ]);
});

test('an issuer is https, or on this machine in development', () => {
  const unsafe = ['ERR_BULWARK_UNSAFE_OPTION oidc.providers.google.issuer'];
  const invalid = ['ERR_BULWARK_INVALID_OPTION oidc.providers.google.issuer'];
  const development = { environment: 'development' } as const;
  assert.deepEqual(refusedOne({ issuer: 'http://accounts.google.com' }), unsafe);
  assert.deepEqual(refusedOne({ issuer: 'http://accounts.google.com' }, development), unsafe);
  assert.deepEqual(refusedOne({ issuer: 'http://localhost:4000' }), unsafe);
  assert.deepEqual(refusedOne({ issuer: 'http://localhost:4000' }, development), []);
  for (const issuer of [
    'accounts.google.com',
    'ftp://a.example',
    'https://a.example/?b',
    'https://u@a.example',
    7,
  ]) {
    assert.deepEqual(refusedOne({ issuer }), invalid, String(issuer));
  }
});

test('refuses values that do not fit', () => {
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
    assert.ok(refusedOne(change).includes(`ERR_BULWARK_INVALID_OPTION oidc.providers.google.${key}`), key);
  }
  for (const name of ['Google', 'a/b', '', '-a', '__proto__', 'a'.repeat(33)]) {
    const providers = Object.fromEntries([[name, GOOD]]);
    assert.deepEqual(refused({ providers }), ['ERR_BULWARK_INVALID_OPTION oidc.providers'], name);
  }
  const providers = { google: GOOD };
  for (const path of [
    '/callback',
    'login/{provider}',
    '/{provider}/{provider}',
    '/{provider}?a',
    '//{provider}',
  ]) {
    assert.deepEqual(refused({ providers, path }), ['ERR_BULWARK_INVALID_OPTION oidc.path'], path);
  }
  assert.deepEqual(refused({ providers, timeout: '2m' }), ['ERR_BULWARK_INVALID_OPTION oidc.timeout']);
  assert.deepEqual(refused({ providers, attemptFor: '1d' }), ['ERR_BULWARK_INVALID_OPTION oidc.attemptFor']);
});

test('refuses a policy without an origin: a Host header must not choose where providers send people', () => {
  assert.deepEqual(refused({ providers: { google: GOOD } }, { origin: null }), [
    'ERR_BULWARK_INVALID_OPTION origin',
  ]);
});

test('takes a client secret from where secrets are kept, by the name of its provider', () => {
  const { clientSecret: _, ...open } = GOOD;
  const environment = { BULWARK_OIDC_MY_IDP_SECRET: 'GOCSPX-secret' };
  const secrets = env({ environment, directory: '/nowhere' });
  assert.deepEqual(refused({ providers: { 'my-idp': open }, secrets }), []);
  assert.deepEqual(refused({ providers: { google: open }, secrets }), [
    'ERR_BULWARK_SECRET_MISSING oidc.providers.google.clientSecret',
  ]);
  const slow = { name: 'vault', load: async () => ['GOCSPX-secret'] };
  assert.deepEqual(refused({ providers: { google: open }, secrets: slow }), [
    'ERR_BULWARK_SECRETS_ASYNC oidc.providers.google.clientSecret',
  ]);
});

test('no message quotes a secret', () => {
  try {
    make({ providers: { google: { ...GOOD, clientSecret: 'secret\nwith a line end', issuer: 'x' } } });
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
    assert.deepEqual(refused({ providers: { google: GOOD } }, setting), [
      'ERR_BULWARK_INVALID_OPTION session.sameSite',
    ]);
    assert.throws(
      () => make({ providers: { google: GOOD } }, setting),
      /fix: session: \{ sameSite: 'lax' \}/,
    );
  }
  // As a policy that is loaded has it.
  const origin = 'https://app.example.com';
  const policy = await loadPolicy({
    origin,
    state: memory(),
    secrets: fixedSecrets(TEST_SECRET),
    session: { sameSite: 'strict' },
    environment: 'development',
  });
  assert.throws(() => SignInProviders.of(policy, { providers: { google: GOOD } }), /session\.sameSite/);
});
