/** Handlers under the layer: an error or a promise that fails becomes an answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BulwarkError, type ErrorCode } from '../core/errors.ts';
import { isRefusalError } from '../core/refusals.ts';
import { cutAnswer, failHandler } from './response.ts';
import { attachedView } from '../layer/view.ts';
import { NODE_EVENTS } from './node.events.ts';

/** A handler of node:http, or the listener that a framework makes. It may be asynchronous. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Runs a handler on a request that came through the layer. What it throws, or rejects with, becomes a plain 500. */
export function runHandler(handle: NodeHandler, request: IncomingMessage, response: ServerResponse): void {
  try {
    const result = handle(request, response);
    if (isThenable(result)) result.then(undefined, (error: unknown) => failRequest(request, response, error));
  } catch (error) {
    failRequest(request, response, error);
  }
}

/** Answers for a handler that failed on a request that came through the layer. */
export function failRequest(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (isNoFailure(request, error)) return cutAnswer(response);
  const refused = isRefusalError(error);
  const status = failHandler(response, error, refused);
  // A session that ended under the handler's feet, a store that is gone or a no of ours is no crash.
  if (refused) return;
  if (status === undefined || status === 500)
    attachedView(request)?.audit(NODE_EVENTS.handlerFailed, { error });
}

/** A body that was too large, or an answer that was replaced, and was answered so; or a client that went away. */
function isNoFailure(request: IncomingMessage, error: unknown): boolean {
  return (
    request.readableAborted ||
    isCode(error, 'ERR_BULWARK_BODY_TOO_LARGE') ||
    isCode(error, 'ERR_BULWARK_CLIENT_GONE') ||
    isCode(error, 'ERR_BULWARK_ANSWER_REPLACED')
  );
}

function isCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof BulwarkError && error.code === code;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
}
