/** What every adapter hands out: the layer as connect-style middleware, with servers and sessions beside it. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { readPolicy } from '../config/read-policy.ts';
import type { Policy, PolicyOptions } from '../config/policy.ts';
import { BulwarkError, describeProblem } from '../core/errors.ts';
import type { Audit } from '../core/events.ts';
import type { GuardName } from '../core/guard.ts';
import { INTERNAL_ERROR } from '../core/verdict.ts';
import { type GuardCount, Layer } from '../layer/layer.ts';
import type { RouterFacts } from '../layer/order.ts';
import type { StoreCount } from '../layer/services.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { SWEEP_BATCH } from '../stores/storable.ts';
import { isClosing } from './linger.ts';
import { handleExchange, openExchange, sealJudged } from './node-host.ts';
import { SelfCheck } from './self-check.ts';
import { createServer, type RequestListener, secureServer, type TlsOptions } from './server.ts';
import { attachedView, View } from './view.ts';
import { refuse } from './response.ts';

/** What hangs on the layer of an application, whatever its framework. */
export interface LayerHandle {
  /** Sessions outside of a request: list them, revoke them. */
  readonly sessions: Sessions;
  /** Writes an event that belongs to no request. Never throws. */
  readonly audit: Audit;
  /** How often each guard said no. */
  readonly counts: ReadonlyMap<GuardName, GuardCount>;
  /** By store across a network: whether it is there, and how often it was not. One that was never gone is not there. */
  readonly stores: ReadonlyMap<string, StoreCount>;
  /** Puts the policy's timeouts and caps on a server made elsewhere. */
  secure(server: Server): void;
  /** Closes the stores. The server is closed first, by whoever made it. */
  close(): Promise<void>;
}

/** The layer of one application. Call it as middleware; the rest hangs on it. */
export interface Protector extends LayerHandle {
  (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void;
  /** A server with the policy's timeouts and caps; an https one where key and certificate are given. */
  createServer(listener: RequestListener, tls?: TlsOptions): Server;
}

/** The call that makes a hardened server, on node:http and in Express. */
export const CREATE_SERVER = 'layer.createServer(app)';

const SWEEP_EVERY_MS = 60_000;

/**
 * Makes the layer from a policy, or from one that `loadPolicy` has read.
 *
 * @param hardened - the call that makes a hardened server in this framework, for whoever makes another
 * @param router - how this framework reads paths
 * @throws PolicyError with every problem of the policy
 * @throws BulwarkError ERR_BULWARK_SECRETS_ASYNC where secrets come from an asynchronous provider
 */
export function protect(
  policy: PolicyOptions | Policy,
  hardened: string = CREATE_SERVER,
  router?: RouterFacts,
): Protector {
  const layer = new Layer(isRead(policy) ? policy : readNow(policy), router);
  for (const warning of layer.policy.warnings)
    process.emitWarning(describeProblem(warning), { code: warning.code });
  layer.audit.write('sys_startup', {
    environment: layer.policy.environment,
    origin: layer.policy.origin?.origin,
  });
  const sweeping = setInterval(() => void sweep(layer), SWEEP_EVERY_MS).unref();
  const selfCheck = new SelfCheck(layer, hardened);

  const middleware = (
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ): void => {
    const view = attachedView(request);
    if (view !== undefined) {
      sealJudged(view, response);
      // Mounted twice: the first one has judged this request already.
      return View.layerOf(view) === layer ? next() : refuseSecondLayer(layer, response);
    }
    if (isClosing(request.socket)) return undefined;
    const exchange = openExchange(layer, request);
    selfCheck.look(request, exchange);
    return handleExchange(layer, exchange, request, response, next);
  };
  return Object.assign(middleware, {
    sessions: layer.sessions,
    audit: ((event, details) => layer.audit.write(event, details)) satisfies Audit,
    counts: layer.counts,
    stores: layer.stores,
    createServer: (listener: RequestListener, tls?: TlsOptions) => createServer(layer, listener, tls),
    secure: (server: Server) => secureServer(layer, server),
    close: async () => {
      clearInterval(sweeping);
      layer.audit.write('sys_shutdown');
      await layer.policy.state.close();
    },
  });
}

/** One policy an application. A second one would look as if it held, and its rules would never be asked. */
function refuseSecondLayer(layer: Layer, response: ServerResponse): void {
  const message = 'a request came to a second layer: put all rules into one policy and mount one layer';
  layer.audit.writeGated('sys_misconfigured', { code: 'ERR_BULWARK_SECOND_LAYER', message });
  refuse(response, INTERNAL_ERROR);
}

async function sweep(layer: Layer): Promise<void> {
  const { sessions, counters, factors, accounts } = layer.policy.state;
  try {
    for (const store of [sessions, counters, factors, accounts]) {
      if (store === undefined) continue;
      // A batch at a time, requests in between: after a flood there may be a great many.
      while ((await store.sweep(Date.now())) >= SWEEP_BATCH) await setImmediate();
    }
  } catch (error) {
    layer.audit.write('sys_store_unavailable', { during: 'sweep', error });
  }
}

function readNow(options: PolicyOptions): Policy {
  const policy = readPolicy(options);
  if (!(policy instanceof Promise)) return policy;
  // Its failure is told by the error below; without this Node would report it a second time.
  policy.catch(() => undefined);
  throw new BulwarkError(
    'ERR_BULWARK_SECRETS_ASYNC',
    "the policy's secrets arrive later: write bulwark(await loadPolicy(policy))",
  );
}

function isRead(policy: PolicyOptions | Policy): policy is Policy {
  return 'keys' in policy;
}
