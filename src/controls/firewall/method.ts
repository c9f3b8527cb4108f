/** Which methods are answered at all. */
import type { RequestFacts } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import { cutForLog } from '../../core/log-text.ts';
import type { Refusal } from '../../core/verdict.ts';
import type { FirewallSettings } from './firewall.options.ts';
import { badRequest, flaw } from './refusals.ts';
import { eventOf } from '../../core/events.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import { FIREWALL_EVENTS } from './firewall.events.ts';

const OVERRIDE = flaw('header that changes the method');
const OVERRIDDEN = eventOf(FIREWALL_EVENTS.methodOverridden, { reason: OVERRIDE.flaw });

/** The guard. Methods have a case (RFC 9110 9.1): `get` is none that anybody serves. */
export function methodGuard(settings: FirewallSettings): Guard {
  const allowed = new Set(settings.methods);
  const allow = settings.methods.join(', ');
  return {
    name: 'method',
    mode: settings.mode,
    onRequest({ request }) {
      if (!allowed.has(request.method)) return notAllowed(request, allow);
      return overrides(request) ? badRequest(OVERRIDE, { event: OVERRIDDEN }) : undefined;
    },
  };
}

/**
 * Headers by which some frameworks turn a POST into a DELETE, or a GET into a POST, after every rule about methods
 * has been asked.
 */
function overrides({ headers }: RequestFacts): boolean {
  return (
    headers['x-http-method-override'] !== undefined ||
    headers['x-http-method'] !== undefined ||
    headers['x-method-override'] !== undefined
  );
}

function notAllowed(request: RequestFacts, allow: string): Refusal {
  return {
    ...PROBLEMS.methodNotAllowed,
    detail: 'This method is not answered here.',
    event: eventOf(FIREWALL_EVENTS.methodRefused, { method: cutForLog(request.method) }),
    // RFC 9110 15.5.6: a 405 without Allow is malformed.
    headers: [['Allow', allow]],
  };
}
