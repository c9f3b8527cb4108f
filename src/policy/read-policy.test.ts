import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import { BulwarkError, PolicyError } from '../core/errors.ts';
import { memory } from '../stores/memory/state.ts';
import { loadPolicy } from './load-policy.ts';
import { definePolicy, type Policy, type PolicyOptions } from './policy.ts';
import { readPolicy, type Surroundings } from './read-policy.ts';
import { SECTIONS } from './controls.ts';

const GOOD: PolicyOptions = {
  origin: 'https://files.example.com',
  secrets: fixedSecrets(TEST_SECRET),
  state: memory(),
};
const PRODUCTION: Surroundings = { env: {}, execArgv: [], nodeVersion: '24.21.0', isWorker: false };

function read(options: unknown, surroundings: Partial<Surroundings> = {}): Policy {
  const policy = readPolicy(options as PolicyOptions, { ...PRODUCTION, ...surroundings });
  assert.ok(!(policy instanceof Promise));
  return policy;
}

/** The codes and options that a policy is refused for. */
function refusals(options: unknown, surroundings: Partial<Surroundings> = {}): string[] {
  try {
    read(options, surroundings);
  } catch (error) {
    assert.ok(error instanceof PolicyError, String(error));
    for (const { reason, fix } of error.problems) assert.ok(reason !== '' && fix !== '');
    return error.problems.map(({ code, option }) => `${code} ${option}`);
  }
  return [];
}

test('an origin, a secret and nothing else is a whole policy', () => {
  const policy = read(GOOD);
  assert.equal(policy.environment, 'production');
  assert.equal(policy.origin?.host, 'files.example.com');
  assert.deepEqual(policy.warnings, []);
});

test('an unset NODE_ENV is production', () => {
  assert.equal(read(GOOD, { env: { NODE_ENV: 'development' } }).environment, 'development');
  assert.equal(read(GOOD, { env: { NODE_ENV: 'test' } }).environment, 'development');
  assert.equal(read(GOOD, { env: { NODE_ENV: 'staging' } }).environment, 'production');
});

test('takes the origin from the environment where the policy names none', () => {
  const { origin: _origin, ...rest } = GOOD;
  assert.equal(
    read(rest, { env: { BULWARK_ORIGIN: 'https://a.example' } }).origin?.origin,
    'https://a.example',
  );
  assert.equal(read(rest).origin, undefined);
});

test('warns in production where no origin is named, and names the variable', () => {
  const { origin: _origin, ...rest } = GOOD;
  const warningsOf = (options: PolicyOptions, variables: Surroundings['env'] = {}): string[] =>
    read(options, { env: variables }).warnings.map(({ code, fix }) => `${code} ${fix.split('=')[0]}`);
  const warned = ['ERR_BULWARK_ORIGIN_MISSING BULWARK_ORIGIN'];
  assert.deepEqual(warningsOf(rest), warned);
  assert.deepEqual(warningsOf(rest, { BULWARK_ORIGIN: '' }), warned, 'an empty variable is none');
  assert.deepEqual(warningsOf(rest, { BULWARK_ORIGIN: 'https://a.example' }), []);
  assert.deepEqual(warningsOf(rest, { NODE_ENV: 'development' }), []);
  assert.deepEqual(warningsOf({ ...rest, firewall: { hosts: ['files.internal'] } }), []);
  assert.deepEqual(warningsOf({ ...rest, firewall: { mode: 'observe' } }), [], 'nobody gets 421');
});

test('refuses a misspelt option and names the right one, at any depth (past failure 4)', () => {
  assert.deepEqual(refusals({ ...GOOD, sesion: {} }), ['ERR_BULWARK_UNKNOWN_OPTION sesion']);
  assert.deepEqual(refusals({ ...GOOD, session: { idel: '5m' } }), [
    'ERR_BULWARK_UNKNOWN_OPTION session.idel',
  ]);
  assert.deepEqual(refusals({ ...GOOD, routes: { '/a': { require: { rolle: 'x' } } } }), [
    "ERR_BULWARK_UNKNOWN_OPTION routes['/a'].require.rolle",
  ]);
  assert.throws(() => read({ ...GOOD, sesion: {} }), /did you mean session\?/);
});

test('a section that is written as its mode is answered with the line that has this mode, never one that enforces', () => {
  for (const [section, table] of Object.entries(SECTIONS)) {
    for (const mode of ['enforce', 'observe', 'off']) {
      const options = { ...GOOD, [section]: mode };
      assert.throws(
        () => read(options),
        (error) => {
          assert.ok(error instanceof PolicyError && error.problems.length === 1);
          const wanted =
            'mode' in table
              ? `${section}: { mode: '${mode}' }`
              : `leave ${section} out: it has no mode, since other controls stand on it`;
          assert.equal(error.problems[0]?.fix, wanted);
          return true;
        },
      );
    }
  }
});

test('refuses a lifetime of nothing (past failure 1)', () => {
  for (const life of [0, '0s', '0m', null, false]) {
    assert.deepEqual(refusals({ ...GOOD, session: { idle: life } }), [
      'ERR_BULWARK_INVALID_OPTION session.idle',
    ]);
    assert.deepEqual(refusals({ ...GOOD, session: { absolute: life } }), [
      'ERR_BULWARK_INVALID_OPTION session.absolute',
    ]);
  }
});

test('refuses an origin that is not https', () => {
  assert.deepEqual(refusals({ ...GOOD, origin: 'http://files.example.com' }), [
    'ERR_BULWARK_ORIGIN_INSECURE origin',
  ]);
  assert.deepEqual(refusals({ ...GOOD, origin: 'http://localhost:3000' }), [
    'ERR_BULWARK_ORIGIN_INSECURE origin',
  ]);
});

test('in development http is good on loopback, and refused anywhere else', () => {
  const development = { env: { NODE_ENV: 'development' } };
  const local = read({ ...GOOD, origin: 'http://localhost:3000' }, development);
  assert.deepEqual(local.warnings, []);
  assert.deepEqual(refusals({ ...GOOD, origin: 'http://files.example.com' }, development), [
    'ERR_BULWARK_ORIGIN_INSECURE origin',
  ]);
});

test('refuses wildcards for hosts, origins and proxies', () => {
  assert.deepEqual(refusals({ ...GOOD, origin: 'https://*.example.com' }), [
    'ERR_BULWARK_INVALID_OPTION origin',
  ]);
  assert.deepEqual(refusals({ ...GOOD, firewall: { hosts: ['*'] } }).length, 1);
  assert.deepEqual(refusals({ ...GOOD, proxy: { trusted: ['*'] } }).length, 1);
  assert.deepEqual(refusals({ ...GOOD, proxy: { trusted: ['0.0.0.0/0'] } }).length, 1);
  assert.deepEqual(refusals({ ...GOOD, proxy: { trusted: ['::/0'] } }).length, 1);
});

test('v5.0.0-13.3.1 (in part) refuses a secret that is missing, weak, a placeholder or written into the policy', () => {
  assert.deepEqual(refusals({ ...GOOD, secrets: { name: 'test', load: () => [] } }), [
    'ERR_BULWARK_SECRET_MISSING secrets',
  ]);
  for (const secret of [
    'change-me',
    'secret',
    'a'.repeat(40),
    'short',
    'my-secret-change-me-please-000000000',
  ]) {
    assert.deepEqual(
      refusals({ ...GOOD, secrets: fixedSecrets(secret) }),
      ['ERR_BULWARK_SECRET_WEAK secrets.current'],
      secret,
    );
  }
  assert.deepEqual(refusals({ ...GOOD, secrets: TEST_SECRET }), ['ERR_BULWARK_UNSAFE_OPTION secrets']);
});

test('no message shows a secret', () => {
  const secret = 'hunter2hunter2hunter2hunter2hunter2';
  assert.throws(
    () => read({ ...GOOD, secrets: fixedSecrets(secret) }),
    (error: unknown) => error instanceof Error && !error.message.includes('hunter2'),
  );
});

test('refuses a parser that accepts malformed HTTP', () => {
  const expected = ['ERR_BULWARK_INSECURE_PARSER --insecure-http-parser'];
  assert.deepEqual(refusals(GOOD, { execArgv: ['--insecure-http-parser'] }), expected);
  assert.deepEqual(refusals(GOOD, { env: { NODE_OPTIONS: '--insecure-http-parser' } }), expected);
});

test('refuses a Node.js that gets no fixes', () => {
  assert.deepEqual(refusals(GOOD, { nodeVersion: '20.20.2' }), ['ERR_BULWARK_NODE_VERSION node']);
  assert.deepEqual(refusals(GOOD, { nodeVersion: '24.21.0' }), []);
});

test('refuses memory for state where there is more than one process (past failure 6)', () => {
  assert.deepEqual(refusals(GOOD, { isWorker: true }), ['ERR_BULWARK_STATE_NOT_SHARED state']);
});

test('tells everything that is wrong in one throw', () => {
  const bad = {
    origin: 'http://a.example',
    sesion: {},
    session: { idle: 0 },
    secrets: fixedSecrets('change-me'),
    routes: { login: {} },
  };
  assert.equal(refusals(bad).length, 5);
});

test('refuses what is no policy at all', () => {
  for (const bad of [null, [], 'x', 1]) assert.ok(refusals(bad).length > 0, String(bad));
  assert.deepEqual(refusals({ ...GOOD, state: {} }), ['ERR_BULWARK_INVALID_OPTION state']);
  assert.deepEqual(refusals({ ...GOOD, environment: 'prod' }), ['ERR_BULWARK_INVALID_OPTION environment']);
});

test('a refused policy leaves no file behind', () => {
  const { state: _state, ...rest } = GOOD;
  const before = existsSync('data');
  assert.equal(refusals({ ...rest, sesion: {} }).length, 1);
  assert.equal(existsSync('data'), before);
});

test('waits for a provider that takes its time, and refuses what it brings all the same', async () => {
  const slow = (secret: string): PolicyOptions => ({
    ...GOOD,
    secrets: { name: 'vault', load: () => Promise.resolve([secret]) },
  });
  assert.equal((await loadPolicy(slow(TEST_SECRET))).origin?.host, 'files.example.com');
  await assert.rejects(loadPolicy(slow('change-me')), PolicyError);
});

test('loads a policy file, and says what is wrong with one that it cannot', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-policy-'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  try {
    const good = file(
      'good.mjs',
      `import { memory } from ${JSON.stringify(import.meta.resolve('../stores/memory/state.ts'))};
       export default { origin: 'https://a.example', environment: 'development', secrets: { name: 't', load: () => ['${TEST_SECRET}'] }, state: memory() };`,
    );
    assert.equal((await loadPolicy(good)).origin?.host, 'a.example');
    const bad = [join(folder, 'none.mjs'), file('empty.mjs', ''), file('broken.mjs', 'export default {')];
    for (const path of bad) {
      await assert.rejects(
        loadPolicy(path),
        (error: unknown) => error instanceof BulwarkError && error.code === 'ERR_BULWARK_POLICY_FILE',
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a rule that would never hold is refused', () => {
  const expected = ["ERR_BULWARK_INVALID_OPTION routes['login']"];
  assert.deepEqual(refusals({ ...GOOD, routes: { login: {} } }), expected);
  assert.deepEqual(refusals({ ...GOOD, routes: { '/a': { by: ['account'] } } }), [
    "ERR_BULWARK_INVALID_OPTION routes['/a'].by",
  ]);
  assert.deepEqual(refusals({ ...GOOD, routes: { '/a': { limit: '5 per minute' } } }).length, 1);
});

test('definePolicy hands back what it was given', () => {
  assert.equal(definePolicy(GOOD), GOOD);
});

test('a method that never comes, and a role that has no value, are refused', () => {
  assert.deepEqual(refusals({ ...GOOD, routes: { 'PSOT /a': { require: 'signed-in' } } }), [
    "ERR_BULWARK_INVALID_OPTION routes['PSOT /a']",
  ]);
  assert.throws(() => read({ ...GOOD, routes: { 'PSOT /a': {} } }), /did you mean POST\?/);
  assert.throws(() => read({ ...GOOD, routes: { 'HEAD /a': {} } }), /did you mean GET\?/);
  assert.deepEqual(refusals({ ...GOOD, routes: { '/a': { require: { role: undefined } } } }), [
    "ERR_BULWARK_UNSAFE_OPTION routes['/a'].require",
  ]);
});

test('a rule that is written down and has no value is refused, and a limit that counts by nothing', () => {
  const unset = undefined as never;
  assert.deepEqual(refusals({ ...GOOD, routes: { '/a': unset, '/b': { require: unset }, '/c': {} } }), [
    "ERR_BULWARK_UNSAFE_OPTION routes['/a']",
    "ERR_BULWARK_UNSAFE_OPTION routes['/b'].require",
  ]);
  assert.deepEqual(refusals({ ...GOOD, routes: { 'POST /a': { limit: '5/minute', by: [] } } }), [
    "ERR_BULWARK_UNSAFE_OPTION routes['POST /a'].by",
  ]);
});

test('refuses a sign-in page that only those who are signed in may see', () => {
  const signIn = '/login?from=app';
  const refused = ['ERR_BULWARK_INVALID_OPTION access.signIn'];
  const routes = { '/**': { require: 'signed-in' } } as const;
  assert.deepEqual(refusals({ ...GOOD, access: { signIn }, routes }), refused);
  for (const otherwise of ['signed-in', 'nobody'] as const) {
    const access = { signIn, otherwise };
    assert.deepEqual(refusals({ ...GOOD, access }), refused, otherwise);
    assert.deepEqual(refusals({ ...GOOD, access, routes: { '/login': { limit: '5/minute' } } }), refused);
    assert.deepEqual(refusals({ ...GOOD, access, routes: { '/login': { require: 'anyone' } } }), []);
  }
  assert.deepEqual(refusals({ ...GOOD, access: { signIn } }), []);
  const open = { ...routes, '/login': { require: 'anyone' } } as const;
  assert.deepEqual(refusals({ ...GOOD, access: { signIn }, routes: open }), []);
});

test('a scope that no token can have is refused, and the one that was meant is named', () => {
  const policy = (scope: string, scopes: readonly string[]): PolicyOptions => ({
    ...GOOD,
    apiTokens: { scopes },
    routes: { '/api/**': { require: { scope } } },
  });
  assert.deepEqual(refusals(policy('files:read', ['files:read', 'files:write'])), []);
  assert.deepEqual(refusals(policy('files:raed', ['files:read'])), [
    "ERR_BULWARK_INVALID_OPTION routes['/api/**'].require.scope",
  ]);
  assert.throws(() => read(policy('files:raed', ['files:read'])), /did you mean files:read\?/);
  assert.throws(() => read(policy('files:read', [])), /apiTokens: \{ scopes: \['files:read'\] \}/);
});

test('tokens for ever, of a strange prefix, or longer by default than the longest are refused', () => {
  const refused = (apiTokens: object): readonly string[] => refusals({ ...GOOD, apiTokens });
  assert.deepEqual(refused({ longest: '366d' }), ['ERR_BULWARK_INVALID_OPTION apiTokens.longest']);
  assert.deepEqual(refused({ expiresIn: '0d' }), ['ERR_BULWARK_INVALID_OPTION apiTokens.expiresIn']);
  assert.deepEqual(refused({ longest: '30d' }), ['ERR_BULWARK_INVALID_OPTION apiTokens.expiresIn']);
  for (const prefix of ['', 'B', 'b_k', 'b.*', 'a'.repeat(17)]) {
    assert.deepEqual(refused({ prefix }), ['ERR_BULWARK_INVALID_OPTION apiTokens.prefix'], prefix);
  }
  assert.deepEqual(refused({ scopes: ['a b'] }), ['ERR_BULWARK_INVALID_OPTION apiTokens.scopes']);
});

test('refuses a step-up page that asks for the sign-in it is to give, and one that is no path of this site', () => {
  const of = (stepUp: string, routes: PolicyOptions['routes'] = {}): string[] =>
    refusals({ ...GOOD, access: { stepUp }, routes });
  const refused = ['ERR_BULWARK_INVALID_OPTION access.stepUp'];
  assert.deepEqual(of('/login/again', { '/login/again': { require: 'signed-in' } }), []);
  assert.deepEqual(of('/login/again', { '/login/**': { require: { fresh: '15m' } } }), refused);
  assert.deepEqual(of('/login/again', { 'POST /LOGIN/again/': { require: { mfa: true } } }), refused);
  const opened = { '/**': { require: { mfa: true } }, '/login/again': { require: 'anyone' } } as const;
  assert.deepEqual(of('/login/again', opened), []);
  const closed = { stepUp: '/login/again', otherwise: 'nobody' } as const;
  assert.deepEqual(refusals({ ...GOOD, access: closed }), refused);
  assert.deepEqual(refusals({ ...GOOD, access: { ...closed, otherwise: 'signed-in' } }), []);
  for (const path of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/a?b',
    '/a#b',
    'login',
    '',
  ]) {
    assert.deepEqual(of(path), refused, path);
  }
});

test('refuses a pattern of another router, with the line in ours', () => {
  const policy = (key: string): PolicyOptions => ({ ...GOOD, routes: { [key]: { require: 'signed-in' } } });
  for (const [key, line] of [
    ['/account{/:id}', /'\/account' and '\/account\/:id'/],
    ['/shop/[id]', /'\/shop\/:id'/],
    ['/shop/$id', /'\/shop\/:id'/],
    ['/(group)/x', /'\/x'/],
    ['/a/:id.json', /'\/a\/:id'/],
    ['/:page.data', /'\/:page'/],
  ] as const) {
    assert.deepEqual(refusals(policy(key)), [`ERR_BULWARK_INVALID_OPTION routes['${key}']`]);
    assert.throws(() => read(policy(key)), line);
  }
});

test('refuses two patterns that are one: which of them holds would be chance', () => {
  const of = (...keys: readonly string[]): string[] =>
    refusals({ ...GOOD, routes: Object.fromEntries(keys.map((key) => [key, { require: 'signed-in' }])) });
  const refused = (key: string): string[] => [`ERR_BULWARK_INVALID_OPTION routes['${key}']`];
  assert.deepEqual(of('/notes', '/Notes'), refused('/Notes'));
  assert.deepEqual(of('/notes', '/notes/'), refused('/notes/'));
  assert.deepEqual(of('/notes/:id', '/notes/:name'), refused('/notes/:name'));
  assert.deepEqual(of('/notes/:id', '/notes/*'), refused('/notes/*'));
  assert.deepEqual(of('GET,POST /a', 'POST,PUT /A'), refused('POST,PUT /A'));
  assert.deepEqual(of('GET /a', 'POST /a', '/a', '/a/**', '/a/*'), []);
});

test('refuses functions of the server for a scope that no token can have, and frameworks that are not known', () => {
  const of = (access: object): string[] => refusals({ ...GOOD, access });
  assert.deepEqual(of({ serverFunctions: { scope: 'x' } }), [
    'ERR_BULWARK_INVALID_OPTION access.serverFunctions.scope',
  ]);
  assert.deepEqual(of({ serverFunctions: 'nobody' }), ['ERR_BULWARK_INVALID_OPTION access.serverFunctions']);
  assert.deepEqual(of({ frameworks: ['remix'] }), ['ERR_BULWARK_INVALID_OPTION access.frameworks']);
  assert.deepEqual(of({ frameworks: ['react-router'], serverFunctions: { role: 'admin' } }), []);
});

test('warns of a `*` at the end that closes one level of what it closes elsewhere (Fastify, Hono, Express 4)', () => {
  const of = (...keys: readonly string[]): readonly string[] => {
    const routes = Object.fromEntries(keys.map((key) => [key, { require: 'signed-in' as const }]));
    return read({ ...GOOD, routes }).warnings.map(({ option, fix }) => `${option}: ${fix}`);
  };
  const fix = "'GET /Admin/**' for everything below, 'GET /Admin/:name' for one segment";
  assert.deepEqual(of('GET /Admin/*'), [`routes['GET /Admin/*']: ${fix}`]);
  assert.deepEqual(of('/admin/*', '/admin/**'), []);
  assert.deepEqual(of('/admin/:id', '/*/x', '/**'), []);
  assert.deepEqual(read({ ...GOOD, routes: { '/static/*': { require: 'anyone' } } }).warnings, []);
});
