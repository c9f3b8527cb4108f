/** A real server with short timeouts, and clients that do not behave. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { bulwark } from '../../src/adapters/node.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import type { TlsOptions } from '../../src/node/server.ts';
import type { View } from '../../src/layer/view.ts';
import { listen, type Running, testPolicy } from '../hosts/hosts.ts';
import { ask, type RawAnswer, type RawRequest, writeRequest } from '../../src/testing/wire.ts';

/** What a test puts behind the layer. */
export type Handle = (request: IncomingMessage, response: ServerResponse, view: View) => unknown;

/** A handler for tests that are about what comes before it. */
export const hello: Handle = (_request, response) => void response.end('hello');

/** Limits that a test can wait for. They are far from each other, so that it is clear which of them acted. */
export const SHORT: NonNullable<PolicyOptions['timeouts']> = {
  headers: '300ms',
  request: '900ms',
  keepAlive: '5s',
  slowReader: '1s',
  checkEvery: '50ms',
  connectionsPerClient: 1000,
};

/** No limit on requests, where a test sends many. */
export const UNLIMITED: NonNullable<PolicyOptions['rateLimit']> = { perClient: '1000000/1s' };

/** Starts a handler under the layer, on a port of its own. */
export async function start(
  policy: PolicyOptions = {},
  handle: Handle = hello,
  tls?: TlsOptions,
): Promise<Running> {
  const events: AuditEvent[] = [];
  const layer = bulwark(testPolicy(events, policy));
  const listener = layer.handler((request, response) => handle(request, response, bulwark.of(request)));
  return listen(layer, layer.createServer(listener, tls), events);
}

/** Starts a server, hands it to a test, and stops it whatever comes of that. */
export async function withServer<T>(
  policy: PolicyOptions,
  handle: Handle,
  use: (running: Running) => Promise<T>,
): Promise<T> {
  const running = await start(policy, handle);
  try {
    return await use(running);
  } finally {
    await running.stop();
  }
}

/**
 * No test needs a connection for longer: a server that closes none fails it, instead of holding it up. Less than the 30 s
 * after which Node.js looks for the first time by itself, and far more than a busy machine stalls.
 */
export const LIFETIME_MS = 25_000;

/** A connection as a badly behaved client keeps it: what came is kept, nothing is read unless it is asked for. */
export class RawClient {
  readonly socket: Socket;
  /** Fails where the server has not closed after {@link LIFETIME_MS}. */
  readonly closed: Promise<void>;
  isClosed = false;
  #received = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve, reject) => {
      const overdue = setTimeout(() => {
        reject(new Error(`the server never closed; it said ${JSON.stringify(this.received)}`));
        socket.destroy();
      }, LIFETIME_MS).unref();
      socket.once('close', () => {
        clearTimeout(overdue);
        this.isClosed = true;
        resolve();
      });
    });
    // Not every test waits for the end.
    this.closed.catch(() => undefined);
    socket.on('error', () => socket.destroy());
  }

  /** Connects. `from` is the loopback address to come from: each one is a client of its own. */
  static async open(port: number, options: { from?: string; reads?: boolean } = {}): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', localAddress: options.from ?? '127.0.0.1' });
    const client = new RawClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    if (options.reads !== false) socket.on('data', (chunk: Buffer) => client.#keep(chunk));
    return client;
  }

  /** Everything that came so far. */
  get received(): string {
    return this.#received.toString('latin1');
  }

  send(bytes: string | Buffer): this {
    if (this.socket.writable) this.socket.write(bytes);
    return this;
  }

  /** Sends a request, the first `length` characters of it where that is given. */
  request(request: RawRequest, length?: number): this {
    return this.send(writeRequest(request).slice(0, length));
  }

  /** Goes away at once, with a reset. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  #keep(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
  }
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Whether someone else is served, now. A process that is held up is late for SHORT by itself, and not five times in a row. */
export async function othersAreServed(port: number, request: RawRequest = {}): Promise<RawAnswer> {
  let answer = await ask(port, request);
  for (let tries = 1; answer.status === 408 && tries < 5; tries += 1) answer = await ask(port, request);
  if (answer.status !== 200) throw new Error(`someone else got ${answer.status}: ${answer.body}`);
  return answer;
}

/** How many answers there are in what came over one connection. */
export function countAnswers(received: string): number {
  return received.match(/HTTP\/1\.1 \d{3} /g)?.length ?? 0;
}

/** Connections a server has open now. */
export function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => {
      if (error === null) resolve(count);
      else reject(error);
    });
  });
}

/** A request from a page of the site itself. */
export const OWN_PAGE: Readonly<Record<string, string>> = { 'sec-fetch-site': 'same-origin' };
