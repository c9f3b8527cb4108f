/** Pages of Bulwark's own as a plugin of Fastify 5. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { BulwarkError } from '../../core/errors.ts';
import { viewOf } from '../../layer/view.ts';
import { failRequest } from '../run-handler.ts';
import type { MountedPages } from './mounted-pages.ts';
import { type HandedBody, piecesOf } from './read-fields.ts';

/** What is used of FastifyRequest. */
export interface FastifyRequest {
  readonly raw: IncomingMessage;
  /** What the parser of these routes hands on: the body, unread. */
  readonly body: unknown;
}

/** What is used of FastifyReply. */
export interface FastifyReply {
  readonly raw: ServerResponse;
  code(status: number): unknown;
  header(name: string, value: string): unknown;
  send(body: unknown): unknown;
  hijack(): unknown;
  callNotFound(): unknown;
}

/** What is used of FastifyInstance. */
export interface FastifyInstance {
  readonly prefix: string;
  /** The inner instance is one of these too; as Fastify writes it, it may be of HTTP/2 as well. */
  register(plugin: (instance: unknown, options: unknown, done: () => void) => void): unknown;
  removeAllContentTypeParsers(): unknown;
  addContentTypeParser(
    contentType: string,
    options: Readonly<Record<string, never>>,
    parser: (request: unknown, payload: unknown, done: (error: Error | null, body: unknown) => void) => void,
  ): unknown;
  route(route: {
    readonly method: string[];
    readonly url: string;
    readonly exposeHeadRoute: boolean;
    handler(request: FastifyRequest, reply: FastifyReply): Promise<unknown>;
  }): unknown;
}

/** What Fastify's `app.register` takes. */
export type PagesPlugin = (
  instance: FastifyInstance,
  options: unknown,
  done: (error?: Error) => void,
) => void;

const FIX = 'write Fastify({ serverFactory: layer.serverFactory })';

/** @param what - which pages these are, for the error of one who registers them under a prefix */
export function fastifyPages(pages: MountedPages, what: string): PagesPlugin {
  const handler = async ({ raw: request, body }: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const view = viewOf(request, FIX);
    // A router that is told to be lenient leads other spellings here, which rules do not speak of.
    if (!pages.has(request)) return reply.callNotFound();
    const { raw: response } = reply;
    try {
      const answer = await pages.answer({ view, request, response, handed: () => handedOn(body, request) });
      if (answer === undefined) return reply.callNotFound();
      reply.code(answer.status);
      for (const [name, value] of answer.headers) reply.header(name, value);
      return reply.send(answer.body ?? undefined);
    } catch (error) {
      // What Fastify says of an error has its message, and these routes keep the bodies of their errors.
      reply.hijack();
      failRequest(request, response, error);
      return undefined;
    }
  };
  return (instance, _options, done) => {
    if (instance.prefix !== '') {
      done(
        new BulwarkError(
          'ERR_BULWARK_INVALID_OPTION',
          `prefix: the ${what} lead to each other, and rules to them, without one: leave it out`,
        ),
      );
      return;
    }
    // A context of its own, whatever the application makes of this plugin: parsers are taken out of it.
    instance.register((inner, _none, ready) => {
      const own = inner as FastifyInstance;
      own.removeAllContentTypeParsers();
      own.addContentTypeParser('*', {}, (_request, payload, parsed) => parsed(null, payload));
      for (const route of pages.routes) {
        const [method = '', url = ''] = route.split(' ');
        const methods = method === 'GET' ? ['GET', 'HEAD'] : [method];
        own.route({ method: methods, url, exposeHeadRoute: false, handler });
      }
      ready();
    });
    done();
  };
}

/** A hook of the application may have put a stream of its own in the place of the body. */
function handedOn(body: unknown, request: IncomingMessage): HandedBody | undefined {
  // Where nothing was sent, no parser runs.
  if (body === undefined || body === null || body === request) return undefined;
  return { pieces: piecesOf(body as Readable) };
}
