/** Servers with the policy's timeouts and caps, whose every answer, even the parser's own, carries its headers. */
import {
  createServer as createHttpServer,
  IncomingMessage,
  type Server,
  type ServerOptions,
  ServerResponse,
} from 'node:http';
import type { ServerOptions as TlsServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { BulwarkError } from '../core/errors.ts';
import { Exchange } from '../core/exchange.ts';
import type { Verdict } from '../core/verdict.ts';
import type { TimeoutSettings } from '../firewall/timeouts.options.ts';
import type { Layer } from '../layer/layer.ts';
import { refusalOfParserError } from './client-error.ts';
import { watchConnections } from './connections.ts';
import { expectContinue, openExchange } from './node-host.ts';
import { isClosing } from './linger.ts';
import { peerOf } from './peer.ts';
import { refuseOnSocket, requestInBody } from './raw-answer.ts';
import { refuse, sealResponse } from './response.ts';
import { createHttpsServer } from './https-server.ts';
import { attachedView, View } from './view.ts';

/** What answers requests: an Express application, a function. */
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** Key and certificate, where Bulwark ends TLS itself. */
export type TlsOptions = Pick<TlsServerOptions, 'key' | 'cert' | 'ca' | 'pfx' | 'passphrase' | 'SNICallback'>;

/** TLS 1.2 and 1.3 with AEAD suites only: Node's own list keeps CBC and CCM8 (RFC 9325 4.2). */
const TLS_DEFAULTS = {
  minVersion: 'TLSv1.2',
  honorCipherOrder: true,
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
} as const satisfies TlsServerOptions;

const secured = new WeakSet<object>();

/**
 * Makes a server for a listener that is under the layer already, such as an Express application that uses it.
 *
 * @throws BulwarkError ERR_BULWARK_INSECURE_PARSER where the server was told to accept malformed HTTP
 */
export function createServer(layer: Layer, listener: RequestListener, tls?: TlsOptions): Server {
  const options = serverOptions(layer.policy.timeouts);
  const server =
    tls === undefined
      ? createHttpServer(options, listener)
      : createHttpsServer(
          // Node waits two minutes for a handshake, in which no headers can be late yet.
          { ...options, handshakeTimeout: layer.policy.timeouts.headers, ...TLS_DEFAULTS, ...tls },
          listener,
        );
  secureServer(layer, server);
  return server;
}

/** Whether a server has the policy's timeouts and caps. */
export function isSecured(server: object): boolean {
  return secured.has(server);
}

/** Puts the policy's timeouts, caps and answers on a server. Safe to call twice. */
export function secureServer(layer: Layer, server: Server): void {
  if (secured.has(server)) return;
  secured.add(server);
  refuseInsecureParser(server);
  const { timeouts, firewall } = layer.policy;
  server.headersTimeout = timeouts.headers;
  server.requestTimeout = timeouts.request;
  server.keepAliveTimeout = timeouts.keepAlive;
  // Node drops lines over this count silently; one more than the guard takes, so that the guard sees and refuses them.
  server.maxHeadersCount = firewall.headerLines + 1;
  watchConnections(layer, server);
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    expectContinue(request, response);
    server.emit('request', request, response);
  });
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    refuseExpectation(layer, request, response);
  });
  guardEvents(layer, server);
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

/** The parser gave up on these bytes: there is no request, but there is an answer. */
function answerParserError(layer: Layer, error: NodeJS.ErrnoException, socket: Duplex): void {
  // An answer that ends the connection is out already, and what follows it is no matter. Nor is this the parser where
  // the socket is gone: whoever destroys an answer with an error has the error told here too.
  if (isClosing(socket) || socket.destroyed) return;
  const request = requestInBody(socket);
  const refusal = refusalOfParserError(error.code, request !== undefined);
  if (refusal === undefined) {
    socket.destroy();
    return;
  }
  const view = request && attachedView(request);
  const exchange = view === undefined ? nobodysExchange(peerOf(socket as Socket)) : View.exchangeOf(view);
  layer.report(exchange, 'framing', refusal);
  refuseOnSocket(layer, exchange, refusal, socket);
}

function refuseExpectation(layer: Layer, request: IncomingMessage, response: ServerResponse): void {
  if (isClosing(request.socket)) return;
  const exchange = openExchange(layer, request);
  sealResponse(response, layer, exchange);
  refuse(response, {
    status: 417,
    type: 'expectation-failed',
    detail: 'The only expectation this server meets is 100-continue.',
    close: true,
  });
}

/**
 * What does not come as a request. An upgrade would go past every guard (past failure 31): it is judged first, and only
 * then shown to the application. A parser's error has one answer, which is the layer's: a framework that listens too
 * would write a second one, without a header of the policy, and cut the first.
 */
function guardEvents(layer: Layer, server: Server): void {
  const emit = server.emit.bind(server);
  server.emit = function guardedEmit(event: string, ...args: unknown[]): boolean {
    const [first, socket] = args;
    if (event === 'clientError') answerParserError(layer, first as NodeJS.ErrnoException, socket as Duplex);
    else if ((event === 'upgrade' || event === 'connect') && first instanceof IncomingMessage)
      judgeUpgrade(layer, first, socket as Duplex, () => emit(event, ...args));
    else return emit(event, ...args);
    return true;
  };
  // Without a listener Node closes a CONNECT unanswered and unseen. Where a guard only observes, there is no tunnel.
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    if (server.listenerCount('connect') === 1) socket.destroy();
  });
}

function judgeUpgrade(layer: Layer, request: IncomingMessage, socket: Duplex, pass: () => void): void {
  // Node has taken its own listener off: a client that resets before it is answered would end this process.
  socket.on('error', destroyThis);
  if (isClosing(socket)) return;
  const exchange = openExchange(layer, request);
  const settle = (verdict: Verdict): void => {
    if (verdict === undefined) pass();
    else refuseOnSocket(layer, exchange, verdict, socket);
  };
  const verdict = layer.decide(exchange);
  if (verdict instanceof Promise) void verdict.then(settle);
  else settle(verdict);
}

function destroyThis(this: Duplex): void {
  this.destroy();
}

/** An exchange for bytes that were no request. */
function nobodysExchange(peer: string): Exchange {
  const request = {
    method: '',
    target: '',
    httpVersion: '',
    rawHeaders: [],
    headers: {},
    peer,
    encrypted: false,
  };
  return new Exchange(request, Date.now(), () => Promise.resolve(undefined));
}
