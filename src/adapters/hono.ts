/** `bulwark/hono`: the layer on Hono, served by @hono/node-server. */
import type { createServer as CreateServer, IncomingMessage, Server, ServerOptions } from 'node:http';
import type { createServer as CreateTlsServer } from 'node:https';
import type { Policy, PolicyOptions } from '../policy/policy.ts';
import { type LayerHandle, protect } from '../node/protector.ts';
import { runHandler } from '../node/run-handler.ts';
import type { RequestListener } from '../node/server.ts';
import { refusedOption, tlsOptionsOf } from '../node/server-options.ts';
import { noteFailure, type View, viewOf } from '../layer/view.ts';

export type { LayerHandle } from '../node/protector.ts';
export type { View } from '../layer/view.ts';

/** What is used of Hono's Context: `env` holds Node's own request, as @hono/node-server hands it in. */
export interface HonoContext {
  readonly env: unknown;
  /** What a handler threw, whatever became of it. */
  readonly error?: unknown;
}

/** The layer for Hono. As middleware it judges nothing: it lets through what the server's guards have let through. */
export interface HonoProtector extends LayerHandle {
  /** `app.use(layer)`, if you like: throws for a request that came around the server, such as one of `app.request()`. */
  (context: HonoContext, next: () => Promise<void>): Promise<void>;
  /**
   * The option `createServer` of `serve` and `createAdaptorServer`. With key and certificate in `serverOptions` it makes
   * an https server.
   *
   * @throws BulwarkError ERR_BULWARK_SERVER_OPTION where `serverOptions` has what the policy decides
   */
  readonly createServer: typeof CreateServer & typeof CreateTlsServer;
}

/** {@link bulwark}, with {@link View} of a request at `bulwark.of`. */
export interface HonoBulwark {
  (policy?: PolicyOptions | Policy): HonoProtector;
  /** What the layer knows of a request, by Hono's Context or by Node's own request. */
  of(context: HonoContext | IncomingMessage): View;
}

const HARDENED = 'serve({ fetch: app.fetch, createServer: layer.createServer })';
const FIX = `write ${HARDENED}, and where fetch is a function of your own, hand its second argument on`;

/**
 * Makes the layer for Hono. It stands in the server, before Hono: whatever answers is under it, `notFound` and
 * `onError` too.
 *
 * @example
 * ```ts
 * const layer = bulwark(policy);
 * const app = new Hono();
 * serve({ fetch: app.fetch, createServer: layer.createServer, port: 3000 });
 * ```
 * @throws PolicyError with every problem of the policy
 */
export const bulwark: HonoBulwark = Object.assign(
  (policy: PolicyOptions | Policy = {}): HonoProtector => {
    const protector = protect(policy, { hardened: HARDENED, router: { emptyParameters: false } });
    const middleware = async (context: HonoContext, next: () => Promise<void>): Promise<void> => {
      const incoming = incomingOf(context);
      viewOf(incoming, FIX);
      await next();
      noteFailure(incoming, context.error);
    };
    // As node:http has it: with options before the listener, or without.
    const createServer = (first?: ServerOptions | RequestListener, second?: RequestListener): Server => {
      const [options, listener] = typeof first === 'function' ? [{}, first] : [first ?? {}, second];
      // One that is added later, as a listener of the event, would be under no layer.
      if (listener === undefined) throw refusedOption('createServer was called without a listener');
      const guarded: RequestListener = (request, response) =>
        protector(request, response, () => runHandler(listener, request, response));
      return protector.createServer(guarded, tlsOptionsOf(options, 'serverOptions'));
    };
    return Object.assign(middleware, protector, {
      createServer: createServer as HonoProtector['createServer'],
    });
  },
  { of: (context: HonoContext | IncomingMessage): View => viewOf(incomingOf(context), FIX) },
);

/** Node's request, or what was there instead: no view is found on that. */
function incomingOf(context: HonoContext | IncomingMessage): object {
  if (typeof context !== 'object' || context === null || !('env' in context))
    return Object(context) as object;
  const { incoming } = (context.env ?? {}) as { readonly incoming?: object };
  return incoming ?? {};
}
