import { ACCOUNTS_CALLS } from './accounts.calls.ts';
import type { Audit } from '../core/events.ts';
import type { Client } from '../core/exchange.ts';
import type { SessionHandle } from '../controls/sessions/session-handle.ts';
import type { AccountVisit } from './context.ts';

/** What is used of `bulwark.of(request)`. */
export interface VisitedView {
  readonly audit: Audit;
  readonly session: SessionHandle;
  readonly client: Client;
}

/** What is used of a request of Node.js. */
export interface VisitingRequest {
  readonly headers: {
    readonly cookie?: string | undefined;
    readonly 'user-agent'?: string | undefined;
    readonly 'accept-language'?: string | undefined;
  };
  readonly socket?: { readonly localPort?: number | undefined };
}

/** What is used of a response of Node.js. */
export interface VisitedResponse {
  appendHeader(name: string, value: string): unknown;
  once(event: 'close', listener: () => void): unknown;
  readonly writableFinished: boolean;
}

/**
 * A request as accounts see it.
 *
 * @param view - `bulwark.of(request)`
 */
export function visitOf(
  view: VisitedView,
  request: VisitingRequest,
  response: VisitedResponse,
): AccountVisit {
  ACCOUNTS_CALLS.visitOf(view, request, response);
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return {
    audit: view.audit,
    session: view.session,
    client: view.client,
    cookie: request.headers.cookie,
    userAgent: request.headers['user-agent'] ?? '',
    acceptLanguage: request.headers['accept-language'],
    ...serverOf(request),
    setCookie: (line) => void response.appendHeader('Set-Cookie', line),
    signal: gone.signal,
  };
}

function serverOf({ socket }: VisitingRequest): { readonly server?: string } {
  const port = socket?.localPort;
  if (port === undefined) return {};
  const scheme = socket !== undefined && 'encrypted' in socket ? 'https' : 'http';
  return { server: `${scheme}://localhost:${port}` };
}
