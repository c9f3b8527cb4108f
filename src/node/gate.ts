/** Where what a server receives meets the layer: before any listener hears of it, or inside a framework at the latest. */
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { NO_BODY } from '../core/body.ts';
import { Exchange } from '../core/exchange.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import { INTERNAL_ERROR, type Refusal, type Verdict } from '../core/verdict.ts';
import { AddressBook } from '../controls/firewall/address.ts';
import { hostTest } from '../controls/firewall/host.ts';
import { badRequest, flaw } from '../controls/firewall/refusals.ts';
import { beginTrace } from '../controls/traces/request-trace.ts';
import type { Layer } from '../layer/layer.ts';
import { refusalOfParserError } from './client-error.ts';
import { expectContinue } from './expectation.ts';
import { runAtWork } from './handed-on.ts';
import { isClosing } from './linger.ts';
import { handleExchange, openExchange } from './node-host.ts';
import { peerOf } from './peer.ts';
import { isNamed } from './proxied-connections.ts';
import { refuseOnSocket, requestInBody } from './raw-answer.ts';
import { isSealed, refuse, sealResponse } from './response.ts';
import { SelfCheck } from './self-check.ts';
import { sealSwitch } from './switched-socket.ts';
import { attachedView, View } from '../layer/view.ts';
import { PROBLEMS } from '../core/problem-types.ts';
import { NODE_EVENTS } from './node.events.ts';

const ABSOLUTE_FORM = badRequest(flaw('absolute-form where a framework routes by it'));

/** One layer, as servers and frameworks on Node.js ask it. */
export class Gate {
  readonly layer: Layer;
  readonly selfCheck: SelfCheck;
  /** The call that makes a hardened server in this framework. */
  readonly hardened: string;
  /** Whether this layer answers for a Host: asked where several layers share one server. */
  readonly serves: (host: string | undefined) => boolean;

  /** Whether its layer was closed: it still stands before its servers, and gives way to the next one they are given to. */
  closed = false;

  readonly #book: AddressBook;

  constructor(layer: Layer, hardened: string) {
    this.layer = layer;
    this.#book = new AddressBook(layer.policy.proxy);
    this.selfCheck = new SelfCheck(layer);
    this.hardened = hardened;
    const { firewall, origin, environment, origins } = layer.policy;
    this.serves = hostTest(firewall, origin, environment, origins);
  }

  /**
   * Judges a request before any listener of its server hears of it. Absolute-form for our own host (RFC 9112 3.2.2) comes
   * to all of them as the path that the guards judged: a router that has begun to read would cut it at the wrong place.
   */
  judgeRequest(request: IncomingMessage, response: ServerResponse, pass: () => void): void {
    if (isClosing(request.socket)) return;
    const exchange = this.#open(request, response);
    handleExchange(this.layer, exchange, request, response, () => {
      request.url = exchange.target;
      pass();
    });
  }

  /** As {@link judgeRequest}, for a client that waits for `100 Continue` before it sends its body. */
  judgeExpecting(request: IncomingMessage, response: ServerResponse, pass: () => void): void {
    expectContinue(request, response);
    this.judgeRequest(request, response, pass);
  }

  /**
   * Judges a request that a framework handed on. Its router may have read the target already, so nothing of it is changed
   * here, and absolute-form is refused: a mount would make another target of it than the guards judged.
   */
  judgeInside(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    if (isClosing(request.socket)) return;
    const exchange = this.#open(request, response);
    if (this.#refusesForm(exchange)) {
      sealResponse(response, this.layer, exchange);
      refuse(response, this.layer.admit(exchange) ?? ABSOLUTE_FORM);
    } else handleExchange(this.layer, exchange, request, response, next);
  }

  #refusesForm(exchange: Exchange): boolean {
    const { target } = exchange.request;
    const { mode } = this.layer.policy.firewall;
    if (target.startsWith('/') || target === '*' || mode === 'off') return false;
    this.layer.report(exchange, 'url', ABSOLUTE_FORM, mode === 'observe');
    return mode === 'enforce';
  }

  /** Judges an upgrade before a listener hears of it: it would go past every guard (past failure 31). */
  judgeUpgrade(request: IncomingMessage, socket: Duplex, pass: () => void): void {
    // Node has taken its own listener off: a client that resets before it is answered would end this process.
    socket.on('error', destroyThis);
    if (isClosing(socket)) return;
    const exchange = this.#open(request);
    const trace = beginTrace(exchange, this.layer.policy.traces);
    const settle = (verdict: Verdict): void => {
      // What is sent once the protocol is another one has no end that a span could wait for.
      trace?.end(verdict?.status ?? 101);
      if (verdict !== undefined) {
        refuseOnSocket(this.layer, exchange, verdict, socket);
        return;
      }
      // The client went away while a store was asked: who takes the socket over now would never hear of its end.
      if (socket.destroyed) return;
      request.url = exchange.target;
      sealSwitch(this.layer, exchange, socket);
      const goOn = (): void => runAtWork(request, () => socket.destroyed, pass);
      if (trace === undefined) goOn();
      else trace.run(goOn, request);
    };
    const decide = (): MaybePromise<Verdict> => this.layer.decide(exchange);
    const verdict = trace === undefined ? decide() : trace.decide(decide);
    if (verdict instanceof Promise) void verdict.then(settle);
    else settle(verdict);
  }

  /**
   * Answers what another layer has judged, for its own server. One policy a request: a second one would look as if it held,
   * and its rules would never be asked.
   */
  refuseSecond(view: View, answer: ServerResponse | Duplex): void {
    const message = 'a request came to a second layer: put all rules into one policy and mount one layer';
    this.layer.audit.writeGated(NODE_EVENTS.weakened, { code: 'ERR_BULWARK_SECOND_LAYER', message });
    if (!(answer instanceof ServerResponse))
      refuseOnSocket(View.layerOf(view), View.exchangeOf(view), INTERNAL_ERROR, answer);
    else if (isSealed(answer)) refuse(answer, INTERNAL_ERROR);
    else {
      // Sealed by another copy of the package, whose errors guard says the rest.
      answer.statusCode = INTERNAL_ERROR.status;
      answer.end();
    }
  }

  /** Answers an unknown `Expect` with a refusal; the application is not asked. */
  refuseExpectation(request: IncomingMessage, response: ServerResponse): void {
    if (isClosing(request.socket)) return;
    const exchange = this.#open(request, response);
    sealResponse(response, this.layer, exchange);
    refuse(response, this.layer.admit(exchange) ?? UNMET_EXPECTATION);
  }

  /** The parser gave up on these bytes: there is no request, but there is an answer. */
  answerParserError(error: NodeJS.ErrnoException, socket: Duplex): void {
    // An answer that ends the connection is out already, and what follows it is no matter. Nor is this the parser where
    // the socket is gone: an application that destroys an answer with an error has the error told here too.
    if (isClosing(socket) || socket.destroyed) return;
    const request = requestInBody(socket);
    const refusal = refusalOfParserError(error.code, request !== undefined);
    if (refusal === undefined) {
      socket.destroy();
      return;
    }
    const peer = peerOf(socket as Socket);
    // Of whom a proxy has named already, a head is made up: it is a client, and not to be recommended.
    if (!isNamed(socket))
      this.selfCheck.lookAtBytes((error as { readonly rawPacket?: Buffer }).rawPacket, peer);
    const view = request && attachedView(request);
    const exchange = view === undefined ? nobodysExchange(peer) : View.exchangeOf(view);
    // Counted with its request, where there is one. Behind a proxy the client of these bytes is not known: all clients of
    // that proxy would pay for them.
    const isFree = view !== undefined || this.#book.peer(peer).trusted;
    const refused = isFree ? undefined : this.layer.admit(exchange);
    if (refused === undefined) this.layer.report(exchange, 'framing', refusal);
    refuseOnSocket(this.layer, exchange, refused ?? refusal, socket);
  }

  #open(request: IncomingMessage, response?: ServerResponse): Exchange {
    const exchange = openExchange(this.layer, request, response);
    this.selfCheck.look(request, exchange);
    return exchange;
  }
}

const UNMET_EXPECTATION: Refusal = {
  ...PROBLEMS.expectationFailed,
  detail: 'The only expectation this server meets is 100-continue.',
  close: true,
};

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
  return new Exchange(request, Date.now(), NO_BODY);
}
