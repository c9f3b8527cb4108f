/** Answers written straight to a socket: where Node.js has no response object, the headers are the same ones all the same. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { Exchange } from '../core/exchange.ts';
import { ListedHead } from '../core/listed-head.ts';
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
  const answer = layer.answer(exchange, refusal);
  const head = new ListedHead(answer.status, answer.headers);
  layer.dress(exchange, head);
  head.setHeader('Connection', 'close');
  head.setHeader('Date', new Date().toUTCString());
  socket.write(writeHead(head));
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

/** A head as it stands on the wire. */
export function writeHead(head: ListedHead): string {
  const { statusCode } = head;
  return `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode] ?? ''}\r\n${writeFields(head)}\r\n`;
}

/** Its lines, without the first and the empty one. */
export function writeFields({ lines }: ListedHead): string {
  return lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
}
