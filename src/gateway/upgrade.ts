/** WebSockets through the gateway: judged like any other request, and then two sockets joined. */
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { bringsBody } from '../core/body.ts';
import type { Exchange } from '../core/exchange.ts';
import { ForwardLines } from '../core/forward-head.ts';
import { ListedHead } from '../core/listed-head.ts';
import { type Refusal, sessionsUnavailable } from '../core/verdict.ts';
import type { View } from '../layer/view.ts';
import { sealJudged } from '../node/node-host.ts';
import { refuseOnSocket, writeHead } from '../node/raw-answer.ts';
import { answerLines } from './answer-lines.ts';
import { type ForwardParts, linesOf, lookedAt, Relay, sessionsOf } from './forward.ts';
import { GATEWAY_EVENTS } from './gateway.events.ts';
import { NO_HANDSHAKE, NO_SUCH_PROTOCOL, OTHER_VERSION } from './refusals.ts';
import { writeRequestHead } from './request-lines.ts';
import { upstreamTarget } from './target.ts';
import type { AnswerHead } from './upstream/answer-head.ts';

/** Forwards a handshake that the layer let pass. */
export function forwardUpgrade(
  parts: ForwardParts,
  exchange: Exchange,
  view: View,
  request: IncomingMessage,
  socket: Duplex,
  rest: Buffer,
): void {
  const lines = readHandshake(request) ?? linesOf(parts, exchange, request.rawHeaders);
  if (!(lines instanceof ForwardLines)) {
    parts.layer.report(exchange, 'upstream', lines);
    refuseOnSocket(parts.layer, exchange, lines, socket);
    return;
  }
  lines.set('Connection', 'Upgrade');
  lines.set('Upgrade', 'websocket');
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  sealJudged(view, response);
  response.on('finish', () => (socket as Socket).destroySoon());
  const relay = new UpgradeRelay(parts, exchange, request, response, rest);
  const head = writeRequestHead('GET', upstreamTarget(exchange), lines.rawHeaders);
  relay.call = parts.pool.send(
    { method: 'GET', head, body: undefined, mayUpgrade: true },
    lookedAt(parts, relay),
  );
}

/** 16 bytes in base64. */
const KEY = /^[A-Za-z\d+/]{21}[AQgw]==$/;

/** Why what asks for another protocol is no handshake that every server reads as one. */
function readHandshake({ method, httpVersion, headers }: IncomingMessage): Refusal | undefined {
  if (headers.upgrade?.toLowerCase() !== 'websocket') return NO_SUCH_PROTOCOL;
  if (headers['sec-websocket-version'] !== '13') return OTHER_VERSION;
  // Bytes of a body would be taken for the first frames.
  const isPlain = method === 'GET' && httpVersion === '1.1' && !bringsBody(headers);
  return isPlain && KEY.test(headers['sec-websocket-key'] ?? '') ? undefined : NO_HANDSHAKE;
}

/** An answer that is no 101 goes out as any other. */
class UpgradeRelay extends Relay {
  readonly #parts: ForwardParts;
  readonly #response: ServerResponse;
  /** What the client sent behind its handshake. */
  readonly #rest: Buffer;

  constructor(
    parts: ForwardParts,
    exchange: Exchange,
    request: IncomingMessage,
    response: ServerResponse,
    rest: Buffer,
  ) {
    super(parts, exchange, request, response);
    this.#parts = parts;
    this.#response = response;
    this.#rest = rest;
  }

  override upgraded(answer: AnswerHead, rest: Buffer, upstream: Socket): void {
    const client = this.#response.socket;
    if (client === null || client.destroyed) {
      upstream.destroy();
      return;
    }
    this.#response.detachSocket(client);
    const lines = answerLines(answer.rawHeaders, false);
    const left = this.#parts.vault?.take(this.exchange, lines) ?? lines;
    if (left instanceof Promise) void this.#joinLater(left, rest, client, upstream);
    else this.#join(left, rest, client, upstream);
  }

  /** Neither socket is read until its other end is there. */
  async #joinLater(
    left: Promise<readonly string[]>,
    rest: Buffer,
    client: Socket,
    upstream: Socket,
  ): Promise<void> {
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    try {
      this.#join(await left, rest, client, upstream);
    } catch (error) {
      upstream.destroy();
      const refusal = sessionsUnavailable(error);
      this.#parts.layer.report(this.exchange, 'upstream', refusal);
      refuseOnSocket(this.#parts.layer, this.exchange, refusal, client);
    }
  }

  #join(lines: readonly string[], rest: Buffer, client: Socket, upstream: Socket): void {
    client.write(this.#headOf(lines));
    join(client, upstream, rest, this.#rest);
    const unwatch = this.#parts.streams.add({
      kind: 'socket',
      sessions: sessionsOf(this.#parts, this.exchange),
      cut: () => {
        this.#parts.layer.audit.write(GATEWAY_EVENTS.streamEnded, {}, this.exchange);
        client.destroySoon();
      },
      received: () => client.bytesRead,
    });
    client.once('close', unwatch);
  }

  #headOf(lines: readonly string[]): string {
    const head = new ListedHead(101, grouped(lines), 'switch');
    this.#parts.layer.dress(this.exchange, head);
    head.setHeader('Connection', 'Upgrade');
    head.setHeader('Upgrade', 'websocket');
    return writeHead(head);
  }
}

/** Joins two sockets, each no faster than the other takes it. Where one ends, so does the other. */
function join(client: Socket, upstream: Socket, fromUpstream: Buffer, fromClient: Buffer): void {
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.setTimeout(0);
    one.setNoDelay(true);
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroySoon());
  }
  if (fromUpstream.length > 0) client.write(fromUpstream);
  if (fromClient.length > 0) upstream.write(fromClient);
  client.pipe(upstream);
  upstream.pipe(client);
}

/** Lines by their name, so that none takes the place of another: cookies of a handshake come in several. */
function grouped(lines: readonly string[]): Iterable<readonly [name: string, values: readonly string[]]> {
  const byName = new Map<string, [name: string, values: string[]]>();
  for (let at = 0; at < lines.length; at += 2) {
    const name = lines[at] ?? '';
    const value = lines[at + 1] ?? '';
    const group = byName.get(name.toLowerCase());
    if (group === undefined) byName.set(name.toLowerCase(), [name, [value]]);
    else group[1].push(value);
  }
  return byName.values();
}
