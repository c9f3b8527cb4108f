/** Who is at the other end of a socket. */
import type { AddressInfo, Socket } from 'node:net';
import { UNIX_PEER } from '../controls/firewall/address.ts';

/** What a socket knows of the server that it came to. */
interface Listening {
  readonly listening?: boolean;
  address?(): AddressInfo | string | null;
}

const onUnixSockets = new WeakSet<Listening>();

/** The address of the peer; {@link UNIX_PEER} over a Unix socket; empty where there is none any more. */
export function peerOf(socket: Pick<Socket, 'remoteAddress'>): string {
  const { remoteAddress } = socket;
  if (remoteAddress !== undefined) return remoteAddress;
  // A closed connection has no address either, and a client that closes it at the right moment must not be taken for a proxy.
  const { server } = socket as { readonly server?: Listening };
  return server !== undefined && isOnUnixSocket(server) ? UNIX_PEER : '';
}

function isOnUnixSocket(server: Listening): boolean {
  if (onUnixSockets.has(server)) return true;
  const address = server.address?.();
  // A path; or nothing, of a socket that was handed over open. Once it is closed a server of TCP has nothing to say too.
  const isPath = typeof address === 'string' || (address === null && server.listening === true);
  if (isPath) onUnixSockets.add(server);
  return isPath;
}
