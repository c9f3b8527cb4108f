/** What handlers of each framework are given, as Node.js has it: for what is called by them, on every host. */
import { type IncomingMessage, ServerResponse } from 'node:http';
import { BulwarkError } from '../core/errors.ts';

/** What is used of Hono's Context. */
export interface HandedContext {
  readonly env: unknown;
  readonly req: { readonly raw: Request };
}

/** Node's own request and response, and how a framework is told that the answer is on its way. */
export interface Handed {
  readonly request: IncomingMessage;
  /** Absent where only a request was handed over. */
  readonly response: ServerResponse | undefined;
  /** Tells the framework that it is not to answer, and gives what its handler has to return. */
  readonly answered: () => object;
}

/**
 * Reads what a handler was given: a request and a response of node:http or Express, a request and a reply of Fastify, the context
 * of Hono.
 *
 * @throws BulwarkError ERR_BULWARK_NOT_PROTECTED where there is no request of Node.js behind it
 */
export function handed(first: object, second?: object): Handed {
  const given = first as Partial<HandedContext> & { readonly raw?: IncomingMessage };
  if (given.env !== undefined && given.req !== undefined) {
    const { incoming, outgoing } = given.env as { incoming?: IncomingMessage; outgoing?: ServerResponse };
    if (incoming === undefined)
      throw new BulwarkError(
        'ERR_BULWARK_NOT_PROTECTED',
        'this request met no server: serve it by @hono/node-server',
      );
    // What @hono/node-server takes for: the answer went out by Node's own response.
    const sent = (): Response => {
      const response = new Response(null, { headers: { 'x-hono-already-sent': 'true' } });
      // Its Response answers by itself until somebody looks into it: it would write a second head, and end the connection.
      void response.body;
      return response;
    };
    return { request: incoming, response: outgoing, answered: sent };
  }
  const request = given.raw ?? (first as IncomingMessage);
  if (second === undefined || second instanceof ServerResponse)
    return { request, response: second, answered: () => second ?? request };
  const reply = second as { readonly raw: ServerResponse; hijack?: () => unknown };
  return {
    request,
    response: reply.raw,
    answered: () => {
      reply.hijack?.();
      return reply;
    },
  };
}
