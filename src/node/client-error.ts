import type { Refusal } from '../core/verdict.ts';
import { eventOf } from '../core/events.ts';
import { PROBLEMS } from '../core/problem-types.ts';
import { NODE_EVENTS } from './node.events.ts';

/**
 * What to answer where Node's parser gave up, by the code of its error. Undefined: the client is gone, or never spoke
 * HTTP; there is nobody to answer.
 *
 * @param inBody - whether it was in the middle of a body: a client that ends there has called an upload off, which people do
 */
export function refusalOfParserError(code: string | undefined, inBody: boolean): Refusal | undefined {
  if (code === 'HPE_INVALID_EOF_STATE' && inBody) return undefined;
  switch (code) {
    case 'ECONNRESET':
    case 'EPIPE':
      return undefined;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {
        ...PROBLEMS.requestTimeout,
        detail: 'The request took too long to arrive.',
        event: eventOf(NODE_EVENTS.slowRequest, {}),
        close: true,
      };
    case 'HPE_HEADER_OVERFLOW':
      return {
        ...PROBLEMS.headersTooLarge,
        detail: 'The headers of the request are too large.',
        event: eventOf(NODE_EVENTS.headersPastLimit, { code }),
        close: true,
      };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return {
        ...PROBLEMS.bodyTooLarge,
        detail: 'The request body has too much in its chunk extensions.',
        event: eventOf(NODE_EVENTS.headersPastLimit, { code }),
        close: true,
      };
    case undefined:
    default:
      return {
        ...PROBLEMS.badRequest,
        detail: 'This is not a well-formed HTTP request.',
        event: eventOf(NODE_EVENTS.unparsed, { code }),
        close: true,
      };
  }
}
