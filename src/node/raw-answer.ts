/** Answers written straight to a socket: where Node.js has no response object, the headers are the same ones all the same. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { Exchange, OutgoingHead } from '../core/exchange.ts';
import type { HeaderKey, HeaderLine } from '../core/header-line.ts';
import type { Refusal } from '../core/verdict.ts';
import type { Layer } from '../layer/layer.ts';
import { lingeringClose } from './linger.ts';

/**
 * Writes a refusal as a whole HTTP/1.1 response and closes the connection; only that, where an answer is half out or
 * another request is still waiting for its own.
 */
export function refuseOnSocket(layer: Layer, exchange: Exchange, refusal: Refusal, socket: Duplex): void {
  const { _httpMessage: answering } = socket as Answering;
  // The answer came before the body ended in this: a second one would be read as that to the next request.
  if (answering === null && requestInBody(socket) !== undefined) return lingeringClose(socket as Socket);
  // A second head would be read as part of the answer before it, and one out of turn as the answer to the request before.
  const outOfTurn = answering?.headersSent === true || answering?.req.complete === true;
  if (socket.destroyed || !socket.writable || outOfTurn) {
    socket.destroy();
    return undefined;
  }
  const head = new RawHead();
  const answer = layer.answer(exchange, refusal);
  head.statusCode = answer.status;
  for (const [name, value] of answer.headers) head.setHeader(name, value);
  layer.dress(exchange, head);
  head.setHeader('Connection', 'close');
  head.setHeader('Date', new Date().toUTCString());
  socket.write(head.toString());
  socket.write(answer.body);
  return lingeringClose(socket as Socket);
}

/** The request whose body is coming in on a connection, if one is. */
export function requestInBody(socket: Duplex): IncomingMessage | undefined {
  const incoming = (socket as Answering).parser?.incoming;
  return incoming?.complete === false ? incoming : undefined;
}

/** What Node.js keeps on a socket: the response that is being written, and the request that is being read. */
type Answering = Duplex & {
  readonly _httpMessage?: ServerResponse | null;
  readonly parser?: { readonly incoming?: IncomingMessage | null } | null;
};

/** A response head kept in a map, written out by hand. */
class RawHead implements OutgoingHead {
  statusCode = 200;
  readonly #lines = new Map<string, readonly [name: string, value: number | string | readonly string[]]>();

  getHeader(name: string): number | string | readonly string[] | undefined {
    return this.#lines.get(name.toLowerCase())?.[1];
  }

  setHeader(name: string, value: number | string | readonly string[]): void {
    this.#lines.set(name.toLowerCase(), [name, value]);
  }

  removeHeader(name: string): void {
    this.#lines.delete(name.toLowerCase());
  }

  addLine({ name, value }: HeaderLine): void {
    this.setHeader(name, value);
  }

  removeAll(names: ReadonlySet<HeaderKey>): void {
    for (const name of names) this.#lines.delete(name);
  }

  toString(): string {
    const lines = [`HTTP/1.1 ${this.statusCode} ${STATUS_CODES[this.statusCode] ?? ''}`];
    for (const [name, value] of this.#lines.values()) {
      for (const one of typeof value === 'object' ? value : [value]) lines.push(`${name}: ${one}`);
    }
    return `${lines.join('\r\n')}\r\n\r\n`;
  }
}
