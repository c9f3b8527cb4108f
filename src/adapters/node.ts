/** `bulwark/node`: the layer on node:http and node:https. */
import { call, callback } from '../core/call.ts';
import type { IncomingMessage } from 'node:http';
import type { Policy, PolicyOptions } from '../policy/policy.ts';
import { protect, type Protector } from '../node/protector.ts';
import { type NodeHandler, runHandler } from '../node/run-handler.ts';
import type { RequestListener } from '../node/server.ts';
import { type View, viewOf } from '../layer/view.ts';

export type { Protector } from '../node/protector.ts';
export type { NodeHandler } from '../node/run-handler.ts';
export type { RequestListener, TlsOptions } from '../node/server.ts';
export type { View } from '../layer/view.ts';

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

const HARDENED = 'layer.createServer(listener), or layer.secure(server) before it listens';
const checkHandler = call('layer.handler((request, response) => response.end())', { handle: callback });
const FIX = 'serve layer.handler(handle) in place of the handler itself';

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
    const handlers = new WeakSet<object>();
    const protector = protect(policy, {
      hardened: HARDENED,
      leadsHere: (listener) => typeof listener === 'function' && handlers.has(listener),
    });
    const handler = (handle: NodeHandler): RequestListener => {
      checkHandler(handle);
      const listener: RequestListener = (request, response) =>
        protector(request, response, () => runHandler(handle, request, response));
      handlers.add(listener);
      return listener;
    };
    return Object.assign(protector, { handler });
  },
  { of: (request: IncomingMessage): View => viewOf(request, FIX) },
);
