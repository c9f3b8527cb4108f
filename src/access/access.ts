/** Who may call a route: the rule of the policy against who is signed in. */
import { type Exchange, header, type Principal, principalOf } from '../core/exchange.ts';
import type { Guard } from '../core/guard.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { AccessRule } from '../core/route-rules.ts';
import { type Refusal, sessionsUnavailable, type Verdict } from '../core/verdict.ts';
import type { AccessSettings } from './access.options.ts';

/** What someone lacks who is signed in: a second factor, or a sign-in that is fresh. */
export type StepUpNeed = 'mfa' | 'fresh';

/** What is answered in place of the 403 to someone who may come, after one more proof. The step-up room has one. */
export type StepUp = (
  exchange: Exchange,
  principal: Principal,
  need: StepUpNeed,
  refusal: Refusal,
) => MaybePromise<Refusal>;

/**
 * The guard. Runs after `csrf`, so that a forged request learns nothing about rights.
 *
 * @param restricts - whether any route asks for more than anyone: then a path with two readings is refused here, even
 * where the firewall only observes, since in the other reading it may be that route
 * @param stepUp - none: the 403 it is
 */
export function accessGuard(settings: AccessSettings, restricts: boolean, stepUp?: StepUp): Guard {
  const otherwise = settings.otherwise === 'signed-in' ? SIGNED_IN : settings.otherwise;
  const closes = restricts || otherwise !== 'anyone';
  return {
    name: 'access',
    mode: settings.mode,
    onRequest(exchange) {
      if (closes && !exchange.pathHasOneReading) return AMBIGUOUS_PATH;
      const rule = exchange.rules.require ?? otherwise;
      if (rule === 'anyone') return undefined;
      if (rule === 'nobody') return NO_RULE;
      // Whatever the answer, it depends on who asks: it must not be cached.
      exchange.sessionRead = true;
      if (exchange.sessionFailure !== undefined) return sessionsUnavailable(exchange.sessionFailure);
      const principal = principalOf(exchange);
      if (principal === undefined) return notSignedIn(exchange, settings);
      const refusal = judge(rule, principal, exchange.now);
      // Observing, nobody is led away and nothing is kept of what they send.
      if (stepUp === undefined || settings.mode !== 'enforce') return refusal;
      if (refusal?.type !== 'stronger-sign-in-required') return refusal;
      const need = rule.mfa === true && principal.mfaAt === undefined ? 'mfa' : 'fresh';
      return stepUp(exchange, principal, need, refusal);
    },
  };
}

const SIGNED_IN: AccessRule = {};

/** As where there is nothing: whether a closed route exists is nobody's business. */
const NO_RULE: Refusal = {
  status: 404,
  type: 'not-found',
  detail: 'There is nothing at this address. It may have moved, or the link may have a mistake in it.',
  event: 'authz_fail',
  evidence: { reason: 'no rule of the policy opens this route, and access.otherwise is nobody' },
};

const AMBIGUOUS_PATH: Refusal = {
  status: 400,
  type: 'bad-request',
  detail: 'This address can be read in more than one way.',
  event: 'input_validation_fail',
  evidence: { reason: 'no route rule can be matched to this path for sure' },
};

function judge(rule: AccessRule, principal: Principal, now: number): Verdict {
  if (rule.role !== undefined && !principal.roles.includes(rule.role)) {
    return {
      status: 403,
      type: 'not-allowed',
      detail: 'Your account may not do this.',
      event: 'authz_fail',
      evidence: { needs: { role: rule.role } },
    };
  }
  if (rule.mfa === true && principal.mfaAt === undefined) return stronger('a second factor', { mfa: true });
  const provedAt = Math.max(principal.signedInAt, principal.mfaAt ?? 0);
  if (rule.freshMs !== undefined && now - provedAt > rule.freshMs) {
    return stronger('a fresh sign-in', { freshMs: rule.freshMs });
  }
  return undefined;
}

function stronger(what: string, needs: Readonly<Record<string, unknown>>): Refusal {
  return {
    status: 403,
    type: 'stronger-sign-in-required',
    detail: `This needs ${what}. Sign in again and repeat what you did.`,
    event: 'authz_fail',
    evidence: { needs },
  };
}

function notSignedIn(exchange: Exchange, settings: AccessSettings): Refusal {
  if (settings.signIn !== undefined && isNavigation(exchange)) {
    return {
      status: 303,
      type: 'redirect',
      detail: 'Sign in first.',
      headers: [['Location', `${settings.signIn}?next=${encodeURIComponent(exchange.target)}`]],
    };
  }
  return {
    status: 401,
    type: 'sign-in-required',
    detail: 'Sign in first.',
    event: 'authz_fail',
    evidence: { needs: 'signed-in' },
    // Where a program may come with a token, its 401 says so (RFC 6750 3).
    ...(takesTokens(exchange) && { headers: BEARER }),
  };
}

const BEARER = [['WWW-Authenticate', 'Bearer']] as const;

function takesTokens({ rules: { require } }: Exchange): boolean {
  return typeof require === 'object' && require.scope !== undefined;
}

/** Whether a person asked for a page: only they are helped by a redirect. */
function isNavigation(exchange: Exchange): boolean {
  const { request } = exchange;
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  return header(request, 'accept')?.includes('text/html') ?? false;
}
