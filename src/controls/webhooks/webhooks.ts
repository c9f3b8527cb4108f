/** Deliveries of other services: believed for their signature, and for nothing else. */
import { eventOf } from '../../core/events.ts';
import { type Exchange, SIGNED } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import { showSize } from '../../core/readers.ts';
import type { WebhookRule } from '../../core/route-rules.ts';
import type { Refusal, Verdict } from '../../core/verdict.ts';
import { isSigned, readSignature } from './signatures.ts';
import { WEBHOOKS_EVENTS, WEBHOOKS_PROBLEMS } from './webhooks.events.ts';

/**
 * The guard. Before `session` and `csrf`: a delivery has no cookies that count, and comes from another site by nature.
 * Enforces always: a route that names a sender is for that sender.
 *
 * @param isUsed - whether any route names one: else it only keeps its place, beside which a guard of the application may stand
 */
export function webhookGuard(isUsed = true): Guard {
  if (!isUsed) return { name: 'webhook', mode: 'off' };
  return {
    name: 'webhook',
    mode: 'enforce',
    onRequest(exchange) {
      const { webhook } = exchange.rules;
      return webhook === undefined ? undefined : judge(exchange, webhook);
    },
  };
}

function judge(exchange: Exchange, rule: WebhookRule): Verdict | Promise<Verdict> {
  const { request, now } = exchange;
  const { scheme, toleranceMs, size, keys } = rule;
  const head = readSignature(scheme, request);
  if (head === undefined) return refusal(rule, 'there is no signature of this scheme');
  if (head.sentAt !== undefined && Math.abs(now - head.sentAt) > toleranceMs)
    return refusal(rule, 'it was signed too long ago, or the clocks are apart');
  const { length } = exchange.body.declared;
  if (length !== undefined && length > size) return tooLarge(size);
  return exchange.body.peek(size).then((body) => {
    if (body === undefined) return exchange.signal.aborted ? undefined : tooLarge(size);
    if (!isSigned(head, body, keys)) return refusal(rule, 'the signature is not that of the body');
    const { id, sentAt } = head;
    exchange.set(SIGNED, { scheme, id, sentAt });
    return undefined;
  });
}

function refusal({ scheme }: WebhookRule, reason: string): Refusal {
  return {
    ...WEBHOOKS_PROBLEMS.notSigned,
    detail:
      'This takes deliveries that their sender has signed. See what the log of this service says of it.',
    event: eventOf(WEBHOOKS_EVENTS.refused, { scheme, reason }),
    // The body may not have been read.
    close: true,
  };
}

function tooLarge(limit: number): Refusal {
  return {
    ...PROBLEMS.bodyTooLarge,
    detail: `This is larger than the ${showSize(limit)} that are taken here.`,
    event: eventOf(WEBHOOKS_EVENTS.refused, { scheme: '', reason: 'it is too large' }),
    close: true,
  };
}
