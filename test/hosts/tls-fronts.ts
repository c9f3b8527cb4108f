/**
 * What stands before a gateway that ends TLS, so that the suites reach it by the bytes of HTTP/1.1 that they are written in: one
 * that passes them on over TLS, and one that asks the same over HTTP/2.
 */
import {
  connect as connectHttp2,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A front, and where it listens. */
export interface Front {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** Makes a front of a gateway that listens on a port, with a certificate for localhost. */
export type MakeFront = (port: number, ca: Buffer) => Promise<Front>;

/** Bytes as they are, over TLS. */
export const tlsFront: MakeFront = (port, ca) => front((client) => tunnel(client, port, ca, Buffer.alloc(0)));

/** Requests that HTTP/2 can say, over it; all else as it is, over TLS. */
export const http2Front: MakeFront = (port, ca) =>
  front((client) => {
    client.once('data', (bytes: Buffer) => {
      const request = readRequest(bytes);
      if (request === undefined) tunnel(client, port, ca, bytes);
      else translate(client, request, port, ca);
    });
  });

async function front(take: (client: Socket) => void): Promise<Front> {
  const open = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (client) => {
    open.add(client);
    client.on('close', () => open.delete(client));
    client.on('error', () => client.destroy());
    take(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    for (const client of open) client.destroy();
    server.close();
    await once(server, 'close');
  };
  return { port: (server.address() as AddressInfo).port, stop };
}

function tunnel(client: Socket, port: number, ca: Buffer, first: Buffer): void {
  const inner = connectTls({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca,
    ALPNProtocols: ['http/1.1'],
  });
  inner.on('error', () => client.destroy());
  inner.on('close', () => client.destroySoon());
  client.on('close', () => inner.destroy());
  if (first.length > 0) inner.write(first);
  client.pipe(inner);
  inner.pipe(client);
}

interface Translated {
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
  readonly isWhole: boolean;
}

/** A request as HTTP/2 says it, or undefined where it cannot. */
function readRequest(bytes: Buffer): Translated | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [line = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const [method, target, version, ...others] = line.split(' ');
  if (method === undefined || target === undefined || version !== 'HTTP/1.1' || others.length > 0)
    return undefined;
  const headers: Record<string, string | string[]> = {};
  for (const one of lines) {
    const colon = one.indexOf(':');
    const name = one.slice(0, colon).toLowerCase();
    if (colon < 1 || !/^[\w-]+$/.test(name)) return undefined;
    const before = headers[name];
    const value = one.slice(colon + 1).trim();
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  const { host, connection: _, 'content-length': length, ...rest } = headers;
  const [authority, ...further] = [host ?? []].flat();
  if (authority === undefined || Array.isArray(length) || method === 'CONNECT') return undefined;
  if ('transfer-encoding' in headers || 'upgrade' in headers || 'http2-settings' in headers) return undefined;
  const url = target.startsWith('/') || target === '*' ? undefined : new URL(target);
  const pseudo = {
    ':authority': url?.host ?? authority,
    ':scheme': 'https',
    ':path': url === undefined ? target : url.pathname + url.search,
    ...(further[0] !== undefined && { host: further[0] }),
  };
  const body = bytes.subarray(end + 4);
  // More of the body is to come once it is asked for, or another request is there already.
  const isLater = headers['expect'] === '100-continue' && body.length < Number(length ?? 0);
  if (isLater || body.length > Number(length ?? 0)) return undefined;
  return {
    headers: {
      ...pseudo,
      ...rest,
      ...(length !== undefined && { 'content-length': length }),
      ':method': method,
    },
    body,
    isWhole: body.length === Number(length ?? 0),
  };
}

function translate(client: Socket, { headers, body, isWhole }: Translated, port: number, ca: Buffer): void {
  const session: ClientHttp2Session = connectHttp2(`https://127.0.0.1:${port}`, {
    ca,
    servername: 'localhost',
  });
  session.on('error', () => client.destroy());
  client.on('close', () => session.destroy());
  const stream = session.request(headers, { endStream: isWhole && body.length === 0 });
  stream.on('response', (_headers, _flags, raw) => {
    const list = raw as unknown as readonly string[];
    const lines = list.flatMap((name, at) => {
      if (at % 2 === 1 || name.startsWith(':') || name === 'connection') return [];
      return [`${name}: ${list[at + 1]}`];
    });
    const status = list[list.indexOf(':status') + 1];
    client.write(`HTTP/1.1 ${status} .\r\n${lines.join('\r\n')}\r\nconnection: close\r\n\r\n`, 'latin1');
  });
  stream.on('data', (bytes: Buffer) => client.write(bytes));
  stream.on('end', () => client.end());
  stream.on('error', () => client.destroy());
  stream.on('close', () => session.close());
  if (isWhole && body.length > 0) stream.end(body);
  else if (!isWhole) passOn(client, stream, body, Number(headers['content-length']));
}

/** The rest of a body that did not come in one piece with its head. */
function passOn(client: Socket, stream: ClientHttp2Stream, first: Buffer, length: number): void {
  let left = length;
  const pass = (bytes: Buffer): void => {
    left -= bytes.length;
    if (bytes.length > 0 && !stream.destroyed) stream.write(bytes);
    if (left === 0) stream.end();
  };
  pass(first);
  client.on('data', pass);
}
