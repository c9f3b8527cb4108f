/** The one order of all guards. To add a control, add its line here. */
import { accessGuard, type StepUp } from '../controls/access/access.ts';
import { permissionsGuard } from '../controls/access/permissions.ts';
import { accountsOf } from '../controls/api-tokens/api-tokens.ts';
import { Dpop, tokenChallenge } from '../controls/api-tokens/dpop.ts';
import { claimsToken, type TokenAudit, tokenGuard } from '../controls/api-tokens/token.ts';
import type { Policy } from '../policy/policy.ts';
import type { RouteTable } from '../policy/route-table.ts';
import { cookiesGuard } from '../controls/cookies/cookies.ts';
import type { SecurityEvent } from '../core/events.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Guard } from '../core/guard.ts';
import type { FrameworkName } from '../controls/access/frameworks.ts';
import { cspGuard, nonceGuard } from '../controls/csp/csp.ts';
import { ENDPOINT } from '../controls/csp/reporting.ts';
import { corsGuard } from '../controls/cors/cors.ts';
import { isRefresh } from '../controls/device-bound/device-bound.ts';
import { deviceGuard } from '../controls/device-bound/device-guard.ts';
import { PROOF_COOKIE } from '../controls/device-bound/proof-cookie.ts';
import { csrfGuard, forgeryTest } from '../controls/csrf/csrf.ts';
import { errorsGuard } from '../controls/errors/errors.ts';
import { addressGuard } from '../controls/firewall/address.ts';
import { bodyGuard } from '../controls/firewall/body.ts';
import { framingGuard, framingTest } from '../controls/firewall/framing.ts';
import { hostGuard } from '../controls/firewall/host.ts';
import { methodGuard } from '../controls/firewall/method.ts';
import { readPath } from '../controls/firewall/url-path.ts';
import { urlGuard } from '../controls/firewall/url.ts';
import { cacheGuard } from '../controls/headers/cache.ts';
import { headersGuard } from '../controls/headers/headers.ts';
import { httpsGuard } from '../controls/https/https.ts';
import { isolationGuard } from '../controls/isolation/isolation.ts';
import { rateGuards } from '../controls/rate-limit/rate-limit.ts';
import { reportsGuard } from '../controls/reports/reports.ts';
import { SESSION_COOKIE } from '../controls/sessions/session-cookie.ts';
import { SessionHandle } from '../controls/sessions/session-handle.ts';
import { sessionGuard } from '../controls/sessions/session.ts';
import { stepUp } from '../controls/step-up/step-up.ts';
import { uploadsGuard } from '../controls/uploads/uploads.ts';
import { validationGuard } from '../controls/validation/validation.ts';
import { wellKnownGuard } from '../controls/well-known/well-known.ts';
import { webhookGuard } from '../controls/webhooks/webhooks.ts';
import { BROWSER_COOKIES } from '../identity/mfa/browser-cookie.ts';
import type { RouteRules } from '../core/route-rules.ts';
import { cookielessGuard, filesOriginGuard } from '../files/files-origin.ts';
import { isModuleAskedHere } from './asked-modules.ts';
import type { Services } from './services.ts';
import { COOKIES_EVENTS } from '../controls/cookies/cookies.events.ts';

/** What is known of the router behind the layer. */
export interface RouterFacts {
  /** Whether it may take an empty segment for a parameter, so that `/notes/` is `/notes/:id`. */
  readonly emptyParameters: boolean;
}

/** Every guard of a policy. Each runs over the request where it has a say there, then over the response likewise. */
export function makeGuards(policy: Policy, services: Services, router: RouterFacts): readonly Guard[] {
  const { audit, sessions, ownOrigins, reports, devices } = services;
  const byToken = tokenTest(policy);
  const isForged = forgeryTest(policy.csrf, ownOrigins);
  const rate = rateGuards(policy.rateLimit, policy.state, policy.keys, {
    // A token without a cookie is no forgery to `csrf`: what it says of its origin must not spare it the route's limit.
    // So would one to a webhook, whose sender is known by a signature and not by an origin.
    isForged: (exchange) =>
      isForged(exchange) &&
      exchange.rules.webhook === undefined &&
      (exchange.request.headers.cookie !== undefined || !byToken(exchange)),
    ahead: (exchange) => (byToken(exchange) ? undefined : sessions.begin(exchange)),
    isBadlyFramed: framingTest(policy.firewall),
    ...(devices !== undefined && { endsAtRefusal: isRefresh }),
    ...(policy.environment === 'development' && { isSpared: isModuleAskedHere }),
  });
  services.metricSources.push(rate.figures);
  const tellOf =
    (guard: string) =>
    (exchange: Exchange, { kind, details }: SecurityEvent): void =>
      audit.writeGated(kind, { guard, ...details }, exchange);
  return [
    // Who is asking: first, since every refusal below is logged with it.
    addressGuard(policy.proxy),
    // As soon as there is somebody to count for: what the guards below refuse must not be free.
    rate.general,
    // Whether the request can be told from the next one, before anything in it is believed.
    framingGuard(policy.firewall),
    // One reading of the target, from which routes are matched.
    urlGuard(policy.firewall),
    routeGuard(policy.routes, router),
    hostGuard(policy.firewall, policy.origin, policy.environment, policy.origins),
    methodGuard(policy.firewall),
    // After host, so that a redirect can only lead home.
    httpsGuard(policy.https, policy.origin, ownOrigins),
    // As soon as the host is known: at the one of files nothing else answers, a preflight neither.
    filesOriginGuard(policy.files, policy.origin),
    // Before whatever asks who is there or where a request comes from: these are for everyone.
    wellKnownGuard(policy.wellKnown, {
      origins: [policy.origin, ...policy.origins.also].flatMap((one) =>
        one === undefined ? [] : [one.origin],
      ),
      relatedOrigins: policy.mfa.relatedOrigins,
      tell: tellOf('well-known'),
    }),
    // Before limits of routes and whatever asks who is there: a preflight says nothing of that, and is answered here.
    corsGuard(policy.cors, {
      own: ownOrigins,
      routes: policy.routes.routes.flatMap(({ rules }) => rules.cors ?? []),
      rulesFor: (exchange, method) => rulesFor(policy.routes, router, exchange, method),
      tell: tellOf('cors'),
    }),
    // After cors, which says who reads by script; before limits of routes, which another site must not use up.
    isolationGuard(policy.isolation, {
      resourcePolicy: policy.headers.crossOriginResourcePolicy,
      readersAreNamed: policy.cors.mode === 'enforce',
    }),
    // Before anything that costs: a store, a body, a hash.
    rate.routes,
    // Before whoever asks who is there: browsers report with cookies or without, and it is nobody's wish.
    reportsGuard(policy.reports, { book: reports, own: ownOrigins, counters: policy.state.counters }),
    // Before session, which looks at no cookie where a token counts.
    ...tokenGuards(policy, services),
    // Before session, too: who signed a delivery has no cookie, and a cookie that came along is nobody's word.
    webhookGuard(policy.routes.routes.some(({ rules }) => rules.webhook !== undefined)),
    // Over the response this one looks first: a session that ended meanwhile replaces the answer.
    sessionGuard(sessions, [...BROWSER_COOKIES, PROOF_COOKIE], devices),
    // After session, so that it knows whether there is anything to forge with.
    csrfGuard(policy.csrf, ownOrigins, policy.keys, policy.state.counters),
    // After csrf, so that no other site has a device registered; before access, which goes by what is proved here.
    deviceGuard(devices),
    // After csrf, so that a forged request learns nothing about rights.
    accessGuard(
      policy.access,
      {
        restricts: policy.routes.restricts,
        names: (segment, method, path) => policy.routes.names(segment, method, path),
        tokenChallenge: tokenChallenge(policy.apiTokens.dpop),
        found: policy.frameworks,
        requireOf: (raw) => {
          const path = readPath(raw);
          return typeof path === 'string' ? policy.routes.find('GET', path, raw).require : null;
        },
      },
      stepUpOf(policy, services),
    ),
    // A refusal of `permissions` that a handler threw: before its 500 is taken for a failure.
    permissionsGuard(),
    // The declared length of a body is judged only for a client that may send one.
    bodyGuard(policy.body),
    // Last over the request: whoever may not ask has nothing parsed.
    validationGuard(policy.validation),
    uploadsGuard(policy.uploads),

    // Over the response only. A body that leaks goes before headers are chosen for it.
    errorsGuard(policy.errors, tellOf('errors')),
    // After all that sets a cookie, and before they are looked over.
    cookielessGuard(policy.files, policy.origin),
    cookiesGuard(
      policy.cookies,
      [SESSION_COOKIE, PROOF_COOKIE],
      (exchange, dropped) => {
        // In `observe` the cookie stays, and is told like everything that a guard would do.
        if (policy.cookies.mode === 'observe') return;
        audit.writeGated(
          COOKIES_EVENTS.dropped,
          { guard: 'cookies', reason: 'a Set-Cookie line was dropped', dropped },
          exchange,
        );
      },
      tellOf('cookies'),
    ),
    cacheGuard(),
    cspGuard(policy.csp, {
      routes: policy.routes.routes.flatMap(({ rules }) => rules.csp ?? []),
      tell: tellOf('csp'),
      origins: [policy.origin, ...policy.origins.also].flatMap((one) => one?.origin ?? []),
      environment: policy.building === true ? 'development' : policy.environment,
      collector:
        reports === undefined || policy.reports.path === undefined
          ? undefined
          : {
              path: policy.reports.path,
              sends: (version) => reports.sends(version),
              notePage: (...page) => reports.notePage(...page),
            },
    }),
    // After `address`, which takes away headers that a client sends under names of Bulwark.
    nonceGuard(policy.csp),
    headersGuard(policy.headers, {
      routes: policy.routes.routes.flatMap(({ rules }) => rules.headers ?? []),
      tell: tellOf('headers'),
      // What only observes leaves heads of others as they are.
      endpoint:
        reports === undefined || policy.reports.mode !== 'enforce' || policy.csp.mode === 'off'
          ? undefined
          : ENDPOINT,
    }),
  ];
}

/** What frameworks look for in headers of a request. */
export interface HandedOn {
  /** The nonce, in a policy on the request: Next.js. */
  readonly nonce: boolean;
  /**
   * The scheme, in `X-Forwarded-Proto`: SvelteKit, which takes any other request for https, and refuses the forms of its own pages
   * over http.
   */
  readonly scheme: boolean;
}

/** What the frameworks behind a policy look for. Undefined: nothing. */
export function handedOn({ csp, frameworks, access }: Policy): HandedOn | undefined {
  const has = (name: FrameworkName): boolean => frameworks.includes(name) || access.frameworks.includes(name);
  const nonce = csp.mode !== 'off' && has('next');
  const scheme = has('sveltekit');
  return nonce || scheme ? { nonce, scheme } : undefined;
}

/** Whether a request will be judged by its token, and not by its session. */
function tokenTest({ apiTokens: { scopes, prefix } }: Policy): (exchange: Exchange) => boolean {
  return scopes.length === 0 ? () => false : ({ request }) => claimsToken(request, prefix);
}

/** Where no scope is declared there are no tokens, and the header is the application's own. */
function tokenGuards(policy: Policy, { audit, ownOrigins: own }: Services): readonly Guard[] {
  const { apiTokens: settings, keys, state } = policy;
  const { scopes, prefix } = settings;
  // It keeps its place all the same: a guard of the application may stand beside it.
  if (scopes.length === 0) return [{ name: 'token', mode: 'off' }];
  const accounts = accountsOf(policy);
  const write: TokenAudit = (...event) => audit.writeGated(...event);
  const { apiTokens: tokens } = accounts;
  const dpop = new Dpop({ settings, keys, counters: state.counters, own, tokens, audit: write });
  return [tokenGuard(prefix, accounts, write, dpop, policy.accounts?.deleteAfter !== undefined)];
}

/** The way to a fresher or stronger sign-in, where the policy names its page. */
function stepUpOf({ access, csrf }: Policy, { sessions, heldRequests }: Services): StepUp | undefined {
  if (access.stepUp === undefined) return undefined;
  // Where `csrf` lets forged requests pass, their forms are not kept.
  if (csrf.mode !== 'enforce') return stepUp(access.stepUp, undefined);
  return stepUp(access.stepUp, {
    requests: heldRequests,
    sessionOf: (exchange) => new SessionHandle(sessions, exchange),
  });
}

/** The rules of the target for another method, or of a request that was refused before its route was known. */
function rulesFor(
  routes: RouteTable,
  { emptyParameters }: RouterFacts,
  { request }: Exchange,
  method: string,
): RouteRules | undefined {
  const raw = request.target.split('?', 1)[0] ?? '';
  const path = readPath(raw);
  return typeof path === 'string' ? routes.find(method, path, raw, emptyParameters) : undefined;
}

/** Finds the rules of the route. Refuses nothing. */
function routeGuard(routes: RouteTable, { emptyParameters }: RouterFacts): Guard {
  return {
    name: 'route',
    mode: 'enforce',
    onRequest(exchange) {
      const { request, path, pathHasOneReading, rawPath } = exchange;
      exchange.rules = routes.find(request.method, path, pathHasOneReading ? rawPath : path, emptyParameters);
      return undefined;
    },
  };
}
