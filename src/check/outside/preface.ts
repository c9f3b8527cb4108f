/** A connection on which something stands before the request, and before TLS, as a proxy puts it there that carries bytes. */
import type { RequestOptions } from 'node:http';
import { connect } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

/** Where to connect, and by which name and authority. */
export type Address = RequestOptions & { readonly servername?: string; readonly ca?: string | Buffer };

/** The options of a request that goes there on such a connection. */
export function behind(preface: string, address: Address, isSecure: boolean): RequestOptions {
  const { agent: _none, host, port, servername, ca, ...rest } = address;
  return {
    ...rest,
    // Without an agent, which would connect by itself.
    createConnection: () => {
      const plain = connect({ host: host ?? 'localhost', port: Number(port) });
      plain.write(Buffer.from(preface, 'latin1'));
      if (!isSecure) return plain;
      const options: ConnectionOptions = {
        socket: plain,
        ...(servername !== undefined && { servername }),
        ...(ca !== undefined && { ca }),
      };
      const secure = connectTls(options);
      // What ends below it before hands were shaken.
      plain.on('error', (error) => secure.destroy(error));
      return secure;
    },
  };
}
