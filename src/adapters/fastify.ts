/** `bulwark/fastify`: the layer on Fastify 5. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Policy, PolicyOptions } from '../policy/policy.ts';
import { BulwarkError } from '../core/errors.ts';
import { agreeOnce, hasEmptyParameter, noteRewrite, refuseOtherRules } from '../node/fastify-routing.ts';
import { takeTrustProxy, tlsOf } from '../node/fastify-options.ts';
import { completeInjected } from '../node/injected-request.ts';
import { type LayerHandle, protect } from '../node/protector.ts';
import { runHandler } from '../node/run-handler.ts';
import type { RequestListener } from '../node/server.ts';
import { noteFailure, type View, viewOf } from '../layer/view.ts';

export type { LayerHandle } from '../node/protector.ts';
export type { View } from '../layer/view.ts';

/** What is used of FastifyRequest. */
export interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly params?: unknown;
}

/** What is used of FastifyInstance. */
export interface FastifyInstance {
  readonly server: object;
  addHook(
    name: 'onRequest',
    hook: (
      request: FastifyRequest,
      reply: { readonly raw: ServerResponse },
      done: (error?: Error) => void,
    ) => void,
  ): unknown;
  addHook(
    name: 'onError',
    hook: (request: FastifyRequest, reply: unknown, error: unknown, done: () => void) => void,
  ): unknown;
}

/** The layer for Fastify. As a plugin it adds nothing: it refuses to start an application whose server it did not make. */
export interface FastifyProtector extends LayerHandle {
  /** `app.register(layer)`, if you like: fails where `serverFactory` was forgotten. */
  (instance: { readonly server: object }, options: unknown, done: (error?: Error) => void): void;
  /**
   * The option `serverFactory` of Fastify. Its option `https` may be there as well.
   *
   * @throws BulwarkError ERR_BULWARK_SERVER_OPTION where Fastify was given what the layer cannot serve or the policy decides
   */
  readonly serverFactory: (
    handler: RequestListener,
    options: Readonly<Record<string, unknown>>,
  ) => Server & TlsServer;
}

/** {@link bulwark}, with {@link View} of a request at `bulwark.of`. */
export interface FastifyBulwark {
  (policy?: PolicyOptions | Policy): FastifyProtector;
  /** What the layer knows of a request, by Fastify's or by Node's own. */
  of(request: FastifyRequest | IncomingMessage): View;
}

const HARDENED = 'Fastify({ serverFactory: layer.serverFactory })';

/**
 * Makes the layer for Fastify. It stands in the server, before Fastify: whatever answers is under it, Fastify's own
 * 404s, `reply.raw` and hijacked replies too. Requests of `app.inject` are judged as well. `request.ip` and
 * `request.protocol` say what the layer found, by the policy's `proxy`; `request.host` is that of the `Host` line. The option
 * `trustProxy` is without effect, in Fastify's own log too, and there is no `request.ips`.
 *
 * @example
 * ```ts
 * const layer = bulwark(policy);
 * const app = Fastify({ serverFactory: layer.serverFactory });
 * await app.listen({ port: 3000 });
 * ```
 * @throws PolicyError with every problem of the policy
 */
export const bulwark: FastifyBulwark = Object.assign(
  (policy: PolicyOptions | Policy = {}): FastifyProtector => {
    // It does take empty parameters, and tells of them once it has routed: see the hook below.
    const protector = protect(policy, { hardened: HARDENED, router: { emptyParameters: false } });
    const servers = new WeakSet<object>();
    const plugin: (...args: Parameters<FastifyProtector>) => void = ({ server }, _options, done) => {
      if (servers.has(server)) done();
      else done(new BulwarkError('ERR_BULWARK_SERVER_NOT_HARDENED', `write ${HARDENED}`));
    };
    const serverFactory: FastifyProtector['serverFactory'] = (handler, options) => {
      const tls = tlsOf(options);
      takeTrustProxy(options);
      const listener: RequestListener = (request, response) =>
        protector(request, response, () => runHandler(handler, request, response));
      const server = protector.createServer(listener, tls);
      servers.add(server);
      onInitialized(server, (instance) => {
        const agree = agreeOnce();
        instance.addHook('onRequest', (request, reply, done) => {
          agree(request);
          protector(completeInjected(request.raw), reply.raw, () => {
            noteRewrite(request.raw);
            if (!hasEmptyParameter(request.params) || !refuseOtherRules(request.raw, reply.raw)) done();
          });
        });
        instance.addHook('onError', (request, _reply, error, done) => {
          noteFailure(request.raw, error);
          done();
        });
      });
      return server as Server & TlsServer;
    };
    return Object.assign(plugin, protector, { serverFactory });
  },
  {
    of: (request: FastifyRequest | IncomingMessage): View =>
      viewOf((request as Partial<FastifyRequest> | undefined)?.raw ?? request, `write ${HARDENED}`),
  },
);

/**
 * Some requests reach Fastify around its server: those of `app.inject`, and upgrades that a plugin hands to the router
 * with a response of its own. A hook meets them all, before any other one. Fastify announces itself on a channel of
 * node:diagnostics_channel at the end of the very call that the factory is called from: nobody has to register anything.
 */
function onInitialized(server: Server, install: (instance: FastifyInstance) => void): void {
  const channel = 'fastify.initialization';
  const listener = (message: unknown): void => {
    // The first announcement is of this server, or its Fastify was never finished.
    unsubscribe(channel, listener);
    const { fastify } = message as { readonly fastify: FastifyInstance };
    if (fastify.server === server) install(fastify);
  };
  subscribe(channel, listener);
}
