/** `bulwark/node`: the layer on node:http and node:https. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Policy, PolicyOptions } from '../config/policy.ts';
import { BulwarkError } from '../core/errors.ts';
import { protect, type Protector } from '../host/protector.ts';
import type { RequestListener } from '../host/server.ts';
import { cutAnswer, failHandler } from '../host/response.ts';
import { type View, viewOf } from '../host/view.ts';

export type { Protector } from '../host/protector.ts';
export type { RequestListener, TlsOptions } from '../host/server.ts';
export type { View } from '../host/view.ts';

/** A handler of node:http, which may be asynchronous. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** The layer for node:http. */
export interface NodeProtector extends Protector {
  /** Puts a handler under the layer: a request listener for `createServer`. What it throws becomes a plain 500. */
  handler(handle: NodeHandler): RequestListener;
}

/** {@link bulwark}, with {@link View} of a request at `bulwark.of`. */
export interface NodeBulwark {
  (policy?: PolicyOptions | Policy): NodeProtector;
  /** What the layer knows of a request. */
  of(request: IncomingMessage): View;
}

/** A body that was too large, and was answered so, or a client that went away in the middle of it. */
function isClientsDoing(request: IncomingMessage, error: unknown): boolean {
  return (
    request.readableAborted || (error instanceof BulwarkError && error.code === 'ERR_BULWARK_BODY_TOO_LARGE')
  );
}

/**
 * Makes the layer for node:http.
 *
 * @example
 * ```ts
 * const layer = bulwark(policy);
 * layer.createServer(layer.handler((request, response) => response.end('hello'))).listen(3000);
 * ```
 * @throws PolicyError with every problem of the policy
 */
export const bulwark: NodeBulwark = Object.assign(
  (policy: PolicyOptions | Policy = {}): NodeProtector => {
    const protector = protect(policy);
    const handler = (handle: NodeHandler): RequestListener => {
      const run = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
        try {
          await handle(request, response);
        } catch (error) {
          if (isClientsDoing(request, error)) return cutAnswer(response);
          const status = failHandler(response);
          // A session that ended under the handler's feet, or a store that is gone, is no crash of ours.
          if (status === undefined || status === 500) viewOf(request).audit('sys_crash', { error });
        }
      };
      return (request, response) => protector(request, response, () => void run(request, response));
    };
    return Object.assign(protector, { handler });
  },
  { of: (request: IncomingMessage): View => viewOf(request) },
);
