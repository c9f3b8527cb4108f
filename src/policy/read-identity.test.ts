/** Accounts and what they stand on, as sections of one policy. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import { PolicyError } from '../core/errors.ts';
import { memory } from '../stores/memory/state.ts';
import { loadPolicy } from './load-policy.ts';
import type { Policy, PolicyOptions } from './policy.ts';

const mail = { send: (): Promise<void> => Promise.resolve() };

function read(options: PolicyOptions): Promise<Policy> {
  return loadPolicy({
    environment: 'production',
    origin: 'https://files.example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    ...options,
  });
}

/** What is refused: the names of options. */
async function refused(options: unknown): Promise<readonly string[]> {
  try {
    await read(options as PolicyOptions);
  } catch (error) {
    if (error instanceof PolicyError) return error.problems.map(({ option }) => option).toSorted();
    throw error;
  }
  return [];
}

test('one start with mistakes in eight sections tells all of them', async () => {
  const wrong = {
    accounts: { registration: 'shut' },
    accountPages: { home: 'https://evil.example' },
    passwords: { minimumLength: 4, pepper: 'a secret' },
    mfa: { drift: 5, rpId: 'example.org' },
    providers: { google: { name: 'Google', issuer: 'http://accounts.google.com', clientId: '1' } },
    challenge: { when: 'sometimes', bits: 64 },
    session: { sameSite: 'strict' },
    routes: { 'POST /x': { limit: 'often' } },
    secrets: { name: 'none', load: (name: string) => (name === 'BULWARK_SECRET' ? [TEST_SECRET] : []) },
  };
  assert.deepEqual(await refused(wrong), [
    'accountPages.home',
    'accounts.mail',
    'accounts.registration',
    'challenge.bits',
    'challenge.when',
    'mfa.drift',
    'mfa.rpId',
    'passwords.minimumLength',
    'passwords.pepper',
    'providers.google.clientSecret',
    'providers.google.issuer',
    "routes['POST /x'].limit",
    'session.sameSite',
  ]);
});

test('what is about accounts is refused where none are declared', async () => {
  assert.deepEqual(await refused({ accountPages: { home: '/files' }, challenge: { when: 'always' } }), [
    'accountPages',
    'challenge.when',
  ]);
  assert.deepEqual(
    await refused({ passwords: { waiting: 3 }, mfa: { drift: 0 }, challenge: { bits: 9 } }),
    [],
  );
});

test('a state that keeps no accounts is refused', async () => {
  const { accounts: _, ...without } = memory();
  assert.deepEqual(await refused({ accounts: { mail }, state: without }), ['state']);
});

test('the rules of the account pages are those of the policy, and a line of its own has the place of ours', async () => {
  const { routes, access } = await read({
    accounts: { mail },
    routes: { '/account/totp/**': { require: { fresh: '5m' } } },
  });
  assert.deepEqual(routes.find('POST', '/login').limit?.rate, { count: 20, windowMs: 60_000 });
  assert.deepEqual(routes.find('GET', '/account/email').require, { freshMs: 900_000 });
  assert.deepEqual(routes.find('GET', '/account/totp').require, { freshMs: 300_000 });
  assert.deepEqual([access.signIn, access.stepUp], ['/login', '/login/again']);
});

test('below a base all of them move: rules, the pages to sign in on, and where providers send people back', async () => {
  const one = {
    name: 'Google',
    issuer: 'https://accounts.google.com',
    clientId: '1',
    clientSecret: 'GOCSPX-secret',
  };
  for (const base of ['/-', '/-/']) {
    const { routes, access, providers } = await read({
      accounts: { mail },
      accountPages: { base },
      providers: { google: one, other: { ...one, path: '/auth/other' } },
    });
    assert.equal(routes.find('POST', '/login').limit, undefined);
    assert.deepEqual(routes.find('POST', '/-/login').limit?.rate, { count: 20, windowMs: 60_000 });
    assert.deepEqual(routes.find('GET', '/-/account/email').require, { freshMs: 900_000 });
    assert.equal(routes.find('GET', '/.well-known/change-password').require, 'anyone');
    assert.deepEqual([access.signIn, access.stepUp], ['/-/login', '/-/login/again']);
    assert.equal(providers['google']?.path, '/-/login/with/google/callback');
    assert.equal(providers['other']?.path, '/auth/other');
  }
  for (const base of ['-', '//evil.example', '/a//b', '/../x', '/a?b', 7]) {
    assert.deepEqual(
      await refused({ accounts: { mail }, accountPages: { base } }),
      ['accountPages.base'],
      String(base),
    );
  }
});

test('without the pages there are no rules of theirs, nor where no accounts are declared', async () => {
  for (const options of [{ accounts: { mail }, accountPages: false }, {}] as const) {
    const { routes, access, accountPages } = await read(options);
    assert.equal(accountPages, undefined);
    assert.equal(routes.find('POST', '/login').limit, undefined);
    assert.equal(access.signIn, undefined);
  }
});

test('secrets of providers are waited for, from where all secrets are', async () => {
  const providers = { google: { name: 'Google', issuer: 'https://accounts.google.com', clientId: '1' } };
  const asked: string[] = [];
  const secrets = {
    name: 'vault',
    load: async (name: string) => {
      asked.push(name);
      return [name === 'BULWARK_SECRET' ? TEST_SECRET : 'GOCSPX-secret'];
    },
  };
  const policy = await read({ providers, secrets });
  assert.equal(policy.providers['google']?.clientSecret, 'GOCSPX-secret');
  assert.deepEqual(asked, ['BULWARK_SECRET', 'BULWARK_OIDC_GOOGLE_SECRET']);
});

test('the pepper of passwords is the key ring of the policy', async () => {
  const { passwords, keys } = await read({ passwords: { pepper: true } });
  assert.equal(passwords.pepper, keys);
});

test('a layer whose policy declares accounts loads none of their code', () => {
  const code = `
    import { registerHooks } from 'node:module';
    const seen = [];
    registerHooks({ load(url, context, next) { seen.push(url); return next(url, context); } });
    const { bulwark } = await import('./src/adapters/express.ts');
    const { memory } = await import('./src/stores/memory/state.ts');
    bulwark({
      environment: 'development',
      secrets: { name: 'test', load: () => ['${TEST_SECRET}'] },
      state: memory(), audit: { sink: () => undefined }, accounts: {},
    });
    const own = seen.filter((url) => url.includes('/src/')).map((url) => url.replace(/^.*\\/src\\//, ''));
    console.log(JSON.stringify(own));
  `;
  const out = execFileSync(
    process.execPath,
    ['--conditions=bulwark-source', '--input-type=module', '-e', code],
    {
      encoding: 'utf8',
    },
  );
  const loaded = JSON.parse(out) as string[];
  assert.ok(loaded.includes('accounts/accounts.options.ts'));
  const CODE =
    /^account-pages\/|^accounts\/(?:accounts|context|flows\/.*|defence\/.*|import\/.*|mail\/(?!development-mail).*)\.ts$|^identity\/(?:mfa\/(?:mfa|passkeys|totp|webauthn)|oidc\/(?:oidc|provider)|passwords\/(?:passwords|argon2|password-hash|predictable|foreign\/.*)|proof-of-work\/proof-of-work)\.ts$/;
  assert.deepEqual(
    loaded.filter((file) => CODE.test(file)),
    [],
  );
});

test('a time to stay signed in for is longer than a session, and none of years', async () => {
  const { mail } = { mail: { send: () => Promise.resolve() } };
  for (const staySignedIn of ['12h', '2h', '91d'] as const)
    assert.deepEqual(await refused({ accounts: { mail, staySignedIn } }), ['accounts.staySignedIn']);
  const session = { absolute: '1h' } as const;
  assert.deepEqual(await refused({ session, accounts: { mail, staySignedIn: '2h' } }), []);
});

test('who has sessions bound to devices is told that the cookie of who stays signed in is not', async () => {
  const { mail } = { mail: { send: () => Promise.resolve() } };
  const told = async (options: PolicyOptions): Promise<boolean> => {
    const { warnings } = await loadPolicy({
      environment: 'development',
      secrets: fixedSecrets(TEST_SECRET),
      state: memory(),
      ...options,
    });
    return warnings.some(({ code }) => code === 'ERR_BULWARK_STAY_UNBOUND');
  };
  const session = { deviceBound: 'enforce' } as const;
  assert.ok(await told({ accounts: { mail, staySignedIn: '30d' }, session }));
  assert.ok(!(await told({ accounts: { mail, staySignedIn: '30d' } })));
  assert.ok(!(await told({ accounts: { mail }, session })));
  // A rule asks for the device: whoever wrote it knows.
  const routes = { '/money': { require: { deviceBound: true } } } as const;
  assert.ok(!(await told({ accounts: { mail, staySignedIn: '30d' }, session, routes })));
});

test('what an application removes is no text, and is called by somebody', async () => {
  const onDelete = (): undefined => undefined;
  assert.deepEqual(await refused({ accounts: { mail, onDelete } }), ['accounts.onDelete']);
  assert.deepEqual(await refused({ accounts: { mail, deleteAfter: '7d', onDelete: 'rows' } }), [
    'accounts.onDelete',
  ]);
  assert.deepEqual(await refused({ accounts: { mail, deleteAfter: '7d', onDelete } }), []);
  // What is refused is not left out.
  assert.deepEqual(await refused({ accounts: { mail, deleteAfter: '10m', onDelete } }), [
    'accounts.deleteAfter',
  ]);
  assert.deepEqual(await refused({ session: { perAccount: 0, whenFull: 'refuse' } }), ['session.perAccount']);
});
