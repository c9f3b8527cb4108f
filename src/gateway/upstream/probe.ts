/** Asks an upstream whether it is there. */
import { connect } from 'node:net';
import type { UpstreamAddress } from '../options/upstream-address.ts';
import { Connection } from './connection.ts';

/** How an upstream is asked. */
export interface ProbeOptions {
  /** None: a connection is made, and ended before anything is sent. */
  readonly path: string | undefined;
  /** What the application takes for its own host. */
  readonly host: string;
  /** Whether the public origin is https: applications answer plain http with a redirect. */
  readonly secure: boolean;
  readonly timeout: number;
}

/** Whether it answers below 500, or takes a connection where no path is named. Never rejects. */
export async function probe(address: UpstreamAddress, options: ProbeOptions): Promise<boolean> {
  return await (options.path === undefined
    ? takesConnection(address, options.timeout)
    : answers(address, options.path, options));
}

async function takesConnection(address: UpstreamAddress, timeout: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(address);
  socket.setTimeout(timeout, () => resolve(false));
  socket.on('connect', () => resolve(true));
  socket.on('error', () => resolve(false));
  const taken = await promise;
  // A server of one worker waits for bytes on a connection that stays open.
  socket.destroy();
  return taken;
}

async function answers(
  address: UpstreamAddress,
  path: string,
  { host, secure, timeout }: ProbeOptions,
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const times = { connect: timeout, firstByte: timeout, idle: timeout };
  const connection = new Connection(address, times, false, () => resolve(false));
  const head = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-Proto: ${secure ? 'https' : 'http'}\r\nUser-Agent: bulwark\r\nConnection: close\r\n\r\n`;
  const nothing = (): void => undefined;
  connection.send(
    { method: 'GET', head, body: undefined, mayUpgrade: false },
    {
      information: nothing,
      head: ({ status }) => resolve(status < 500),
      data: nothing,
      trailers: nothing,
      end: nothing,
      upgraded: (_head, _rest, socket) => void socket.destroy(),
      failed: () => resolve(false),
    },
  );
  const isWell = await promise;
  connection.destroy();
  return isWell;
}
