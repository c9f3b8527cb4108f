/** Every answer of a server, refused requests and those that were cut included, once it is over. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** An answer that is over. */
export interface SeenAnswer {
  readonly request: IncomingMessage;
  /** 0 where the client left before there was one. */
  readonly status: number;
  readonly milliseconds: number;
  /** Bytes that the connection sent meanwhile, heads included. */
  readonly bytes: number;
}

interface Started {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly server: Server;
}

// Node.js tells of requests here before any listener hears of them, and one of these may answer in their place.
const CHANNEL = 'http.server.request.start';

/** Watches a server until it is closed. */
export function watchAnswers(server: Server, onAnswer: (answer: SeenAnswer) => void): void {
  const onStart = (message: unknown): void => {
    const { request, response, server: asked } = message as Started;
    if (asked !== server) return;
    const start = performance.now();
    const { socket } = request;
    const before = socket.bytesWritten;
    response.once('close', () =>
      onAnswer({
        request,
        status: response.headersSent ? response.statusCode : 0,
        milliseconds: performance.now() - start,
        bytes: socket.bytesWritten - before,
      }),
    );
  };
  subscribe(CHANNEL, onStart);
  server.once('close', () => unsubscribe(CHANNEL, onStart));
}
