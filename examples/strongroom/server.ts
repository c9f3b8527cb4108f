/** A running Strongroom: from a policy and settings to a server that listens, and back. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PolicyOptions } from 'bulwark';
import { bulwark } from 'bulwark/express';
import { makeApp } from './app.ts';
import { Pages } from './pages.ts';
import { openServices } from './services.ts';
import type { Settings } from './settings.ts';

/** How long requests that are being answered get to finish when the server closes, in milliseconds. */
const GRACE_MS = 5000;

/** A server that listens. */
export interface Running {
  /** Where a browser on this machine finds it. */
  readonly url: string;
  /** Takes no more requests, lets those under way finish, and closes every store. */
  readonly close: () => Promise<void>;
}

/**
 * Starts Strongroom and waits until it listens.
 *
 * @throws PolicyError where the policy is refused; the system's own error, such as EADDRINUSE, where it cannot listen
 */
export async function startServer(policy: PolicyOptions, settings: Settings): Promise<Running> {
  const layer = bulwark(policy);
  const services = await openServices(settings);
  const app = makeApp(layer, { ...services, pages: new Pages() });
  const server: Server = layer.createServer(app);
  const close = async (): Promise<void> => {
    await closeServer(server);
    await layer.close();
    await services.close();
  };
  try {
    server.listen(settings.port, settings.host);
    await once(server, 'listening');
  } catch (error) {
    await close();
    throw error;
  }
  return { url: urlOf(server, settings), close };
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
  clearTimeout(cut);
}

function urlOf(server: Server, { origin, host }: Settings): string {
  if (origin !== undefined) return origin;
  const { port } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return `http://${name === '127.0.0.1' || name === '0.0.0.0' || name === '[::]' ? 'localhost' : name}:${port}`;
}
