/** Requests over TLS by hand, from whichever loopback address a test wants to be. */
import { connect as connectTcp } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { parseAnswer, type RawAnswer, type RawRequest, writeRequest } from '../../src/testing/wire.ts';

/** Where the proxy under test is, and whom it is asked for. */
export interface Site {
  readonly httpsPort: number;
  readonly httpPort: number;
  readonly host: string;
  readonly certificate: Buffer;
}

/** What a client is. */
export interface Client {
  /** The loopback address it comes from: each one is a client of its own. */
  readonly from?: string;
  /** The name it asks for in the handshake. */
  readonly servername?: string;
  /** The protocols it speaks, where that is to be settled in the handshake. */
  readonly protocols?: string[];
}

const DEADLINE_MS = 20_000;

/** A request as text, without anything that a proxy would write. */
export function writeClientRequest(site: Site, request: RawRequest): string {
  const bare = { 'x-forwarded-for': null, 'x-forwarded-proto': null };
  return writeRequest({ ...request, headers: { ...bare, host: site.host, ...request.headers } });
}

/** Sends a request over TLS and reads until the other side closes. */
export async function askTls(
  site: Site,
  request: RawRequest | string,
  client: Client = {},
): Promise<RawAnswer> {
  const bytes = typeof request === 'string' ? request : writeClientRequest(site, request);
  return parseAnswer(await exchangeTls(site, bytes, client));
}

/** Sends bytes over TLS and returns all that came back until the other side closed. */
export async function exchangeTls(site: Site, bytes: string, client: Client = {}): Promise<Buffer> {
  const socket = await openTls(site, client);
  return readToEnd(socket, bytes);
}

/** The same without TLS, to the port of plain http. */
export async function askPlain(site: Site, request: RawRequest | string): Promise<RawAnswer> {
  const bytes = typeof request === 'string' ? request : writeClientRequest(site, request);
  return parseAnswer(await readToEnd(connectTcp(site.httpPort, '127.0.0.1'), bytes));
}

/** A TLS connection, once its handshake is done. The certificate of the site is checked. */
export function openTls(
  site: Site,
  { from = '127.0.0.2', servername = site.host, protocols }: Client = {},
): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const tcp = connectTcp({ port: site.httpsPort, host: '127.0.0.1', localAddress: from });
  tcp.once('error', reject);
  const options = { socket: tcp, servername, ca: site.certificate };
  const socket = connect({ ...options, ...(protocols && { ALPNProtocols: protocols }) }, () =>
    resolve(socket),
  );
  socket.once('error', reject);
  return promise;
}

function readToEnd(socket: NodeJS.ReadWriteStream & { destroy: () => void }, bytes: string): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  const overdue = setTimeout(() => {
    reject(new Error(`no end of the answer; so far: ${Buffer.concat(chunks).toString().slice(0, 2000)}`));
    socket.destroy();
  }, DEADLINE_MS);
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    clearTimeout(overdue);
    resolve(Buffer.concat(chunks));
  });
  socket.write(bytes);
  return promise;
}
