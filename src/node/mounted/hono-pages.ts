/** Pages of Bulwark's own on Hono 4 with @hono/node-server. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { View, viewOf } from '../../layer/view.ts';
import { failRequest } from '../run-handler.ts';
import type { MountedPages, PageReply } from './mounted-pages.ts';
import type { HandedBody } from './read-fields.ts';

/** What is used of HonoRequest. */
export interface HonoRequest {
  readonly method: string;
  readonly path: string;
  readonly raw: Request;
  /** What was read before, by how it was read. */
  readonly bodyCache: object;
  text(): Promise<string>;
  formData(): Promise<FormData>;
}

/** What is used of Hono's Context: `env` holds Node's own request and response, as @hono/node-server hands them in. */
export interface HonoContext {
  readonly env: unknown;
  readonly req: HonoRequest;
}

/** What Hono's `app.use` takes. */
export interface PagesMiddleware {
  (context: HonoContext, next: () => Promise<void>): Promise<Response | void>;
  /** `METHOD /path` of what it answers: `bulwark routes` reads it. */
  readonly routes: readonly string[];
}

interface NodeBindings {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

const FIX =
  'write serve({ fetch: app.fetch, createServer: layer.createServer }), and where fetch is a function of your own, hand its second argument on';

/** Middleware that answers requests to the pages. */
export function honoPages(pages: MountedPages): PagesMiddleware {
  const middleware = async (
    { env, req }: HonoContext,
    next: () => Promise<void>,
  ): Promise<Response | void> => {
    const { incoming: request, outgoing: response } = (env ?? {}) as Partial<NodeBindings>;
    // A request of `app.request()` met no server: pages are refused to it, and the rest is the application's.
    if (!pages.has(request ?? { method: req.method, url: req.path })) return next();
    const view = viewOf(request ?? {}, FIX);
    if (request === undefined || response === undefined) return next();
    try {
      const answer = await pages.answer({ view, request, response, handed: () => handedOn(req, view) });
      return answer === undefined ? next() : responseOf(answer);
    } catch (error) {
      failRequest(request, response, error);
      // The layer has answered: what is handed back goes nowhere.
      return new Response(null, { status: response.statusCode });
    }
  };
  return Object.assign(middleware, { routes: pages.ruled });
}

function responseOf({ status, headers, body }: PageReply): Response {
  const pairs = headers.map(([name, value]): [string, string] => [name, value]);
  const sent = body instanceof Readable ? (Readable.toWeb(body) as ReadableStream<Uint8Array>) : body;
  return new Response(sent, { status, headers: pairs });
}

/** The body of Hono's request, which middleware of the application may have read or put another in the place of. */
async function handedOn(req: HonoRequest, view: View): Promise<HandedBody | undefined> {
  if (!req.raw.bodyUsed) {
    if (!View.exchangeOf(view).body.begun) return undefined;
    const { body } = req.raw;
    // Left open where reading ends early: the answer goes out on the same connection.
    return body === null ? { parsed: undefined } : { pieces: body.values({ preventCancel: true }) };
  }
  if (!('formData' in req.bodyCache)) return { parsed: await req.text() };
  const fields = new URLSearchParams();
  for (const [name, value] of await req.formData()) if (typeof value === 'string') fields.append(name, value);
  return { parsed: fields };
}
