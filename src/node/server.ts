/** Servers with the policy's timeouts and caps, whose every answer, even the parser's own, carries its headers. */
import {
  createServer as createHttpServer,
  IncomingMessage,
  Server,
  type ServerOptions,
  ServerResponse,
} from 'node:http';
import type { ServerOptions as TlsServerOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { BulwarkError } from '../core/errors.ts';
import type { ProxySettings } from '../controls/firewall/proxy.options.ts';
import type { TimeoutSettings } from '../controls/firewall/timeouts.options.ts';
import { pathEvidence } from '../controls/firewall/refusals.ts';
import { watchConnections } from './connections.ts';
import type { Layer } from '../layer/layer.ts';
import type { Gate } from './gate.ts';
import { createHttpsServer } from './https-server.ts';
import { readProxyHeads } from './proxied-connections.ts';
import { expectContinue } from './expectation.ts';
import { endWithLast, ignoreUpgrades, isBehindLast } from './ignored-upgrade.ts';
import { attachedView, View } from '../layer/view.ts';
import { TLS_DEFAULTS } from './tls-defaults.ts';

/** What answers requests: an Express application, a function. */
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** Key and certificate, where Bulwark ends TLS itself. */
export type TlsOptions = Pick<TlsServerOptions, 'key' | 'cert' | 'ca' | 'pfx' | 'passphrase' | 'SNICallback'>;

/** The layers of one server. */
interface Guarding {
  /** The gates that judge all that the server receives: they made it, were given it, or found it before it listened. */
  judging: readonly Gate[];
  /** The gates that a request met inside a framework. They judge upgrades here; requests reach them by the framework. */
  readonly met: Gate[];
  /** Whose heads are read ahead of connections, before anybody knows for which of the layers they are. */
  readonly proxy: ProxySettings;
}

/** The events by which a server hands out what it received. */
const RECEIVED: ReadonlySet<string> = new Set([
  'request',
  'checkContinue',
  'checkExpectation',
  'upgrade',
  'connect',
]);

const guarded = new WeakMap<object, Guarding>();

/**
 * Makes a server whose every request is judged before the listener hears of it.
 *
 * @throws BulwarkError ERR_BULWARK_INSECURE_PARSER where the server was told to accept malformed HTTP
 */
export function createServer(
  gate: Gate,
  listener: RequestListener,
  tls?: TlsOptions,
  more?: Pick<ServerOptions, 'optimizeEmptyRequests'>,
): Server {
  const { timeouts } = gate.layer.policy;
  const options = { ...serverOptions(timeouts), ...more };
  const server =
    tls === undefined
      ? createHttpServer(options, listener)
      : createHttpsServer(
          // Node waits two minutes for a handshake, in which no headers can be late yet.
          { ...options, handshakeTimeout: timeouts.headers, ...TLS_DEFAULTS, ...tls },
          listener,
        );
  secureServer(gate, server);
  return server;
}

/**
 * Puts the policy's timeouts, caps and answers on a server, and has the layer judge whatever it receives before any
 * listener hears of it: one that takes the `request` event over (socket.io, SockJS, health checks) stands under the layer
 * as well. Safe to call twice. Where layers for several virtual hosts are given one server, that judges which the Host
 * belongs to; timeouts and caps are those of the first.
 *
 * @throws BulwarkError ERR_BULWARK_INVALID_ARGUMENT where another layer of this server takes the PROXY protocol from others
 */
export function secureServer(gate: Gate, server: Server): void {
  const guarding = guardingOf(gate, server);
  agreeOnHeads(guarding.proxy, gate.layer.policy.proxy);
  const { met } = guarding;
  // A closed gate gives way to the next gate, and not before: until then it is the only one there.
  const judging = guarding.judging.filter((one) => one === gate || !one.closed);
  guarding.judging = judging.includes(gate) ? judging : [...judging, gate];
  if (met.includes(gate)) met.splice(met.indexOf(gate), 1);
}

/**
 * Whether this is a server of node:http or node:https. Applications of frameworks have `on` and `emit` as well, and would be
 * secured to no effect; requests of HTTP/2 come as other objects, which nothing here would judge.
 */
export function isHttpServer(server: unknown): server is Server {
  if (server instanceof Server) return true;
  // Told by methods that no other server has: node:https is loaded only where TLS ends here.
  if (typeof server !== 'object' || server === null) return false;
  return 'setSecureContext' in server && 'headersTimeout' in server && !('updateSettings' in server);
}

/** Whether a layer judges all that a server receives. */
export function isJudged(server: object): boolean {
  return (guarded.get(server)?.judging.length ?? 0) > 0;
}

/** The layer that judges what a server receives, the first of them where there are several: for tests. */
export function judgingLayer(server: object): Layer | undefined {
  return guarded.get(server)?.judging[0]?.layer;
}

/** Notes a server on which a framework handed a request to the layer. Returns whether its own requests had a layer by then. */
export function meetServer(gate: Gate, server: Server): boolean {
  if (isJudged(server)) return true;
  const { met } = guardingOf(gate, server);
  if (!met.includes(gate)) met.push(gate);
  return false;
}

function guardingOf(gate: Gate, server: Server): Guarding {
  const known = guarded.get(server);
  if (known !== undefined) return known;
  refuseInsecureParser(server);
  const { timeouts, firewall, proxy } = gate.layer.policy;
  const guarding: Guarding = { judging: [], met: [], proxy };
  guarded.set(server, guarding);
  // Below all that hears of connections, this layer's own watch over them too.
  if (proxy.protocol) readProxyHeads(gate.layer, server);
  server.headersTimeout = timeouts.headers;
  server.requestTimeout = timeouts.request;
  server.keepAliveTimeout = timeouts.keepAlive;
  // Node drops lines over this count silently; one more than the guard takes, so that the guard sees and refuses them.
  server.maxHeadersCount = firewall.headerLines + 1;
  watchConnections(gate.layer, server);
  ignoreUpgrades(server);
  guardEvents(server, guarding);
  return guarding;
}

/** A connection begins before it names a host: a head is read from it for all layers of the server, or for none. */
function agreeOnHeads(first: ProxySettings, next: ProxySettings): void {
  if (first.protocol === next.protocol && (!next.protocol || first.trusted.isSame(next.trusted))) return;
  throw new BulwarkError(
    'ERR_BULWARK_INVALID_ARGUMENT',
    'layer.secure: server: it has a layer whose proxy.protocol or proxy.trusted is another, and both hold for a connection before it names a host: write the same into both policies, or give each layer a server of its own',
  );
}

function serverOptions(timeouts: TimeoutSettings): ServerOptions {
  return {
    // Node's default of 30 s would let a limit of 2 s fire after 30.
    connectionsCheckingInterval: timeouts.checkEvery,
    headersTimeout: timeouts.headers,
    requestTimeout: timeouts.request,
    keepAliveTimeout: timeouts.keepAlive,
    // The framing guard refuses a missing Host, with the policy's headers; Node's own refusal has none.
    requireHostHeader: false,
    insecureHTTPParser: false,
  };
}

function refuseInsecureParser(server: Server): void {
  if ((server as Server & { insecureHTTPParser?: boolean }).insecureHTTPParser !== true) return;
  throw new BulwarkError(
    'ERR_BULWARK_INSECURE_PARSER',
    'the server has insecureHTTPParser set, which accepts malformed HTTP: remove the option',
  );
}

/**
 * Stands over the events by which a server hands out what it received. A listener of its own could otherwise answer
 * unjudged, whatever is mounted in the framework. A parser's error has one answer, which is the layer's: a framework that
 * listens too would write a second one, without a header of the policy, and cut the first.
 */
function guardEvents(server: Server, guarding: Guarding): void {
  const emit = server.emit.bind(server);
  server.emit = function guardedEmit(event: string, ...args: unknown[]): boolean {
    const [first, second] = args;
    if (event === 'clientError') {
      gateOf(guarding)?.answerParserError(first as Error, second as Duplex);
      return true;
    }
    if (!(first instanceof IncomingMessage) || !RECEIVED.has(event)) return emit(event, ...args);
    if (isBehindLast(first)) {
      // Node has taken its own listener off an upgrade: without one, a client that resets would end this process.
      if (!(second instanceof ServerResponse)) first.socket.on('error', () => first.socket.destroy());
      return true;
    }
    const view = attachedView(first);
    if (view === undefined && second instanceof ServerResponse) endWithLast(first, second);
    if (view !== undefined) {
      const passedBy = secondGate(guarding, view);
      // What comes a second time was judged the first time.
      if (passedBy === undefined) return emit(event, ...args);
      passedBy.refuseSecond(view, second as ServerResponse | Duplex);
    } else if (event === 'request') takeRequest(first, second as ServerResponse);
    else if (event === 'checkContinue') takeExpecting(first, second as ServerResponse);
    else if (event === 'checkExpectation')
      gateOf(guarding, first)?.refuseExpectation(first, second as ServerResponse);
    else gateOf(guarding, first)?.judgeUpgrade(first, second as Duplex, () => void emit(event, ...args));
    return true;
  };

  const takeRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const pass = (): void => void emit('request', request, response);
    if (guarding.judging.length > 0) gateOf(guarding, request)?.judgeRequest(request, response, pass);
    else {
      watchUnjudged(guarding, request, response);
      pass();
    }
  };
  const takeExpecting = (request: IncomingMessage, response: ServerResponse): void => {
    // An application that listens itself writes its own `100 Continue`; ours below is one listener of the two.
    const event = server.listenerCount('checkContinue') > 1 ? 'checkContinue' : 'request';
    const pass = (): void => void emit(event, request, response);
    if (guarding.judging.length > 0) gateOf(guarding, request)?.judgeExpecting(request, response, pass);
    else {
      expectContinue(request, response);
      watchUnjudged(guarding, request, response);
      pass();
    }
  };
  // Node tells of an expectation, and leaves a CONNECT open, only where somebody listens.
  server.on('checkContinue', () => undefined);
  server.on('checkExpectation', () => undefined);
  // Without a listener Node closes a CONNECT unanswered and unseen. Where a guard only observes, there is no tunnel.
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    if (server.listenerCount('connect') === 1) socket.destroy();
  });
}

/** A layer that would be passed by: the request comes from another server, and was judged by the layer of that one. */
function secondGate({ judging }: Guarding, view: View): Gate | undefined {
  if (!View.isOfThisCopy(view)) return undefined;
  const first = View.layerOf(view);
  return judging.some(({ layer }) => layer === first) ? undefined : judging[0];
}

/** The layer that a request belongs to. */
function gateOf({ judging, met }: Guarding, request?: IncomingMessage): Gate | undefined {
  const gates = judging.length > 0 ? judging : met;
  if (gates.length < 2 || request === undefined) return gates[0];
  return gates.find((gate) => gate.serves(request.headers.host)) ?? gates[0];
}

/** On a server that no layer judges, what leaves without having met one is told: its path may be a route with a rule. */
function watchUnjudged({ met }: Guarding, request: IncomingMessage, response: ServerResponse): void {
  response.once('finish', () => {
    if (attachedView(request) !== undefined) return;
    const [gate] = met;
    gate?.selfCheck.tell(
      'ERR_BULWARK_NOT_PROTECTED',
      `an answer left that no layer has judged: a route stands above the layer, or a listener took the server's requests; use ${gate.hardened}`,
      { method: request.method, path: pathEvidence(request.url ?? '') },
    );
  });
}
