/** `bulwark/account-pages`: the pages of accounts, mounted in one line on Express and node:http. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccountPage, Layout } from '../ui/layout.ts';
import {
  type AccountPagesLayer,
  type AccountPagesLook,
  HostedPages,
  isAnswered,
  type PageReply,
} from '../account-pages/hosted-pages.ts';
import { bodyOf } from '../account-pages/read-fields.ts';
import { viewOf } from '../layer/view.ts';

export type { AccountPage, AccountPagesLook, Layout };

/** Connect-style middleware: what Express's `app.use` takes. */
export interface AccountPagesMiddleware {
  (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void;
  /** `METHOD /path` of what it answers: `bulwark routes` reads it. */
  readonly routes: readonly string[];
  /**
   * For node:http: answers a request to one of the pages. False: it is to none, and nothing has happened to it.
   *
   * @throws whatever failed: let `layer.handler` have it
   */
  answer(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
}

const FIX = 'mount the layer first: app.use(layer), then app.use(accountPages(layer))';

/**
 * The pages of accounts. Mount it behind the layer and before everything else.
 *
 * @example
 * ```ts
 * app.use(layer);
 * app.use(accountPages(layer));
 * ```
 */
export function accountPages(
  layer: AccountPagesLayer,
  options: AccountPagesLook = {},
): AccountPagesMiddleware {
  const pages = new HostedPages(layer, options);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    if (!pages.has(request)) return false;
    const view = viewOf(request, FIX);
    const reply = await pages.answer({ view, request, response, handed: () => bodyOf(request) });
    if (reply !== undefined) write(response, reply);
    return reply !== undefined;
  };
  const middleware = (
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ): void => {
    if (!pages.has(request)) {
      next();
      return;
    }
    const answering = async (): Promise<void> => {
      if (!(await answer(request, response))) next();
    };
    answering().catch((error: unknown) => {
      if (!isAnswered({ request, response })) next(error);
    });
  };
  return Object.assign(middleware, { routes: pages.ruled, answer });
}

function write(response: ServerResponse, { status, headers, body }: PageReply): void {
  for (const [name, value] of headers) {
    if (name === 'Set-Cookie') response.appendHeader(name, value);
    else response.setHeader(name, value);
  }
  response.writeHead(status).end(body ?? undefined);
}
