/** Pages of Bulwark's own on Express, on node:http, and in the gateway. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { viewOf } from '../../layer/view.ts';
import { isAnswered, type MountedPages, type PageReply } from './mounted-pages.ts';
import { bodyOf } from './read-fields.ts';

/** Connect-style middleware: what Express's `app.use` takes. */
export interface PagesMiddleware {
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

/** @param fix - what to write where a request did not come through the layer */
export function connectPages(pages: MountedPages, fix: string): PagesMiddleware {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    if (!pages.has(request)) return false;
    const view = viewOf(request, fix);
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
  response.writeHead(status);
  if (!(body instanceof Readable)) {
    response.end(body ?? undefined);
    return;
  }
  // A reader who waits for the first event must not wait for the head too.
  response.flushHeaders();
  response.once('close', () => body.destroy());
  // What fails half way has no other answer, and without a listener it ends the process.
  body.once('error', () => response.destroy());
  body.pipe(response);
}
