/** Reads a policy and checks it against the world it starts in. Everything wrong is told at once. */
import type { Cluster } from 'node:cluster';
import { isBuilding } from '../core/building.ts';
import { BulwarkError } from '../core/errors.ts';
import { type MaybePromise, whenReady } from '../core/maybe-promise.ts';
import {
  isPlainObject,
  type OptionSpec,
  type OptionTable,
  readOptions,
  refuseUnknown,
} from '../core/options.ts';
import { type OriginParts, parseOrigin } from '../core/origin.ts';
import { type Environment, Problems } from '../core/problems.ts';
import { checkOrigins } from '../controls/firewall/origins.options.ts';
import { checkSiblings } from '../controls/csrf/csrf.options.ts';
import { checkScope } from '../controls/access/require.ts';
import { readPath } from '../controls/firewall/url-path.ts';
import { env } from '../secrets/env.ts';
import { secretProvider, type SecretProvider } from '../secrets/provider.ts';
import { readKeyRing } from '../secrets/read-secrets.ts';
import { sqlite } from '../stores/sqlite/state.ts';
import { checkBuilt } from './check-built.ts';
import { checkSections, type PolicySections, SECTIONS } from './controls.ts';
import { type Policy, type PolicyOptions, READ } from './policy.ts';
import { withClientSecrets } from '../identity/oidc/oidc.options.ts';
import { checkFrameworks, findFrameworks } from './find-frameworks.ts';
import { isLeftOut, readIdentity, withAccountPages, withAccountRules, withPepper } from './read-identity.ts';
import { readConsole, withConsoleRules } from './read-console.ts';
import { readState } from './read-state.ts';
import { forBuild } from './for-build.ts';
import { readRoutes } from './route.options.ts';
import type { RouteTable } from './route-table.ts';
import { checkRuntime } from './runtime.ts';
import { readEvents } from './own-events.ts';
import { readGuards } from './own-guards.ts';

/** The process a policy starts in. Tests hand in another one. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly execArgv: readonly string[];
  readonly nodeVersion: string;
  /** Whether other processes serve the same application. */
  readonly isWorker: boolean;
  /** The working directory: its package.json tells the framework. */
  readonly directory?: string;
  /** Its command line: builds are told by it. */
  readonly argv?: readonly string[];
  /** A command that looks at what is stored: by which origin others are answered is not its matter. */
  readonly answersNobody?: boolean;
}

const OTHER_KEYS = ['origin', 'environment', 'secrets', 'state', 'providers', 'routes', 'guards', 'events'];

/**
 * Reads a policy. Answers at once where its secrets do, with a promise where their provider gives one.
 *
 * @throws PolicyError with every problem of the policy; asynchronously where secrets are asynchronous
 */
export function readPolicy(
  options: PolicyOptions,
  surroundings: Surroundings = thisProcess(),
): MaybePromise<Policy> {
  const { env: variables, argv = [] } = surroundings;
  const building = isBuilding({ env: variables, argv });
  return readFor(building && !isRead(options) ? forBuild(options) : options, surroundings, building);
}

function readFor(
  options: PolicyOptions,
  surroundings: Surroundings,
  building: boolean,
): MaybePromise<Policy> {
  const problems = new Problems(readEnvironment(options, surroundings));
  if (!isPlainObject(options) || isRead(options)) {
    refuseWhole(options, problems);
    problems.throwIfAny();
  }
  for (const key of Object.keys(options)) {
    const known = [...OTHER_KEYS, ...Object.keys(SECTIONS)];
    if (!known.includes(key)) refuseUnknown('', key, known, problems);
  }
  checkRuntime(surroundings, problems);
  const read = readSections(options, problems);
  const unheard = new Problems(problems.environment);
  const origin = readOrigin(
    options,
    surroundings,
    read,
    surroundings.answersNobody === true ? unheard : problems,
  );
  const state = readState(options.state, surroundings.isWorker, problems);
  const identity = readIdentity(options, read, { origin, state }, problems);
  const sections = { ...read, access: withAccountPages(read.access, identity.accountPages) };
  const { access, apiTokens, body, cors, csp } = sections;
  const console = readConsole(options.console, sections);
  const ruled = withAccountRules(options.routes, identity.accountPages);
  const routes = readRoutes(withConsoleRules(ruled, console), problems, {
    scopes: apiTokens.scopes,
    cors,
    csp,
    bodyLimit: body.limit,
    frameworks: access.frameworks,
  });
  checkScope('access.serverFunctions', access.serverFunctions, apiTokens.scopes, problems);
  const frameworks = surroundings.directory === undefined ? [] : findFrameworks(surroundings.directory);
  checkFrameworks(access, routes, frameworks, problems);
  if (surroundings.answersNobody !== true)
    checkOrigins(sections.origins, origin, problems, sections.files.origin);
  checkSiblings(origin, sections.csrf, problems);
  checkSignIn(sections, routes, problems);
  checkBuilt(sections, problems);
  checkStepUp(access, routes, problems);
  checkDevices(sections, routes, identity.accounts?.staySignedIn !== undefined, problems);
  const { guards, events: declared } = readGuards(options.guards, problems);
  const events = readEvents(options.events, declared, problems);
  const { environment } = problems;
  const provider = readSecrets(options.secrets, problems);
  const ring = provider === undefined ? undefined : readKeyRing(provider, problems);
  const others = provider === undefined ? {} : withClientSecrets(identity.providers, provider, problems);
  return whenReady(ring, (keys) =>
    whenReady(others, (providers) => {
      problems.throwIfAny();
      if (keys === undefined)
        throw new BulwarkError('ERR_BULWARK_SECRET_MISSING', 'the policy has no secret');
      return {
        [READ]: true,
        ...sections,
        ...identity,
        console,
        providers,
        passwords: withPepper(sections.passwords, keys),
        environment,
        building,
        origin,
        routes,
        guards,
        events,
        frameworks,
        keys,
        secretProvider: provider,
        // Last, so that a refused policy leaves no file behind.
        state: state ?? sqlite('data/'),
        warnings: problems.warnings,
      };
    }),
  );
}

/** Whether a policy was read already, by `loadPolicy`. */
export function isRead(policy: unknown): policy is Policy {
  return typeof policy === 'object' && policy !== null && READ in policy;
}

function refuseWhole(given: unknown, problems: Problems): void {
  const code = 'ERR_BULWARK_INVALID_OPTION';
  if (isRead(given)) {
    problems.refuse(
      code,
      'policy',
      'it was read already.',
      'bulwark(policy), with what loadPolicy gave back',
    );
  } else if (given instanceof Promise) {
    // Its failure is told by the error that comes of this; without it Node.js would report it a second time.
    given.catch(() => undefined);
    const reason = 'it is a promise, which has to be awaited.';
    problems.refuse(code, 'policy', reason, 'const policy = await loadPolicy(...)');
  } else {
    problems.refuse(code, 'policy', 'it must be an object.', 'bulwark(definePolicy({ ... }))');
  }
}

/** The process we are in. */
export function thisProcess(): Surroundings {
  return {
    env: process.env,
    execArgv: process.execArgv,
    nodeVersion: process.versions.node,
    isWorker: isClusterWorker(),
    directory: process.cwd(),
    argv: process.argv,
  };
}

// Loaded when a policy is read: an import would have everyone wait for it who only imports us.
function isClusterWorker(): boolean {
  return (process.getBuiltinModule('node:cluster') as unknown as Cluster).isWorker;
}

function readSections(options: PolicyOptions, problems: Problems): PolicySections {
  const sections: Record<string, unknown> = {};
  for (const name of Object.keys(SECTIONS) as (keyof PolicySections)[]) {
    const table = SECTIONS[name] as OptionTable<Record<string, unknown>>;
    const given: unknown = options[name];
    sections[name] = readOptions(name, table, isLeftOut(name, given) ? undefined : given, problems);
  }
  const read = sections as unknown as PolicySections;
  checkSections(read, problems);
  return read;
}

// Unset is production: a forgotten variable must not be what weakens a server.
function readEnvironment(options: PolicyOptions, surroundings: Surroundings): Environment {
  const given: unknown = options?.environment;
  if (given === 'production' || given === 'development') return given;
  if (given !== undefined) {
    const problems = new Problems('production');
    const reason = "it must be 'production' or 'development'.";
    problems.refuse('ERR_BULWARK_INVALID_OPTION', 'environment', reason, "environment: 'production'");
    problems.throwIfAny();
  }
  const name = surroundings.env['NODE_ENV'];
  return name === 'development' || name === 'test' ? 'development' : 'production';
}

function readOrigin(
  options: PolicyOptions,
  { env: variables }: Surroundings,
  sections: PolicySections,
  problems: Problems,
): OriginParts | undefined {
  // Container platforms write a variable that nobody set as an empty one.
  const given: unknown = options.origin ?? (variables['BULWARK_ORIGIN'] || undefined);
  if (given === undefined) {
    warnOfNoOrigin(sections, problems);
    return undefined;
  }
  const fix = "origin: 'https://files.example.com'";
  const origin = typeof given === 'string' ? parseOrigin(given) : undefined;
  if (origin === undefined) {
    const reason =
      typeof given === 'string' && !SCHEME.test(given)
        ? 'it has no scheme: write https:// in front of the host.'
        : 'it must be a scheme, a host and at most a port: no path, no user, no wildcard.';
    problems.refuse('ERR_BULWARK_INVALID_OPTION', 'origin', reason, fix);
    return undefined;
  }
  if (origin.scheme === 'https') return origin;
  const code = 'ERR_BULWARK_ORIGIN_INSECURE';
  if (origin.loopback) {
    const here = "on your own machine environment: 'development', or NODE_ENV=development; on a server";
    // Whoever says that this is their own machine has said it.
    if (problems.environment === 'production') {
      const reason = 'it is http, which is good for this machine alone.';
      problems.refuse(code, 'origin', reason, `${here} ${fix}`);
    }
  } else {
    problems.refuse(
      code,
      'origin',
      'it is http: passwords and sessions would cross the network in clear.',
      fix,
    );
  }
  return origin;
}

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/** The server would start, pass the health check of its own machine, and answer every visitor with 421. */
function warnOfNoOrigin({ firewall }: PolicySections, problems: Problems): void {
  if (problems.environment !== 'production' || firewall.mode !== 'enforce' || firewall.hosts.length > 0)
    return;
  problems.warn(
    'ERR_BULWARK_ORIGIN_MISSING',
    'origin',
    'there is none, so that only loopback hosts are answered: everyone else gets 421.',
    "BULWARK_ORIGIN=https://files.example.com   or: origin: 'https://files.example.com'",
  );
}

/** A sign-in page that asks for a sign-in sends its visitors round in a circle, and nobody gets in any more. */
function checkSignIn({ access }: PolicySections, routes: RouteTable, problems: Problems): void {
  const raw = access.signIn?.split(/[?#]/)[0] ?? '';
  const path = readPath(raw);
  if (access.signIn === undefined || typeof path !== 'string') return;
  const rule = routes.find('GET', path, raw).require ?? access.otherwise;
  if (rule === 'anyone') return;
  problems.refuse(
    'ERR_BULWARK_INVALID_OPTION',
    'access.signIn',
    'the page is closed to whoever is not signed in, and they are the ones that are led there.',
    `routes: { '${path}': { require: 'anyone' } }`,
  );
}

// A page that is to give a fresh sign-in and asks for one lets nobody in who needs it.
function checkStepUp(access: PolicySections['access'], routes: RouteTable, problems: Problems): void {
  const page = access.stepUp;
  if (page === undefined) return;
  const asks = ['GET', 'POST'].some((method) => {
    const rule = routes.find(method, page).require ?? access.otherwise;
    return (
      rule === 'nobody' || (typeof rule === 'object' && (rule.mfa === true || rule.freshMs !== undefined))
    );
  });
  if (!asks) return;
  const reason = 'its own route is closed, or asks for the sign-in that people come to it for.';
  const fix = `routes: { '${page}': { require: 'anyone' } }`;
  problems.refuse('ERR_BULWARK_INVALID_OPTION', 'access.stepUp', reason, fix);
}

// A route that asks for what no session ever has is closed to everyone, and nobody would see why.
function checkDevices(
  { session, access }: PolicySections,
  { routes }: RouteTable,
  stays: boolean,
  problems: Problems,
): void {
  const rules = [access.serverFunctions, ...routes.map(({ rules: { require } }) => require)];
  const isAsked = rules.some((rule) => typeof rule === 'object' && rule.deviceBound === true);
  if (stays && !isAsked && session.deviceBound === 'enforce') warnOfStays(problems);
  if (!isAsked || session.deviceBound !== 'off') return;
  const reason = 'it is off, and a rule of the policy asks for sessions that are bound to their device.';
  const fix = "session: { deviceBound: 'enforce' }";
  problems.refuse('ERR_BULWARK_INVALID_OPTION', 'session.deviceBound', reason, fix);
}

/** Each is sound, and together they are less than one who sets both believes. */
function warnOfStays(problems: Problems): void {
  const reason =
    'session.deviceBound is on, and the cookie of a browser that stays signed in is bound to no device: stolen, it opens a session elsewhere. Rules with deviceBound ask there for a sign-in first, and there is none.';
  const fix = 'require: { deviceBound: true } where it matters, or no accounts.staySignedIn';
  problems.warn('ERR_BULWARK_STAY_UNBOUND', 'accounts.staySignedIn', reason, fix);
}

function readSecrets(provider: unknown, problems: Problems): SecretProvider | undefined {
  const before = problems.errors.length;
  const { secrets } = readOptions('', { secrets: SECRETS }, { secrets: provider }, problems);
  return problems.errors.length > before ? undefined : secrets;
}

const SECRETS: OptionSpec<SecretProvider> = {
  default: env(),
  shown: 'env()',
  read: secretProvider,
  reason: 'Every host can set a variable, and none of them lies in version control.',
  source: 'The Twelve-Factor App, III; ASVS v5.0.0-13.3.1',
  example: 'secrets: env()',
};
