/** A site of a test: one application over https and over plain http, under a public name that leads to this machine. */
import type { RequestListener, Server } from 'node:http';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { CheckOptions } from '../../../src/check/check.ts';
import { makeCertificate } from '../../support/certificate.ts';

/** What `check` is given to look at a site. */
export type Site = Pick<CheckOptions, 'url' | 'plain' | 'connectTo' | 'connectPlainTo' | 'ca' | 'signIn'> & {
  readonly stop: () => Promise<void>;
};

export const NAME = 'example.com';
export const TLS: ReturnType<typeof makeCertificate> = makeCertificate(NAME);

/** Two servers for one listener, as Node.js makes them. */
export function plainServers(listener: RequestListener): readonly [https: Server, http: Server] {
  return [createHttps(TLS, listener), createHttp(listener)];
}

/** Has both listen. */
export async function startSite(
  [https, http]: readonly [https: Server, http: Server],
  signIn?: Site['signIn'],
  close?: () => Promise<void>,
): Promise<Site> {
  const ports = await Promise.all([https, http].map(listen));
  const [secure = 0, plain = 0] = ports;
  return {
    url: `https://${NAME}/`,
    plain: `http://${NAME}`,
    connectTo: { host: '127.0.0.1', port: secure },
    connectPlainTo: { host: '127.0.0.1', port: plain },
    ca: TLS.cert,
    ...(signIn !== undefined && { signIn }),
    async stop() {
      for (const server of [https, http]) {
        server.closeAllConnections();
        server.close();
      }
      await close?.();
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}
