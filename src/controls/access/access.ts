/** Who may call a route: the rule of the policy against who is signed in. */
import {
  type Exchange,
  header,
  NOT_PROVED,
  type Principal,
  principalOf,
  UNKNOWN_WHO,
} from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { AccessRule, RouteRules } from '../../core/route-rules.ts';
import { isLent } from '../../core/stay-proof.ts';
import { type Refusal, sessionsUnavailable, type Verdict } from '../../core/verdict.ts';
import type { AccessSettings } from './access.options.ts';
import { addRules } from './add-rules.ts';
import { fetchedTarget } from './fetched-target.ts';
import { FRAMEWORKS, type FrameworkName } from './frameworks.ts';
import { isFetch, ledByScript, signInFor, type SignInPage } from './led-to-sign-in.ts';
import { type ServerFunctionCall, serverFunctionCall } from './server-functions.ts';
import { eventOf } from '../../core/events.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import { ACCESS_EVENTS, ACCESS_PROBLEMS } from './access.events.ts';

/** What someone lacks who is signed in: a second factor, or a sign-in that is fresh. */
export type StepUpNeed = 'mfa' | 'fresh';

/** Makes the answer in place of a 403, where one more proof would open the route. The step-up room has one. */
export type StepUp = (
  exchange: Exchange,
  principal: Principal,
  need: StepUpNeed,
  refusal: Refusal,
) => MaybePromise<Refusal>;

/** What the guard is told of the rest of the policy. */
export interface AccessSurroundings {
  /**
   * Whether any route asks for more than anyone: then a path with two readings is refused here, even where the firewall
   * only observes, since in the other reading it may be that route.
   */
  readonly restricts: boolean;
  /** Whether a route that says who may call names this segment of a path. */
  readonly names?: (segment: string, method: string, path: string) => boolean;
  /** Frameworks that are there, beside those of the settings. */
  readonly found?: readonly FrameworkName[];
  /** What the routes say of a GET of a path, as it is written. Null: it has more than one reading. */
  readonly requireOf?: (raw: string) => RouteRules['require'] | null;
  /** How tokens are asked for, where a program may come with one (RFC 6750 3, RFC 9449 7.1). */
  readonly tokenChallenge?: string;
}

/**
 * The guard. Runs after `csrf`, so that a forged request learns nothing about rights.
 *
 * @param stepUp - none: the 403 it is
 */
export function accessGuard(
  settings: AccessSettings,
  {
    restricts,
    names = never,
    found = [],
    requireOf = saysNothing,
    tokenChallenge = 'Bearer',
  }: AccessSurroundings,
  stepUp?: StepUp,
): Guard {
  const otherwise = settings.otherwise === 'signed-in' ? SIGNED_IN : settings.otherwise;
  const frameworks = new Set([...settings.frameworks, ...found]);
  const tokenHeaders = [['WWW-Authenticate', tokenChallenge]] as const;
  const closes = restricts || otherwise !== 'anyone';
  return {
    name: 'access',
    mode: settings.mode,
    onRequest(exchange) {
      if (closes && !exchange.pathHasOneReading) return AMBIGUOUS_PATH;
      const call = closes ? serverFunctionCall(exchange, frameworks) : undefined;
      let rule = exchange.rules.require ?? otherwise;
      if (call !== undefined && !isNamed(call, exchange, names)) {
        const { serverFunctions } = settings;
        if (serverFunctions === undefined) return refusedCall(call);
        // A function with an address of its own has no page, and `otherwise` is for routes without a rule.
        rule = both(
          call.segment === undefined ? rule : (exchange.rules.require ?? 'anyone'),
          serverFunctions,
        );
      }
      const fetched = closes ? fetchedTarget(exchange) : undefined;
      if (fetched === null) return NO_RULE;
      if (fetched !== undefined) {
        const said = requireOf(fetched);
        const inside = said === undefined ? otherwise : said;
        if (inside === null || inside === 'nobody') return NO_RULE;
        rule = both(rule, inside);
      }
      if (rule === 'anyone') return undefined;
      if (rule === 'nobody') return NO_RULE;
      // The answer depends on the principal, so that it must not be cached. In `observe` it does not depend on it.
      if (settings.mode === 'enforce') exchange.sessionRead = true;
      const failure = exchange.get(UNKNOWN_WHO);
      if (failure !== undefined) return sessionsUnavailable(failure);
      const principal = principalOf(exchange);
      if (principal === undefined)
        return (
          exchange.get(NOT_PROVED) ??
          notSignedIn(exchange, { path: settings.signIn, frameworks }, tokenHeaders)
        );
      const refusal = judge(rule, principal, exchange.now) ?? judgeDevice(rule, exchange, principal);
      // Observing, nobody is led away and nothing is kept of what they send.
      if (stepUp === undefined || settings.mode !== 'enforce') return refusal;
      if (refusal?.type !== 'stronger-sign-in-required') return refusal;
      const need = rule.mfa === true && principal.mfaAt === undefined ? 'mfa' : 'fresh';
      return stepUp(exchange, principal, need, refusal);
    },
  };
}

const SIGNED_IN: AccessRule = {};

function never(): boolean {
  return false;
}

function saysNothing(): undefined {
  return undefined;
}

function isNamed(
  { segment }: ServerFunctionCall,
  { request, path }: Exchange,
  names: NonNullable<AccessSurroundings['names']>,
): boolean {
  return segment !== undefined && names(segment, request.method, path);
}

function both(
  page: 'anyone' | 'nobody' | AccessRule,
  call: NonNullable<RouteRules['require']>,
): 'anyone' | 'nobody' | AccessRule {
  if (page === 'nobody' || call === 'anyone') return page;
  return page === 'anyone' ? call : addRules(page, call);
}

/** Which page a function belongs to is not in its address: no rule of a page holds for it. */
function refusedCall({ framework, segment }: ServerFunctionCall): Refusal {
  const { title } = FRAMEWORKS[framework];
  const fix =
    segment === undefined
      ? "access: { serverFunctions: 'signed-in' }"
      : `a route for /${segment}, or access: { serverFunctions: 'signed-in' }`;
  return {
    ...NO_RULE,
    event: eventOf(ACCESS_EVENTS.closed, {
      reason: `a function of the server, as ${title} calls them: the policy does not say who may`,
      fix,
    }),
  };
}

/** As where there is nothing: whether a closed route exists is nobody's business. */
const NO_RULE: Refusal = {
  ...PROBLEMS.notFound,
  detail: 'There is nothing at this address. It may have moved, or the link may have a mistake in it.',
  event: eventOf(ACCESS_EVENTS.closed, {
    reason: 'no rule of the policy opens this route, and access.otherwise is nobody',
  }),
};

const AMBIGUOUS_PATH: Refusal = {
  ...PROBLEMS.badRequest,
  detail: 'This address can be read in more than one way.',
  event: eventOf(ACCESS_EVENTS.ambiguous, { reason: 'no route rule can be matched to this path for sure' }),
};

function judge(rule: AccessRule, principal: Principal, now: number): Verdict {
  const role = rule.roles?.find((one) => !principal.roles.includes(one));
  if (role !== undefined) {
    return {
      ...PROBLEMS.notAllowed,
      detail: 'Your account may not do this.',
      event: eventOf(ACCESS_EVENTS.refused, { needs: { role } }),
    };
  }
  if (rule.mfa === true && principal.mfaAt === undefined) return stronger('a second factor', { mfa: true });
  const provedAt = Math.max(principal.signedInAt, principal.mfaAt ?? 0);
  if (rule.freshMs !== undefined && now - provedAt > rule.freshMs) {
    return stronger('a fresh sign-in', { freshMs: rule.freshMs });
  }
  return undefined;
}

/** Who signed in a moment ago is bound while the page that follows is loaded: it waits, by itself. */
const BINDING_MS = 10_000;

function judgeDevice(rule: AccessRule, exchange: Exchange, principal: Principal): Verdict {
  const { session, now } = exchange;
  // A token is of no device, whatever cookie came along.
  if (rule.deviceBound !== true || (principal.via === 'session' && session?.deviceBound === true))
    return undefined;
  // A binding that its owner did not begin themselves: signing in again does.
  if (principal.via === 'session' && isLent(principal))
    return stronger('a sign-in on this device', { deviceBound: true });
  const waits =
    principal.via === 'session' && now - principal.signedInAt < BINDING_MS && isNavigation(exchange);
  return {
    ...ACCESS_PROBLEMS.deviceNeeded,
    detail: waits
      ? 'Your session is being bound to your device. The page loads again by itself.'
      : 'Sign in again with a browser that binds sessions to its device.',
    event: eventOf(ACCESS_EVENTS.refused, { needs: 'deviceBound' }),
    ...(waits && { headers: [['Refresh', '1']] as const }),
  };
}

function stronger(what: string, needs: Readonly<Record<string, unknown>>): Refusal {
  return {
    ...ACCESS_PROBLEMS.strongerSignInRequired,
    detail: `This needs ${what}. Sign in again and repeat what you did.`,
    event: eventOf(ACCESS_EVENTS.refused, { needs }),
  };
}

function notSignedIn(
  exchange: Exchange,
  { path, frameworks }: Omit<SignInPage, 'path'> & { readonly path: string | undefined },
  tokenHeaders: NonNullable<Refusal['headers']>,
): Refusal {
  if (path !== undefined && isNavigation(exchange)) {
    return {
      ...PROBLEMS.redirect,
      detail: 'Sign in first.',
      headers: [['Location', signInFor(path, exchange.target)]],
    };
  }
  const led = path === undefined ? undefined : ledByScript(exchange, { path, frameworks });
  const refusal: Refusal = led ?? {
    ...PROBLEMS.signInRequired,
    detail: 'Sign in first.',
    event: eventOf(ACCESS_EVENTS.refused, { needs: 'signed-in' }),
  };
  // Where a program may come with a token, its 401 says so.
  return takesTokens(exchange) && refusal.status === 401
    ? { ...refusal, headers: [...(refusal.headers ?? []), ...tokenHeaders] }
    : refusal;
}

function takesTokens({ rules: { require } }: Exchange): boolean {
  return typeof require === 'object' && require.scopes !== undefined;
}

/** Whether a person asked for a page: only they are helped by a redirect. */
function isNavigation(exchange: Exchange): boolean {
  const { request } = exchange;
  if ((request.method !== 'GET' && request.method !== 'HEAD') || isFetch(exchange)) return false;
  return header(request, 'accept')?.includes('text/html') ?? false;
}
