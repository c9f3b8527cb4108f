/** Servers that write and close as they please, byte by byte, and the pool of the gateway before them. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { UpstreamAddress } from '../../src/gateway/options/upstream-address.ts';
import type { AnswerHead } from '../../src/gateway/upstream/answer-head.ts';
import type { RequestSink, UpstreamRequest } from '../../src/gateway/upstream/connection.ts';
import type { UpstreamFault } from '../../src/gateway/upstream/fault.ts';
import { type UpstreamCall, type UpstreamOptions, UpstreamPool } from '../../src/gateway/upstream/pool.ts';
import type { Visitor } from '../../src/gateway/upstream/visitor.ts';

/** Long, so that no stall of a busy machine makes anything late: a test that is about being late has its own. */
export const TIMES = { connect: 60_000, firstByte: 60_000, idle: 60_000 };
/** Who asks. */
export const ANN: Visitor = {
  line: { destroyed: false },
  address: '192.0.2.1',
  cookie: 'sid=a',
  authorization: undefined,
};
export const GET: UpstreamRequest = {
  method: 'GET',
  head: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  body: undefined,
  mayUpgrade: false,
  visitor: ANN,
};
export const POST: UpstreamRequest = {
  ...GET,
  visitor: undefined,
  method: 'POST',
  head: 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n',
  body: Buffer.from('hi'),
};
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** A server of raw connections, and what came on each. */
export async function upstream(
  t: TestContext,
  serve: (socket: Socket, request: number, connection: number) => void,
): Promise<{ address: UpstreamAddress; connections: Socket[]; received: string[] }> {
  const connections: Socket[] = [];
  const received: string[] = [];
  const server = createServer((socket) => {
    const number = connections.push(socket) - 1;
    received[number] = '';
    let requests = 0;
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      const before = received[number] ?? '';
      received[number] = before + bytes.toString('latin1');
      const heads = received[number].split('\r\n\r\n').length - 1;
      for (; requests < heads; requests += 1) serve(socket, requests, number);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of connections) socket.destroy();
    server.close();
  });
  return {
    address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    connections,
    received,
  };
}

/** A pool before it, which is closed with the test. */
export function poolOf(
  t: TestContext,
  address: UpstreamAddress,
  options: Partial<UpstreamOptions> = {},
): UpstreamPool {
  const pool = new UpstreamPool({
    address,
    times: TIMES,
    connections: 4,
    waiting: 4,
    wait: 60_000,
    keepAlive: 60_000,
    ...options,
  });
  t.after(() => pool.close());
  return pool;
}

/** How one request fared. */
export interface Fared {
  readonly call: UpstreamCall;
  readonly done: Promise<string>;
  readonly begun: Promise<void>;
  bytes: number;
}

/** Sends a request, and tells in one text how it fared. */
export function send(pool: UpstreamPool, request: UpstreamRequest, onData?: () => void): Fared {
  const begun = Promise.withResolvers<void>();
  const done = Promise.withResolvers<string>();
  let text = '';
  const sink: RequestSink = {
    information: ({ status }) => (text += `${status},`),
    head: ({ status }: AnswerHead) => {
      text += `${status} `;
      begun.resolve();
    },
    data: (bytes) => {
      fared.bytes += bytes.length;
      if (bytes.length < 100) text += bytes.toString('latin1');
      onData?.();
    },
    trailers: () => undefined,
    end: () => done.resolve(text),
    upgraded: ({ status }, rest, socket) => {
      done.resolve(`${status} upgraded ${rest.toString('latin1')}`);
      socket.destroy();
    },
    failed: (fault: UpstreamFault) => done.resolve(`${text}${fault.kind}`),
  };
  const fared: Fared = { call: pool.send(request, sink), done: done.promise, begun: begun.promise, bytes: 0 };
  return fared;
}

/** Resolves once a connection has ended. */
export async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, 'close');
}
