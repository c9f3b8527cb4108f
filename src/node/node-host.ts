/** The layer on Node.js: from a request and a response to a verdict, and on to the application. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Exchange } from '../core/exchange.ts';
import type { Verdict } from '../core/verdict.ts';
import { bodyLimitOf, bodyTooLarge } from '../controls/firewall/body.ts';
import { beginTrace } from '../controls/traces/request-trace.ts';
import type { Layer } from '../layer/layer.ts';
import { flowOf } from './body-flow.ts';
import { tellToContinue } from './expectation.ts';
import { IncomingBody } from './incoming-body.ts';
import { endBody } from './end-body.ts';
import { handingOn } from './handed-on.ts';
import { readRest, tooLarge } from './request-body.ts';
import { requestFacts } from './request-facts.ts';
import { isSealed, refuse, sealResponse } from './response.ts';
import { attachView, View } from '../layer/view.ts';

/** Runs one exchange through the layer, and `next` if nothing speaks against it. */
export function handleExchange(
  layer: Layer,
  exchange: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
): void {
  sealResponse(response, layer, exchange);
  // A declared length was judged by the body guard, and the parser holds the body to it.
  if (request.headers['transfer-encoding'] !== undefined && layer.policy.body.mode !== 'off')
    boundBody(layer, exchange, request, response);
  const trace = beginTrace(exchange, layer.policy.traces);
  const traced = trace === undefined ? next : (): void => trace.run(next, request, response);
  const goOn = handingOn(layer, exchange, request, response, traced);
  if (trace !== undefined) response.once('close', () => trace.end(response.statusCode));
  const verdict = trace === undefined ? layer.decide(exchange) : trace.decide(() => layer.decide(exchange));
  if (verdict instanceof Promise) void verdict.then((later) => proceed(later, request, response, goOn));
  else proceed(verdict, request, response, goOn);
}

/**
 * Seals what answers a request that was judged already, where nothing does yet: listeners for upgrades give theirs to
 * the application with a response of their own making.
 */
export function sealJudged(view: View, response: ServerResponse): void {
  if (!isSealed(response)) sealResponse(response, View.layerOf(view), View.exchangeOf(view));
}

function proceed(
  verdict: Verdict,
  request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
): void {
  if (verdict !== undefined) {
    refuse(response, verdict);
    return;
  }
  // Answered while a guard looked at the body, which was too large.
  if (response.writableEnded) return;
  if (isLeftAlone(request)) return;
  tellToContinue(request);
  next();
}

/**
 * Whether the client went away while a store was asked, and nothing but an answer was wanted. A handler that is called after
 * its request was closed never hears of that: a stream of events, or a proxy's connection, would stay open for good. What
 * changes something is carried out, as it is where no store is asked.
 */
function isLeftAlone({ method, socket }: IncomingMessage): boolean {
  return socket.destroyed && (method === 'GET' || method === 'HEAD');
}

/** Opens an exchange for a request and attaches its view. */
export function openExchange(layer: Layer, request: IncomingMessage, response?: ServerResponse): Exchange {
  const body = new IncomingBody(request, response);
  const exchange = new Exchange(requestFacts(request), Date.now(), body, body);
  attachView(request, new View(layer, exchange));
  return exchange;
}

/** Holds a body that declares no length to its limit, before the answer and after it. */
function boundBody(
  layer: Layer,
  exchange: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  let told = false;
  const limit = (): number => bodyLimitOf(exchange, layer.policy.body);
  flowOf(request).count(limit, () => {
    if (!told) layer.report(exchange, 'body', bodyTooLarge(limit()), layer.policy.body.mode === 'observe');
    told = true;
    // Once the answer is out nothing is left to observe: what still comes is only read away.
    if (layer.policy.body.mode === 'observe' && !response.writableFinished) return false;
    endBody(request, response, bodyTooLarge(limit()), tooLarge(limit()));
    return true;
  });
  // Before Node's own, which lets the rest come uncounted.
  response.prependOnceListener('finish', () => readRest(request, response));
}
