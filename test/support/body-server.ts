/** A bare server of Node.js for tests of request bodies: each test says what it does with a request. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before } from 'node:test';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** The server, once the tests run. */
export interface BodyServer {
  readonly port: number;
  /** Whose answer is sent; what it fails with is told by its code. */
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<string>;
  /** Sends a body, and resolves to what comes back. */
  readonly send: (body: string, path?: string) => Promise<string>;
}

/** Starts and stops it around the tests of the file. @param onContinue - for requests that expect 100 */
export function bodyServer(onContinue?: (listener: Listener) => Listener): BodyServer {
  let port = 0;
  const listener: Listener = (request, response) => {
    void made.handle(request, response).then(
      (answer) => response.end(answer),
      (error: unknown) => response.end(`failed: ${(error as { code?: string }).code}`),
    );
  };
  const server = createServer(listener);
  if (onContinue !== undefined) server.on('checkContinue', onContinue(listener));
  before(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    ({ port } = server.address() as AddressInfo);
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const made: BodyServer = {
    get port() {
      return port;
    },
    handle: () => Promise.resolve(''),
    send: (body, path = '/') =>
      fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body }).then((answer) => answer.text()),
  };
  return made;
}

/** All of a request's body, as a handler reads it. */
export async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
