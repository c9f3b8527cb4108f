/** `bulwark/account-pages`: the pages of accounts, mounted in one line on Express and node:http. */
import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Accounts } from '../accounts/accounts.ts';
import {
  accountRoutes,
  answerAccountPage,
  isAccountPage,
  listAccountPages,
} from '../accounts/pages/account-pages.ts';
import { BUSY_PAGE } from '../accounts/pages/busy-page.ts';
import type { PageAnswer, PageRequest } from '../accounts/pages/exchange.ts';
import { type AccountPage, type Layout, plainLayout } from '../accounts/pages/layout.ts';
import { visitOf } from '../accounts/visit.ts';
import { BulwarkError } from '../core/errors.ts';
import { readFields } from '../host/read-fields.ts';
import { type View, viewOf } from '../host/view.ts';

export type { AccountPage, Layout };
export { accountRoutes };

/** How account pages look, and where they lead. */
export interface AccountPagesOptions {
  /** Puts the application's own frame around a page. Default: a plain one, for light and dark, phone and desk. */
  readonly layout?: Layout;
  /** Where to go after signing in. Default: `/`. */
  readonly home?: string;
}

/** Connect-style middleware: what Express's `app.use` takes. */
export interface AccountPagesMiddleware {
  (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void;
  /** `METHOD /path` of what it answers: `bulwark routes` reads it. */
  readonly routes: readonly string[];
}

const FIX = 'mount the layer first: app.use(layer), then app.use(accountPages(accounts))';
const BASE = 'http://application.invalid';

/**
 * The pages of accounts. Mount it behind the layer and before everything else; spread `accountRoutes` into the policy.
 *
 * @example
 * ```ts
 * app.use(layer);
 * app.use(accountPages(accounts, { home: '/files' }));
 * ```
 */
export function accountPages(accounts: Accounts, options: AccountPagesOptions = {}): AccountPagesMiddleware {
  const layout = options.layout ?? plainLayout(accounts.name);
  const context = { accounts, home: options.home ?? '/', mailbox: accounts.mailbox };
  const middleware = (
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ): void => {
    const url = new URL(request.url ?? '/', BASE);
    if (!isAccountPage(accounts, request.method ?? '', url.pathname)) {
      next();
      return;
    }
    const view = viewOf(request, FIX);
    const answering = async (): Promise<void> => {
      const asked = await pageRequest(view, url, request, response);
      const answer = await answerAccountPage(context, asked);
      if (answer.kind === 'none') next();
      else send(response, answer, view, url.pathname, layout);
    };
    answering().catch((error: unknown) => {
      if (isQueueFull(error)) send(response, BUSY_PAGE, view, url.pathname, layout);
      else next(error);
    });
  };
  return Object.assign(middleware, { routes: listAccountPages(accounts) });
}

function isQueueFull(error: unknown): boolean {
  return error instanceof BulwarkError && error.code === 'ERR_BULWARK_QUEUE_FULL';
}

async function pageRequest(
  view: View,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<PageRequest> {
  return {
    ...(await readFields(request)),
    visit: visitOf(view, request, response),
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    csrfToken: view.csrfToken,
    nonce: view.nonce,
    takeHeldRequest: (id) => view.takeHeldRequest(id),
  };
}

function send(response: ServerResponse, answer: PageAnswer, view: View, path: string, layout: Layout): void {
  if (answer.kind === 'redirect') {
    response.writeHead(303, { Location: answer.to }).end();
  } else if (answer.kind === 'json') {
    response
      .writeHead(answer.status, { 'Content-Type': 'application/json' })
      .end(JSON.stringify(answer.body));
  } else if (answer.kind === 'script') {
    response.writeHead(200, { 'Content-Type': 'text/javascript; charset=utf-8' });
    createReadStream(answer.file).pipe(response);
  } else if (answer.kind === 'page') {
    const { principal, nonce, csrfToken } = view;
    const signedIn = principal !== undefined;
    const document = layout({
      title: answer.title,
      body: answer.body.text,
      nonce,
      csrfToken,
      signedIn,
      path,
    });
    const { retryAfterMs } = answer;
    if (retryAfterMs !== undefined) response.setHeader('Retry-After', String(Math.ceil(retryAfterMs / 1000)));
    response.writeHead(answer.status, { 'Content-Type': 'text/html; charset=utf-8' }).end(document);
  }
}
