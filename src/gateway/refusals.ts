/** What a visitor is told where the upstream gives no answer. */
import { eventOf } from '../core/events.ts';
import { PROBLEMS } from '../core/problem-types.ts';
import type { Refusal } from '../core/verdict.ts';
import { GATEWAY_EVENTS, GATEWAY_PROBLEMS } from './gateway.events.ts';
import type { UpstreamFault } from './upstream/fault.ts';

/** Bodies under way take all the room that they may: this one was not taken. */
export const NO_ROOM: Refusal = {
  ...GATEWAY_PROBLEMS.noRoom,
  detail: 'There is no room for this upload at the moment. Try again in a minute.',
  event: eventOf(GATEWAY_EVENTS.spoolFull, { reason: 'no room for a request body' }),
  headers: [['Retry-After', '60']],
  close: true,
};

/** A head that upstreams are known to fail on, each in its own way. */
export const HEAD_TOO_LARGE: Refusal = {
  ...PROBLEMS.headersTooLarge,
  detail: 'The address, or a header, of this request is longer than the application takes.',
};

/** A protocol that the gateway does not carry: what goes by under it would be judged by nobody. */
export const NO_SUCH_PROTOCOL: Refusal = {
  ...PROBLEMS.badRequest,
  detail: 'WebSocket is the only protocol that a connection can change to here.',
  event: eventOf(GATEWAY_EVENTS.foreignProtocol, { reason: 'an upgrade to another protocol' }),
  close: true,
};

/** The answer to a request that the upstream did not answer, or not in a way that can be passed on. */
export function faultRefusal({ kind, message }: UpstreamFault): Refusal {
  const event = eventOf(GATEWAY_EVENTS.upstreamFailed, { upstream: kind, reason: message });
  switch (kind) {
    case 'late':
      return { ...GATEWAY_PROBLEMS.lateAnswer, detail: 'The application took too long to answer.', event };
    case 'connect':
    case 'busy':
      return {
        ...PROBLEMS.unavailable,
        detail: 'The application cannot be reached at the moment. Try again in a few seconds.',
        event,
        headers: [['Retry-After', '5']],
      };
    case 'malformed':
    case 'cut':
    case 'left':
      return { ...GATEWAY_PROBLEMS.badAnswer, detail: 'The application did not answer as it should.', event };
  }
}
