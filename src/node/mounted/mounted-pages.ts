/** Pages of Bulwark's own, whatever framework they are mounted in: from a request to an answer that each writes by its own means. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { View } from '../../layer/view.ts';
import type { HandedBody } from './read-fields.ts';

/** A request to one of the pages. */
export interface PageVisit {
  readonly view: View;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What the framework or its middleware has made of the body, where it was read before. */
  readonly handed: () => HandedBody | undefined | Promise<HandedBody | undefined>;
}

/** An answer, to be written. */
export interface PageReply {
  readonly status: number;
  /** A name that is there twice is sent twice. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** A stream is sent as it comes, and destroyed where its reader leaves. */
  readonly body: string | Buffer<ArrayBuffer> | Readable | null;
}

/** Pages that can be mounted. */
export interface MountedPages {
  /** `METHOD /path` of each: what a router with routes of its own is told. */
  readonly routes: readonly string[];
  /** And of those that are not there but have rules, such as of tokens where no scope is declared: for `bulwark routes`. */
  readonly ruled: readonly string[];
  /** Whether a request may be to one of them: {@link MountedPages.answer} looks closer. */
  has(request: Pick<IncomingMessage, 'method' | 'url'>): boolean;
  /**
   * Answers a request; undefined where it is for the application after all. What fails is thrown, once the layer knows
   * how to answer for it.
   */
  answer(visit: PageVisit): Promise<PageReply | undefined>;
}

/** Whether nobody waits for an answer any more: the layer has given its own, or the client is gone. */
export function isAnswered({ request, response }: Pick<PageVisit, 'request' | 'response'>): boolean {
  return request.readableAborted || response.destroyed || response.writableEnded;
}

/** The path and the query of a target, the question mark with the query. */
export function targetOf(url = '/'): { readonly path: string; readonly query: string } {
  const mark = url.indexOf('?');
  return mark === -1 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark) };
}

/** An answer whose length is known, but for a stream. */
export function replyOf(status: number, headers: PageReply['headers'], body: PageReply['body']): PageReply {
  if (body instanceof Readable) return { status, headers, body };
  const length = String(body === null ? 0 : Buffer.byteLength(body));
  return { status, headers: [...headers, ['Content-Length', length]], body };
}
