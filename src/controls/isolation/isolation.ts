/** GET of other sites: what a page of theirs loads here without being allowed to is not answered, and nothing is fetched ahead that counts. */
import { CROSS_ORIGIN, type Exchange, header } from '../../core/exchange.ts';
import { eventOf } from '../../core/events.ts';
import type { Guard } from '../../core/guard.ts';
import { cutForLog } from '../../core/log-text.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import type { Refusal, Verdict } from '../../core/verdict.ts';
import { ISOLATION_EVENTS } from './isolation.events.ts';
import type { IsolationSettings } from './isolation.options.ts';

/** What of the rest of the policy says who may load what. */
export interface IsolationSurroundings {
  /** The policy's `crossOriginResourcePolicy`, where it is enforced. */
  readonly resourcePolicy: 'same-origin' | 'same-site' | 'cross-origin';
  /** Whether `cors` says who reads by script. Else the application does. */
  readonly readersAreNamed: boolean;
}

/**
 * The guard. Before limits of routes, which another site must not use up for its visitor, and before sessions: what it refuses
 * is refused whoever asks, so that nothing can be told from it. Methods that change something are for `csrf`.
 */
export function isolationGuard({ mode }: IsolationSettings, surroundings: IsolationSurroundings): Guard {
  return {
    name: 'isolation',
    mode,
    onRequest(exchange) {
      const { headers, method } = exchange.request;
      const purpose = headers['sec-purpose'];
      if (purpose !== undefined && exchange.rules.prefetch === false && method === 'GET')
        return notAhead(String(purpose));
      // Nearly all end here: browsers say it of our own pages, and programs say nothing.
      if (headers['sec-fetch-site'] !== 'cross-site') return undefined;
      return judge(exchange, surroundings);
    },
  };
}

function judge(exchange: Exchange, { resourcePolicy, readersAreNamed }: IsolationSurroundings): Verdict {
  const { request, rules, path } = exchange;
  // Another method is no load, and a handshake is judged by its origin.
  if ((request.method !== 'GET' && request.method !== 'HEAD') || request.headers.upgrade !== undefined)
    return undefined;
  if (rules.isolate === false || rules.webhook !== undefined) return undefined;
  // What browsers and services look up at an address that is the same for everyone (RFC 8615).
  if (path.startsWith('/.well-known/')) return undefined;
  const mode = header(request, 'sec-fetch-mode');
  const dest = header(request, 'sec-fetch-dest');
  // A link, a redirect, a frame, which `frame-ancestors` judges; a plugin's frame is none that anybody needs.
  if (mode === 'navigate')
    return dest === 'object' || dest === 'embed' ? refusal(exchange, FIXES.embed) : undefined;
  if (mode === 'cors') {
    return !readersAreNamed || exchange.get(CROSS_ORIGIN) !== undefined
      ? undefined
      : refusal(exchange, FIXES.read);
  }
  const own = rules.headers?.crossOriginResourcePolicy ?? resourcePolicy;
  return own === 'cross-origin' ? undefined : refusal(exchange, FIXES.embed);
}

const FIXES = {
  embed: (path: string): string => `routes: { '${path}': { corp: 'cross-origin' } }`,
  read: (path: string): string => `routes: { '${path}': { cors: { origins: ['https://partner.example'] } } }`,
} as const;

function refusal({ request, path }: Exchange, fix: (path: string) => string): Refusal {
  return {
    ...PROBLEMS.notAllowed,
    detail: 'Pages of other sites may not load this.',
    event: eventOf(ISOLATION_EVENTS.refused, {
      site: cutForLog(header(request, 'sec-fetch-site')),
      mode: cutForLog(header(request, 'sec-fetch-mode')),
      dest: cutForLog(header(request, 'sec-fetch-dest')),
      fix: fix(cutForLog(path)),
    }),
    headers: VARIES,
  };
}

const VARIES = [['Vary', 'Sec-Fetch-Site, Sec-Fetch-Mode, Sec-Fetch-Dest']] as const;

/** Browsers drop what they fetched ahead and was no success, and ask again when it is opened. */
function notAhead(purpose: string): Refusal {
  return {
    ...PROBLEMS.unavailable,
    detail: 'This is not fetched ahead: it does something when it is opened.',
    event: eventOf(ISOLATION_EVENTS.ahead, { purpose: cutForLog(purpose) }),
    headers: [['Vary', 'Sec-Purpose']],
  };
}
