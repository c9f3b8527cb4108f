/** What stands in front of most applications: it ends TLS and tells who asked, as nginx does. */
import { request as httpRequest } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeCertificate } from '../support/certificate.ts';

/** A running proxy. */
export interface TlsProxy {
  readonly port: number;
  /** Where requests go from now on. */
  forwardTo: (port: number) => void;
  stop: () => void;
}

/** Starts a proxy with a certificate of its own making for `localhost`. */
export async function startTlsProxy(): Promise<TlsProxy> {
  let upstream = 0;
  const server: Server = createServer(makeCertificate(), (request, response) => {
    const headers = {
      ...request.headers,
      'x-forwarded-for': request.socket.remoteAddress,
      'x-forwarded-proto': 'https',
    };
    const { method, url } = request;
    const forwarded = httpRequest(
      { host: '127.0.0.1', port: upstream, method, path: url, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(response);
      },
    );
    forwarded.on('error', () => response.destroy());
    request.pipe(forwarded);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    forwardTo: (port) => {
      upstream = port;
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
