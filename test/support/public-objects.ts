/**
 * All that is public: each function and method of each subpath of the package, with arguments that it takes. Tests call them
 * all, so that none is forgotten.
 */
import { Problems } from '../../src/core/problems.ts';
import { readProviders } from '../../src/identity/oidc/oidc.options.ts';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { definePermissions } from '../../src/controls/access/permissions.ts';
import { ApiTokens } from '../../src/controls/api-tokens/api-tokens.ts';
import { bulwark as express } from '../../src/adapters/express.ts';
import { bulwark as fastify } from '../../src/adapters/fastify.ts';
import { bulwark as hono } from '../../src/adapters/hono.ts';
import { bulwark } from '../../src/adapters/node.ts';
import { bulwark as web } from '../../src/adapters/web.ts';
import { Uploads } from '../../src/adapters/uploads.ts';
import { SignInProviders } from '../../src/identity/oidc/oidc.ts';
import { Passwords } from '../../src/identity/passwords/passwords.ts';
import { LAYER_PARTS } from '../../src/core/layer-parts.ts';
import { defaultsOf } from '../../src/core/options.ts';
import { Outbound } from '../../src/controls/outbound/outbound.ts';
import { outboundOptions } from '../../src/controls/outbound/outbound.options.ts';
import { ProofOfWork } from '../../src/identity/proof-of-work/proof-of-work.ts';
import type { LayerHandle } from '../../src/node/protector.ts';
import type { State } from '../../src/stores/ports/state.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { SessionHandle } from '../../src/controls/sessions/session-handle.ts';
import { FakeAccounts, PASSWORD } from './accounts.ts';
import { operatorObjects } from './public-operators.ts';
import { sketchExchange } from './exchange.ts';
import { CONTENT, CONTENT_CLASSES, CONTENT_INSTANCES, contentInstances } from './public-content.ts';
import { ANY, type Calls } from './refused-calls.ts';
import { SECRET_MANAGERS } from './secret-manager-calls.ts';
import { FACTOR } from './public-factor.ts';
import { ALERTS, SHIPPING } from './public-shipping.ts';
import { fixedSecrets, TEST_SECRET } from './secrets.ts';
import { ALL_SESSIONS_METHODS, SESSION_METHODS, STAY_METHODS } from './session-methods.ts';
import { S3_CLIENT, UPLOAD_METHODS } from './upload-objects.ts';

/** Accounts with all that they may have. */
export const site: FakeAccounts = new FakeAccounts(
  { challenge: 'always', staySignedIn: '30d', deleteAfter: '7d' },
  memory(),
  {
    scopes: ['files:read'],
    providers: { one: { name: 'One', issuer: 'http://127.0.0.1:1', clientId: 'a', clientSecret: PASSWORD } },
  },
);
const { accounts } = site;
const { factors, apiTokens, identities, challenge, stays, deletion } = accounts;
assert.ok(apiTokens !== undefined && identities !== undefined);
assert.ok(challenge !== undefined && stays !== undefined && deletion !== undefined);
/** A layer of its own. Whoever imports it closes it. */
export const layer: LayerHandle = bulwark({
  secrets: fixedSecrets(TEST_SECRET),
  state: memory(),
  audit: { sink: () => undefined },
  console: { index: ':memory:' },
});

const session = new SessionHandle(site.site.sessions, sketchExchange());
const visit = {
  session,
  principal: undefined,
  audit: () => undefined,
  refuse: () => undefined,
  client: { address: '192.0.2.1', key: '192.0.2.1' },
  setCookie: () => undefined,
};
const record = { id: 'a', emailKey: 'a@example.com', version: 1 };
const incoming = { headers: {} };
const outgoing = { appendHeader: () => undefined, once: () => undefined };
const [purpose, wish] = [{ purpose: 'sign-in' }, { name: 'CI', scopes: ['files:read'] }];
const [work, answer] = [
  { form: 'sign-in', client: 'k' },
  { challenge: '', proof: '', pause: '' },
];
const mail = { send: () => Promise.resolve() };
const permissions = definePermissions({ 'note:delete': () => true });
const policy = {
  state: memory(),
  keys: { sign: () => Buffer.alloc(32) },
  origin: undefined,
  environment: 'production',
  apiTokens: { scopes: ['a'], expiresIn: 1, longest: 1 },
};
const outboundLayer = {
  [LAYER_PARTS]: { policy: { outbound: defaultsOf(outboundOptions) }, audit: (): void => undefined },
};
const doors = { bulwark: [ANY] } as const;
const pages = { accountPages: [site.layer, {}] } as const;
const consoles = { consolePages: [layer] } as const;

/** By subpath, what it exports. Classes that are made by `of` are listed below. */
export const EXPORTS: Readonly<Record<string, Calls>> = {
  '.': {
    definePermissions: [{}],
    // It hands on what it is given: whoever reads it says what is wrong.
    definePolicy: [ANY],
    loadPolicy: [{}],
    // It answers whether something is one.
    isLocalPath: [ANY],
    safeRedirect: [ANY, ANY],
    // Its types hold details to their kind.
    eventOf: [ANY, ANY],
    slot: [],
    env: [{}],
    files: [{}],
  },
  './node': doors,
  './express': doors,
  './fastify': doors,
  './hono': doors,
  './web': doors,
  './current': { current: [] },
  './request-session': { requestSession: [] },
  // What calls them is no person.
  './nuxt': {
    nuxt: [ANY, { options: { plugins: [], build: { templates: [] } } }],
    giveNonce: [{ use: () => undefined }],
  },
  './angular': { nonceProviders: [{ inject: () => undefined }] },
  './vite': { viteNonce: [] },
  './sqlite': { sqlite: ['data/'], openDatabase: ['a.db', []] },
  './redis': { redis: [{}, {}] },
  './postgres': {
    postgres: [{ query: () => 0, connect: () => 0 }, {}],
    openPostgres: [{ query: () => 0, connect: () => 0 }, 'a', [], {}],
  },
  // They register tests, which fail by themselves.
  './testing': {
    storeConformance: [ANY, ANY, ANY],
    factorStoreConformance: [ANY, ANY],
    accountStoreConformance: [ANY, ANY],
    fileStoreConformance: [ANY, ANY],
    reportStoreConformance: [ANY, ANY],
    fileBytesConformance: [ANY, ANY],
    guardConformance: [() => undefined, { stops: { a: 1 }, passes: { a: 1 } }],
    hostConformance: ['a', () => undefined, {}],
    holds: ['a', { on: { a: 1 }, off: { a: 1 }, check: () => undefined, seen: /a/ }],
    serveRoutes: [ANY, ANY, ANY, ANY],
    fixedSecrets: ['a'],
    manualClock: [0],
    openRecorder: [{}],
    recordingAudit: [],
    signedIn: [{}, { account: 'a' }],
  },
  './secret-managers': SECRET_MANAGERS,
  './shipping': SHIPPING,
  './alerts': ALERTS,
  './sentry': { sentryRedaction: [{}] },
  './memory': { memory: [] },
  './passwords': {
    buildFilter: [{ list: 'a', out: 'b' }],
    filterFile: ['a'],
    rangeService: [{}, () => ''],
    describeHash: ['a'],
  },
  // The second is for the layer, with the policy that was read.
  './api-tokens': { apiTokenPattern: ['bwk'], accountsOf: [ANY] },
  './mfa': {},
  './accounts': {
    smtp: [{ sendMail: () => 0 }, 'a@example.com'],
    visitOf: [visit, incoming, outgoing],
  },
  './account-pages': pages,
  './account-pages/fastify': pages,
  './account-pages/hono': pages,
  './console': consoles,
  './console/fastify': consoles,
  './console/hono': consoles,
  './proof-of-work': {},
  './outbound': {},
  './uploads': { s3Bytes: [S3_CLIENT, { bucket: 'a' }] },
  ...CONTENT,
  './oidc': {},
  './package.json': {},
};

/** What is got from those, by the name it has in documents, with its methods. */
export const OBJECTS: Readonly<Record<string, readonly [object, Calls]>> = {
  session: [session, SESSION_METHODS],
  'layer.sessions': [site.site.sessions, ALL_SESSIONS_METHODS],
  layer: [
    layer,
    {
      sessions: [],
      counts: [],
      stores: [],
      metrics: ['openmetrics'],
      audit: [ANY, ANY],
      createServer: [() => undefined, {}],
      secure: [createServer()],
      handler: [() => undefined],
      close: [],
    },
  ],
  'bulwark.of': [bulwark, { of: [{}] }],
  'bulwark.of, Express': [express, { of: [{}] }],
  'bulwark.of, Fastify': [fastify, { of: [{}] }],
  'bulwark.of, Hono': [hono, { of: [{}] }],
  'bulwark.of, web': [web, { of: [{}] }],
  permissions: [
    permissions,
    { can: [visit, ANY, ANY, ANY], offers: [visit, ANY, ANY], require: [visit, ANY, ANY] },
  ],
  accounts: [
    accounts,
    {
      find: ['a'],
      findByEmail: ['a@example.com'],
      shortestPassword: ['a@example.com'],
      current: [visit],
      create: [{ email: 'a@example.com' }],
      setRoles: [visit, 'a', []],
      disable: [visit, 'a'],
      remove: [visit, 'a'],
      enable: [visit, 'a'],
      addFactor: [visit, record, FACTOR],
      removeFactor: [visit, record, 'passkey', () => Promise.resolve(false)],
      exportData: [visit, 'a'],
      makeRecoveryCodes: [visit, record],
      settled: [],
      close: [1],
    },
  ],
  uploads: [Uploads.of(layer), UPLOAD_METHODS],
  'accounts.signIn': [
    accounts.signIn,
    {
      withPassword: [visit, { email: '', password: '' }, 'again'],
      withProvider: [visit, record, { provider: 'one', provedAt: 1 }, 'again'],
      pendingSignIn: [visit],
      withCode: [visit, '', true],
      withSecondPasskey: [visit, ANY, true],
      withOwnPasskey: [visit, record, ANY],
      withPasskey: [visit, ANY, true],
      resume: [visit],
      complete: [visit, record, 'passkey', {}],
    },
  ],
  'accounts.deletion': [
    deletion,
    { ask: [visit, record], pending: ['a'], keep: [visit, record], run: [], start: [] },
  ],
  'accounts.devices': [accounts.devices, { rename: [visit, 'a', 'b', 'c'], names: ['a'] }],
  'accounts.stays': [stays, { ...STAY_METHODS, end: [visit, 'a', 'b'] }],
  'accounts.registration': [
    accounts.registration,
    { newForm: [], ask: [visit, ''], look: [''], finish: [visit, '', '', ''] },
  ],
  'accounts.reset': [
    accounts.reset,
    { newForm: [], ask: [visit, ''], invite: [visit, ''], look: [''], finish: [visit, '', '', ''] },
  ],
  'accounts.changeEmail': [
    accounts.changeEmail,
    { ask: [visit, record, ''], look: [''], newForm: [], finish: [visit, '', ''] },
  ],
  'accounts.credentials': [
    accounts.credentials,
    {
      hashNew: [visit, record, ''],
      mustProveFirst: [visit, record],
      changePassword: [visit, record, { current: '', next: '' }],
      change: [visit, record, {}, 'roles-changed', () => true],
      endSignIns: ['a'],
      raiseVersion: ['a'],
    },
  ],
  ...operatorObjects(accounts, visit),
  'accounts.activity': [accounts.activity, { add: [visit, 'a', 'signed-in', ''], list: ['a', 1] }],
  'accounts.answeredPosts': [
    accounts.answeredPosts,
    { answer: [{ text: 'a', from: undefined }, () => undefined, () => undefined] },
  ],
  'accounts.apiTokens': [
    apiTokens,
    { create: [visit, record, wish], list: ['a'], revoke: [visit, record, ''], revokeAll: [visit, record] },
  ],
  'accounts.identities': [
    identities,
    {
      providers: [],
      begin: [visit, 'one', purpose],
      finish: [visit, 'one', ''],
      list: ['a'],
      unlink: [visit, record, '', ''],
    },
  ],
  'accounts.challenge': [challenge, { ask: [visit, 'sign-in', ''], take: [visit, 'sign-in', '', answer] }],
  factors: [factors, { overview: ['a'], removeAccount: [visit, 'a'], reseal: [] }],
  'factors.totp': [
    factors.totp,
    {
      enrol: ['a', ''],
      shownAgain: ['a', '', ''],
      confirm: [visit, 'a', ''],
      verify: [visit, 'a', ''],
      remove: [visit, 'a'],
    },
  ],
  'factors.recoveryCodes': [
    factors.recoveryCodes,
    { create: [visit, 'a'], use: [visit, 'a', ''], left: ['a'] },
  ],
  'factors.passkeys': [
    factors.passkeys,
    {
      load: [],
      registrationOptions: [visit, { account: 'a', name: 'b' }],
      register: [visit, 'a', ANY, ''],
      signInOptions: [],
      signIn: [visit, ANY],
      ownerOf: [ANY],
      secondFactorOptions: [visit, 'a'],
      verify: [visit, 'a', ANY],
      list: ['a'],
      rename: [visit, 'a', '', ''],
      remove: [visit, 'a', ''],
    },
  ],
  'factors.rememberedBrowsers': [
    factors.rememberedBrowsers,
    {
      remember: [visit, 'a', '', ''],
      recognise: [visit, 'a', ''],
      list: ['a', ''],
      forget: [visit, 'a', ''],
      forgetAll: [visit, 'a'],
    },
  ],
};

/** Classes that are exported, by their subpath: what `of` takes, and what their instances do where no other line has it. */
export const CLASSES: Readonly<Record<string, Readonly<Record<string, readonly unknown[] | undefined>>>> = {
  './shipping': { RefusedRecords: undefined, TryLater: undefined },
  './accounts': {
    Accounts: [policy, { sessions: site.site.sessions, audit: () => undefined }, { mail }, {}],
    // It is handed in, and called by accounts alone.
    DevelopmentMail: undefined,
  },
  './api-tokens': { ApiTokens: [policy, () => 0] },
  './mfa': { SecondFactors: [policy, {}, () => 0] },
  './oidc': {
    SignInProviders: [
      policy,
      { providers: { one: { issuer: 'https://a.example', clientId: 'a' } } },
      () => 0,
    ],
  },
  './passwords': { Passwords: [{}, []] },
  './proof-of-work': { ProofOfWork: [policy, {}, () => 0] },
  './outbound': { Outbound: [site.layer] },
  ...CONTENT_CLASSES,
  './uploads': { Uploads: [site.layer, () => 0], FormRefusedError: undefined },
  '.': { BulwarkError: undefined, PolicyError: undefined },
};

/** What the instances of those classes do that no line above has. */
export const INSTANCES: Readonly<Record<string, Calls>> = {
  ApiTokens: {
    create: [visit, 'a', wish, () => Promise.resolve()],
    list: ['a'],
    revoke: [visit, 'a', ''],
    revokeAll: [visit, 'a'],
  },
  SignInProviders: { load: [], list: [], begin: [visit, 'one', purpose], finish: [visit, 'one', ''] },
  Passwords: {
    shortest: [true],
    check: ['a', { secondFactor: true, ownWords: [] }, {}],
    hash: ['a', ANY],
    verify: ['a', 'b', ANY],
  },
  ProofOfWork: { issue: [work], take: [work, '', ''] },
  Outbound: { fetch: ['https://example.com/', {}] },
  ...CONTENT_INSTANCES,
};

/** What the classes of {@link INSTANCES} make. */
export function madeInstances(): Readonly<Record<string, object>> {
  const policied = {
    ...policy,
    keys: site.accounts,
    origin: { origin: 'https://a.example', hostname: 'a.example' },
  };
  const one = { name: 'One', issuer: 'http://127.0.0.1:1', clientId: 'a', clientSecret: PASSWORD };
  const providers = readProviders({ one }, new Problems('development'));
  return {
    Passwords: new Passwords(),
    ApiTokens: ApiTokens.of(policied as never),
    Outbound: Outbound.of(outboundLayer),
    ...contentInstances(),
    ProofOfWork: ProofOfWork.of({ ...policy, challenge: { bits: 8, lifetime: 60_000 } } as never),
    SignInProviders: SignInProviders.of({ ...policied, providers } as never),
  };
}

/** Where all of them keep what they keep. */
export const states: readonly State[] = [site.state, policy.state];
