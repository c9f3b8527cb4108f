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

/** A handshake that one server takes for a WebSocket, and another for a page (RFC 6455 4.1). */
export const NO_HANDSHAKE: Refusal = { ...NO_SUCH_PROTOCOL, detail: 'This is no handshake of a WebSocket.' };

/** Of a draft, or of a version that is yet to come: nobody here has it (RFC 6455 4.2.2). */
export const OTHER_VERSION: Refusal = {
  ...NO_SUCH_PROTOCOL,
  status: 426,
  detail: 'WebSocket is spoken here in version 13.',
  headers: [
    ['Sec-WebSocket-Version', '13'],
    ['Upgrade', 'websocket'],
  ],
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
