/** `bulwark/account-pages/hono`: the pages of accounts as middleware of Hono on Node.js. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccountPage, Layout } from '../ui/layout.ts';
import {
  type AccountPagesLayer,
  type AccountPagesLook,
  HostedPages,
  type PageReply,
} from '../account-pages/hosted-pages.ts';
import type { HandedBody } from '../account-pages/read-fields.ts';
import { failRequest } from '../node/run-handler.ts';
import { View, viewOf } from '../layer/view.ts';

export type { AccountPage, AccountPagesLook, Layout };

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
export interface AccountPagesMiddleware {
  (context: HonoContext, next: () => Promise<void>): Promise<Response | void>;
  /** `METHOD /path` of what it answers: `bulwark routes` reads it. */
  readonly routes: readonly string[];
}

const FIX =
  'write serve({ fetch: app.fetch, createServer: layer.createServer }), and where fetch is a function of your own, hand its second argument on';

/**
 * The pages of accounts. Mount it before the application's own routes.
 *
 * @example
 * ```ts
 * const app = new Hono();
 * app.use(accountPages(layer));
 * ```
 */
export function accountPages(
  layer: AccountPagesLayer,
  options: AccountPagesLook = {},
): AccountPagesMiddleware {
  const pages = new HostedPages(layer, options);
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

interface NodeBindings {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

function responseOf({ status, headers, body }: PageReply): Response {
  const pairs = headers.map(([name, value]): [string, string] => [name, value]);
  return new Response(body, { status, headers: pairs });
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
