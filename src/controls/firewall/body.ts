/** The size of a body, as declared. What really comes in is counted by the host, against the same limit. */
import { declaredLength } from '../../core/body.ts';
import { type Exchange, joined, type RequestFacts } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import { showSize } from '../../core/readers.ts';
import type { Refusal, Verdict } from '../../core/verdict.ts';
import type { BodySettings } from './body.options.ts';
import { eventOf } from '../../core/events.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import { FIREWALL_EVENTS } from './firewall.events.ts';

/** The guard. After `access`: who may not ask gets no say in what is read. */
export function bodyGuard(settings: BodySettings): Guard {
  const codings = settings.compressed ? CODINGS : IDENTITY;
  return {
    name: 'body',
    mode: settings.mode,
    onRequest(exchange) {
      const limit = bodyLimitOf(exchange, settings);
      // Before a byte is read: who declares 40 MB is not drained of them first.
      if ((declaredLength(exchange.request.headers) ?? 0) > limit) return bodyTooLarge(limit);
      return readCoding(exchange.request, codings);
    },
  };
}

/** How many bytes of body an exchange may bring: the route's own limit, else the general one. */
export function bodyLimitOf(exchange: Exchange, settings: BodySettings): number {
  return exchange.rules.bodyLimit ?? settings.limit;
}

/** 413. Closes the connection: the rest of the body is still on its way, and is not waited for. */
export function bodyTooLarge(limit: number): Refusal {
  return {
    ...PROBLEMS.bodyTooLarge,
    detail: `This request is larger than the ${showSize(limit)} that are taken here.`,
    event: eventOf(FIREWALL_EVENTS.bodyRefused, { reason: 'body over the limit', limit }),
    close: true,
  };
}

/** One coding at most: in `gzip, gzip` each layer multiplies what the other unfolds to. */
const CODINGS: ReadonlySet<string> = new Set(['identity', 'gzip', 'deflate', 'br']);
const IDENTITY: ReadonlySet<string> = new Set(['identity']);

function readCoding(request: RequestFacts, codings: ReadonlySet<string>): Verdict {
  const coding = joined(request.headers['content-encoding']);
  if (coding === undefined || codings.has(coding.toLowerCase())) return undefined;
  return {
    ...PROBLEMS.bodyNotSupported,
    detail: 'Compressed bodies of this kind are not taken here. Send it as it is.',
    event: eventOf(FIREWALL_EVENTS.bodyRefused, { reason: 'content coding' }),
    // RFC 7694 3: what would have been taken.
    headers: [['Accept-Encoding', [...codings].join(', ')]],
    close: true,
  };
}
