/** One request, through to the upstream, and its answer back. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { canonicalForm } from '../controls/uploads/multipart/canonical-form.ts';
import { REMAKING } from '../controls/uploads/uploads.ts';
import type { Exchange } from '../core/exchange.ts';
import { type Refusal, sessionsUnavailable } from '../core/verdict.ts';
import type { Mode } from '../core/guard.ts';
import type { Layer } from '../layer/layer.ts';
import { ForwardLines } from '../core/forward-head.ts';
import { leaveUnfinished } from '../node/late-read.ts';
import { refuse, relayHead } from '../node/response.ts';
import { DebugPageSink, type ReplaceableSink } from './answers/debug-pages.ts';
import { answerLines, trailerLines } from './answer-lines.ts';
import { GATEWAY_EVENTS } from './gateway.events.ts';
import type { OpenStreams } from './open-streams.ts';
import type { Pages } from './pages/pages.ts';
import { faultRefusal, HEAD_TOO_LARGE, NO_ROOM } from './refusals.ts';
import { type HeadLimits, isTooLarge, requestLines, writeRequestHead } from './request-lines.ts';
import { type Spool, type SpooledBody, SpoolFullError } from './spool.ts';
import { upstreamTarget } from './target.ts';
import { tellUpstream } from './tell-upstream.ts';
import { writeThisTurn } from './turn.ts';
import type { AnswerHead } from './upstream/answer-head.ts';
import type { RequestSink } from './upstream/connection.ts';
import type { UpstreamFault } from './upstream/fault.ts';
import type { UpstreamGroup } from './upstream/group.ts';
import type { UpstreamCall } from './upstream/pool.ts';
import { lineOf, type Visitor } from './upstream/visitor.ts';
import type { SignIn } from './sign-in/sign-in.ts';
import type { Vault } from './vault/vault.ts';

/** What a gateway forwards by. */
export interface ForwardParts {
  readonly layer: Layer;
  readonly pool: UpstreamGroup;
  readonly spool: Spool;
  /** Bytes of a request line and its header lines, and how many lines: what upstreams are known to take. */
  readonly head: HeadLimits;
  /** Where session cookies of the upstream stay here. */
  readonly vault: Vault | undefined;
  /** Where sign-ins to the upstream are watched. */
  readonly signIn: SignIn | undefined;
  /** What stays open behind its answer. */
  readonly streams: OpenStreams;
  /** Where the application's pages get a policy. */
  readonly pages: Pages | undefined;
  readonly debugPages: Mode;
}

const HAS_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/**
 * Forwards a request that the layer let pass: at once where it has no body. What it answers with rejects where its client goes
 * away before its body is whole.
 */
export function forward(
  parts: ForwardParts,
  exchange: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
): void | Promise<void> {
  const lines = linesOf(parts, exchange, request.rawHeaders);
  if (!(lines instanceof ForwardLines)) {
    refuseWith(parts.layer, exchange, response, lines);
    return undefined;
  }
  if (exchange.body.declared.present) return forwardWhole(parts, exchange, request, response, lines);
  parts.pages?.noteHead(exchange);
  // A form without a field: servers answer 411 where nothing says that there is no body (RFC 9110 8.6).
  if (HAS_BODY.has(request.method ?? '')) lines.set('Content-Length', '0');
  send(parts, exchange, request, response, lines, undefined);
  return undefined;
}

/** With its body, once that is whole. */
async function forwardWhole(
  parts: ForwardParts,
  exchange: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
  lines: ForwardLines,
): Promise<void> {
  const body = await take(parts, exchange, response);
  if (body === undefined) return;
  response.once('close', () => body.release());
  // The client left while its body was taken, and nothing closes any more that would give its room back.
  if (response.destroyed) {
    body.release();
    return;
  }
  lines.set('Content-Length', String(body.bytes));
  send(parts, exchange, request, response, lines, body);
}

function send(
  parts: ForwardParts,
  exchange: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
  lines: ForwardLines,
  body: SpooledBody | undefined,
): void {
  const method = request.method ?? '';
  const visitor = body === undefined ? visitorOf(parts, exchange, request, response) : undefined;
  // Apache and Tomcat say how long they keep a connection only where they are asked to.
  lines.set('Connection', visitor === undefined ? 'close' : 'keep-alive');
  const relay = new Relay(parts, exchange, request, response);
  const head = writeRequestHead(method, upstreamTarget(exchange), lines.rawHeaders);
  const sink = lookedAt(parts, relay);
  relay.call = parts.pool.send({ method, head, body: body?.content(), mayUpgrade: false, visitor }, sink);
}

/**
 * Who asks, where a kept connection may carry the request. What may change something never meets one that is just closing, and
 * behind a body that a server has not read to its end the rest would be read as the next request.
 */
function visitorOf(
  { pool }: ForwardParts,
  exchange: Exchange,
  { method, socket, headers }: IncomingMessage,
  { shouldKeepAlive }: ServerResponse,
): Visitor | undefined {
  if ((method !== 'GET' && method !== 'OPTIONS') || !pool.keeps) return undefined;
  const line = lineOf(socket);
  // It ends with this answer, and nobody else may have what was kept for it.
  if (line === socket && !shouldKeepAlive) return undefined;
  return {
    line,
    address: exchange.client.address,
    cookie: headers.cookie,
    authorization: headers.authorization,
  };
}

/** Who looks at an answer before it goes on. */
export function lookedAt({ pages, debugPages, signIn }: ForwardParts, relay: Relay): RequestSink {
  const judged = signIn?.sink(relay.exchange, relay) ?? relay;
  const sink = pages?.watch(relay.exchange, judged) ?? judged;
  return debugPages === 'off' ? sink : new DebugPageSink(debugPages, sink, relay);
}

/** The head for the upstream, once every guard has looked at it; or why there is none. */
export function linesOf(
  { layer, head }: ForwardParts,
  exchange: Exchange,
  rawHeaders: readonly string[],
): ForwardLines | Refusal {
  const lines = requestLines(rawHeaders);
  const verdict = layer.forward(exchange, lines);
  if (verdict !== undefined) return verdict;
  tellUpstream(lines, exchange);
  return isTooLarge(upstreamTarget(exchange), lines.rawHeaders, head) ? HEAD_TOO_LARGE : lines;
}

async function take(
  { layer, spool, pages }: ForwardParts,
  exchange: Exchange,
  response: ServerResponse,
): Promise<SpooledBody | undefined> {
  try {
    const remaking = exchange.get(REMAKING);
    const pieces = pages?.body(exchange) ?? exchange.body.take();
    return await spool.take(remaking === undefined ? pieces : canonicalForm(pieces, remaking));
  } catch (error) {
    if (!(error instanceof SpoolFullError)) throw error;
    refuseWith(layer, exchange, response, NO_ROOM);
    return undefined;
  }
}

/** The sessions that a request was made in: of the layer, and of the application where its cookies are in the vault. */
export function sessionsOf({ vault }: ForwardParts, exchange: Exchange): readonly string[] {
  const held = vault?.idHashOf(exchange);
  const own = exchange.session?.idHash;
  return [own, held].filter((idHash) => idHash !== undefined);
}

/** Answers in the upstream's place, and tells the log. */
function refuseWith(layer: Layer, exchange: Exchange, response: ServerResponse, refusal: Refusal): void {
  if (refuse(response, refusal)) layer.report(exchange, 'upstream', refusal);
}

/**
 * What is left of an answer, where it is no more than this, goes out in one write with what stands before it: as text of one
 * byte a character, which Node.js writes in one piece with the head.
 */
const IN_ONE_PIECE = 16_384;

/** Passes an answer on as it comes, no faster than the client takes it. */
export class Relay implements ReplaceableSink {
  readonly #parts: ForwardParts;
  readonly exchange: Exchange;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  /** What came behind a head that waits for the vault: a piece at most, since the upstream is not read meanwhile. */
  #held: (() => void)[] | undefined;
  /** A head that waits for the first byte behind it, and its lines: an upstream that dies before that can still be answered for. */
  #due: AnswerHead | undefined;
  #dueLines: readonly string[] = [];
  /** The last of it goes out at the end of this turn. */
  #isFinishing = false;
  call: UpstreamCall | undefined;
  #unwatch: (() => void) | undefined;

  constructor(parts: ForwardParts, exchange: Exchange, request: IncomingMessage, response: ServerResponse) {
    this.#parts = parts;
    this.exchange = exchange;
    this.#request = request;
    this.#response = response;
    response.on('close', () => {
      this.#unwatch?.();
      if (!response.writableFinished) this.call?.abort();
    });
  }

  information({ status, rawHeaders }: AnswerHead): void {
    if (status !== 103 || this.#request.httpVersion === '1.0') return;
    const links = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'link');
    if (links.length > 0) this.#response.writeEarlyHints({ link: links });
  }

  head(head: AnswerHead): void {
    const { status, framing, rawHeaders } = head;
    const hasLength = framing.kind === 'length' || this.#request.method === 'HEAD' || status === 304;
    const lines = answerLines(rawHeaders, hasLength);
    const left = this.#parts.vault?.take(this.exchange, lines) ?? lines;
    if (!(left instanceof Promise)) {
      this.#writeHead(head, left);
      return;
    }
    this.#held = [];
    this.call?.pause();
    void left.then(
      (later) => this.#goOn(head, later),
      (error: unknown) => this.#withhold(error),
    );
  }

  data(bytes: Buffer, isLast: boolean): void {
    if (this.#held !== undefined) {
      this.#held.push(() => this.data(bytes, isLast));
      return;
    }
    if (this.#due !== undefined) this.#sendHead(this.#due, this.#dueLines);
    if (isLast && bytes.length <= IN_ONE_PIECE) this.#finish(bytes.toString('latin1'));
    else if (!this.#response.write(bytes)) this.#wait();
  }

  trailers(rawTrailers: readonly string[]): void {
    if (this.#held !== undefined) {
      this.#held.push(() => this.trailers(rawTrailers));
      return;
    }
    const trailers = trailerLines(rawTrailers);
    if (trailers.length > 0) this.#response.addTrailers(trailers);
  }

  end(): void {
    if (this.#held !== undefined) this.#held.push(() => this.end());
    else if (!this.#isFinishing && !this.#response.writableEnded) this.#response.end();
  }

  #finish(text: string): void {
    this.#isFinishing = true;
    writeThisTurn(() => {
      // The client may have left since.
      if (!this.#response.destroyed) this.#response.end(text, 'latin1');
    });
  }

  /** Nobody asked for one. */
  upgraded(_head: AnswerHead, _rest: Buffer, socket: { destroy(): unknown }): void {
    socket.destroy();
    this.#response.destroy();
  }

  failed(fault: UpstreamFault): void {
    this.#due = undefined;
    if (this.#held !== undefined) this.#held.push(() => this.failed(fault));
    else if (fault.kind === 'left') this.#response.destroy();
    else if (this.#response.headersSent) this.#cut(fault);
    else refuseWith(this.#parts.layer, this.exchange, this.#response, faultRefusal(fault));
  }

  /** The client takes no more for now, so neither does the gateway. */
  #wait(): void {
    this.call?.pause();
    this.#response.once('drain', () => this.call?.resume());
  }

  replace(refusal: Refusal): void {
    this.call?.abort();
    this.#due = undefined;
    refuseWith(this.#parts.layer, this.exchange, this.#response, refusal);
  }

  observe(guard: string, refusal: Refusal): void {
    this.#parts.layer.report(this.exchange, guard, refusal, true);
  }

  #writeHead(head: AnswerHead, lines: readonly string[]): void {
    if (head.framing.kind === 'length' && head.framing.bytes > 0) {
      this.#due = head;
      this.#dueLines = lines;
    } else this.#sendHead(head, lines);
  }

  #sendHead({ status, reason, framing }: AnswerHead, lines: readonly string[]): void {
    this.#due = undefined;
    if (!relayHead(this.#response, status, reason, lines)) return;
    // A body that comes slowly, such as events, has its head out at once.
    if (framing.kind !== 'chunked' && framing.kind !== 'until-close') return;
    this.#response.flushHeaders();
    this.#watch();
  }

  /** An answer without a length may be one of events, which stays open as long as nobody ends it. */
  #watch(): void {
    const sessions = sessionsOf(this.#parts, this.exchange);
    if (sessions.length === 0) return;
    const cut = (): void => {
      this.call?.abort();
      this.#parts.layer.audit.write(GATEWAY_EVENTS.streamEnded, {}, this.exchange);
      this.#response.socket?.destroySoon();
    };
    this.#unwatch = this.#parts.streams.add({ kind: 'answer', sessions, cut, received: () => 0 });
  }

  #goOn(head: AnswerHead, lines: readonly string[]): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#writeHead(head, lines);
    this.call?.resume();
    for (const run of held) run();
  }

  // The cookies of this answer could not be kept: a sign-in would be lost, and a sign-out would only look like one.
  #withhold(error: unknown): void {
    this.replace(sessionsUnavailable(error));
  }

  // What came still goes out, and then the connection ends without an end of the body: it must not look whole.
  #cut(fault: UpstreamFault): void {
    this.#parts.layer.report(this.exchange, 'upstream', faultRefusal(fault));
    const response = this.#response;
    // To HTTP/1.0 a body without a length ends with its connection: only a reset says that there was more.
    if (response.chunkedEncoding || response.hasHeader('content-length')) response.socket?.destroySoon();
    else leaveUnfinished(response, () => undefined);
  }
}
