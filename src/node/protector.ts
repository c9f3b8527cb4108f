/** What every adapter hands out: the layer as connect-style middleware, with servers and sessions beside it. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { refreshSecrets } from '../secrets/refresh-secrets.ts';
import { IdleLayer, refuseInBuild } from './idle-layer.ts';
import { isRead, readPolicy } from '../policy/read-policy.ts';
import type { Policy, PolicyOptions } from '../policy/policy.ts';
import { call, callback, made, maybe, word } from '../core/call.ts';
import { wantCurrent } from '../core/current-place.ts';
import { BulwarkError, describeProblem } from '../core/errors.ts';
import { LAYER_PARTS } from '../core/layer-parts.ts';
import { type MetricFormat, metricText } from '../core/metric-text.ts';
import type { MetricFamily, MetricSource } from '../core/metrics.ts';
import { type GuardCount, Layer } from '../layer/layer.ts';
import { layerMetrics } from '../layer/layer-metrics.ts';
import type { RouterFacts } from '../layer/order.ts';
import type { StoreCount } from '../layer/services.ts';
import { countingSessions } from '../layer/session-count.ts';
import { pushMetrics } from '../controls/metrics/push-metrics.ts';
import type { OnMisuse } from '../controls/device-bound/device-bound.ts';
import type { ReportBook } from '../controls/reports/report-book.ts';
import type { Sessions } from '../controls/sessions/sessions.ts';
import { SHORT_SWEEP_BATCH } from '../stores/storable.ts';
import { Gate } from './gate.ts';
import { findServers } from './listening.ts';
import { sealJudged } from './node-host.ts';
import {
  createServer,
  isHttpServer,
  meetServer,
  type RequestListener,
  secureServer,
  type TlsOptions,
} from './server.ts';
import { attachedView, View } from '../layer/view.ts';
import { CORE_EVENTS } from '../core/verdict.ts';
import { NODE_EVENTS } from './node.events.ts';
import type { ApplicationAudit, LayerAudit } from '../layer/application-audit.ts';

/** What hangs on the layer of an application, whatever its framework. */
export interface LayerHandle {
  /** Sessions outside of a request: list them, revoke them. */
  readonly sessions: Sessions;
  /** Writes an event that belongs to no request. Never throws. `await layer.audit.flushed()` waits until all are on the disk. */
  readonly audit: LayerAudit;
  /** How often each guard said no. */
  readonly counts: ReadonlyMap<string, GuardCount>;
  /** By store across a network: whether it is there, and how often it was not. A store that was never gone is not listed. */
  readonly stores: ReadonlyMap<string, StoreCount>;
  /**
   * Figures of this process as Prometheus scrapes them: guards, events, stores, the log and its receivers. Their number
   * follows the policy, and never what clients send. Not for everyone: serve it where only operators are.
   *
   * @param format - `prometheus` (text 0.0.4, default), or `openmetrics` (1.0)
   */
  metrics(format?: MetricFormat): string;
  /**
   * Puts the policy's timeouts and caps on a server made elsewhere, and judges whatever it receives before any of its
   * listeners hears of it. Layers of several virtual hosts on one server are each given it; the Host decides.
   */
  secure(server: Server): void;
  /**
   * Sends the mails that are on their way, for three seconds at most, and closes the stores. The application closes its
   * server first.
   */
  close(): Promise<void>;
  /** For rooms that are made on a layer, such as accounts. */
  readonly [LAYER_PARTS]: LayerParts;
}

/** What rooms are made from that stand on a layer. */
export interface LayerParts {
  readonly policy: Policy;
  readonly sessions: Sessions;
  readonly audit: ApplicationAudit;
  /** What browsers report, where the policy names a place for it. */
  readonly reports: ReportBook | undefined;
  /** For pages that show what the layer does. */
  readonly layer: Layer;
  /** Has something done where the cookie of a session was used without its device. */
  onDeviceMisuse(tell: OnMisuse): void;
  /** Has something done when the layer is closed, before its stores are. */
  onClose(close: () => Promise<void>): void;
  /** Adds figures to those of the layer: few, whatever clients send. */
  onMetrics(source: MetricSource): void;
  /** All figures of this process. */
  families(): readonly MetricFamily[];
}

/** The layer of one application. Call it as middleware; the rest hangs on it. */
export interface Protector extends LayerHandle {
  (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void;
  /**
   * A server with the policy's timeouts and caps, which judges a request before the listener hears of it, wherever the
   * layer is mounted there; an https one where key and certificate are given.
   */
  createServer(listener: RequestListener, tls?: TlsOptions): Server;
}

/** How an adapter's framework meets the layer. */
export interface Framework {
  /** The call that makes a hardened server there, for an application that makes a server of its own. */
  readonly hardened: string;
  /**
   * Whether a request listener of some server hands its requests to this layer. Given where applications may make their
   * servers themselves.
   */
  readonly leadsHere?: (listener: unknown) => boolean;
  /** How its router reads paths. */
  readonly router?: RouterFacts;
  /** Where bodies are read by the layer alone: nobody waits for the end of one that is not there, and none is made. */
  readonly bodies?: 'of the layer';
}

const PLAIN: Framework = { hardened: 'layer.createServer(listener)' };

const checkListener = call('layer.createServer(app), or layer.createServer(app, { key, cert })', {
  listener: callback,
  tls: maybe(made('an object with key and certificate', {})),
});

const checkServer = call('layer.secure(server), before it listens', {
  server: (value) =>
    isHttpServer(value) ? undefined : { path: '', reason: 'it must be a server of node:http or node:https' },
});

const checkFormat = call("layer.metrics('openmetrics')", { format: word('prometheus', 'openmetrics') });

const SWEEP_EVERY_MS = 60_000;

/**
 * Makes the layer from a policy, or from one that `loadPolicy` has read.
 *
 * @throws PolicyError with every problem of the policy
 * @throws BulwarkError ERR_BULWARK_SECRETS_ASYNC where secrets come from an asynchronous provider
 */
export function protect(policy: PolicyOptions | Policy, framework: Framework = PLAIN): Protector {
  return openProtector(policy, framework).protector;
}

/** As {@link protect}, with the gate of the layer: for hosts whose requests are none of Node.js. */
export function openProtector(
  policy: PolicyOptions | Policy,
  framework: Framework,
): { readonly protector: Protector; readonly gate: Gate } {
  const read = readNow(policy);
  const layer = new (read.building === true ? IdleLayer : Layer)(read, framework.router);
  for (const warning of layer.policy.warnings)
    process.emitWarning(describeProblem(warning), { code: warning.code });
  // Their pages are loaded with the first request, and are handed none: by then it has to be known which one it is.
  if (layer.policy.frameworks.length + layer.policy.access.frameworks.length > 0) wantCurrent();
  layer.audit.write(NODE_EVENTS.started, {
    environment: layer.policy.environment,
    origin: layer.policy.origin?.origin,
  });
  const sweeping = setInterval(() => void sweep(layer), SWEEP_EVERY_MS).unref();
  layer.metricSources.push(countingSessions(layer.policy.state));
  const pushing = pushMetrics(layer.policy.metrics, {
    service: layer.policy.audit.service,
    families: () => layerMetrics(layer),
    tell: (...event) => layer.audit.write(...event),
  });
  const stopRefreshing = refreshSecrets(layer.policy, (...event) => layer.audit.write(...event));
  const { hardened, leadsHere } = framework;
  const gate = new Gate(layer, hardened);
  const stopLooking = leadsHere === undefined ? undefined : findServers(gate, leadsHere);

  const middleware = (
    request: IncomingMessage,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ): void => {
    const view = attachedView(request);
    if (view !== undefined) {
      // Judged already: by the server, or where this layer is mounted twice.
      if (View.isOfThisCopy(view)) {
        sealJudged(view, response);
        if (View.layerOf(view) === layer) return next();
      }
      return gate.refuseSecond(view, response);
    }
    const { server } = request.socket as { server?: Server };
    if (server !== undefined && !meetServer(gate, server)) {
      gate.selfCheck.tell(
        'ERR_BULWARK_SERVER_NOT_HARDENED',
        `the server was not made by the layer: slow clients are noticed late, and what else listens on it, upgrades before the first request too, is not judged; use ${hardened}`,
      );
    }
    return gate.judgeInside(request, response, next);
  };
  const audit: LayerAudit = Object.assign(layer.applicationAudit(), {
    flushed: async () => await layer.audit.flushed(),
  });
  const closers: (() => Promise<void>)[] = [];
  const parts: LayerParts = {
    policy: layer.policy,
    sessions: layer.sessions,
    audit,
    reports: layer.reports,
    layer,
    onDeviceMisuse: (tell) => layer.devices?.onMisuse(tell),
    onClose: (close) => void closers.push(close),
    onMetrics: (source) => void layer.metricSources.push(source),
    families: () => layerMetrics(layer),
  };
  const protector = Object.assign(middleware, {
    [LAYER_PARTS]: parts,
    sessions: layer.sessions,
    audit,
    counts: layer.counts,
    stores: layer.stores,
    metrics: (format: MetricFormat = 'prometheus') => {
      checkFormat(format);
      return metricText(layerMetrics(layer), format);
    },
    createServer: (listener: RequestListener, tls?: TlsOptions) => {
      checkListener(listener, tls);
      refuseInBuild(layer);
      return createServer(gate, listener, tls, {
        optimizeEmptyRequests: framework.bodies === 'of the layer',
      });
    },
    secure: (server: Server) => {
      checkServer(server);
      refuseInBuild(layer);
      secureServer(gate, server);
    },
    close: async () => {
      clearInterval(sweeping);
      stopRefreshing();
      stopLooking?.();
      gate.closed = true;
      for (const close of closers) await close();
      await layer.reports?.flush();
      layer.audit.write(NODE_EVENTS.stopped, {});
      // What the rules find in the last events belongs into the log before its end.
      await layer.alerts?.settled();
      await layer.audit.close();
      await layer.alerts?.close();
      await pushing?.close();
      await layer.policy.state.close();
    },
  });
  return { protector, gate };
}

async function sweep(layer: Layer): Promise<void> {
  const { sessions, counters, factors, accounts } = layer.policy.state;
  try {
    for (const store of [sessions, counters, factors, accounts]) {
      if (store === undefined) continue;
      // A batch at a time, requests in between: after a flood there may be a great many.
      while ((await store.sweep(Date.now())) >= SHORT_SWEEP_BATCH) await setImmediate();
    }
  } catch (error) {
    layer.audit.write(CORE_EVENTS.storeUnavailable, { during: 'sweep', error });
  }
}

export function readNow(options: PolicyOptions | Policy): Policy {
  const policy = isRead(options) ? options : readPolicy(options);
  if (!(policy instanceof Promise)) return policy;
  // Its failure is told by the error below; without this Node would report it a second time.
  policy.catch(() => undefined);
  throw new BulwarkError(
    'ERR_BULWARK_SECRETS_ASYNC',
    "the policy's secrets arrive later: write bulwark(await loadPolicy(policy))",
  );
}
