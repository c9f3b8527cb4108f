/**
 * `node healthcheck.ts`, in the environment of the Strongroom it asks: exits with 0 where that answers, and with 1 where
 * it does not. For `HEALTHCHECK` in images without curl, and for whoever watches a service.
 */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';
import { readSettings } from './settings.ts';

/** Less than what a supervisor allows, so that it is told why. */
const PATIENCE_MS = 3000;

try {
  const status = await ask();
  if (status !== 200) throw new Error(`Strongroom answers with ${status}.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function ask(): Promise<number | undefined> {
  const { host, port, origin } = readSettings(process.env);
  const request = get({
    host: reachable(host),
    port,
    path: '/healthz',
    // The policy answers for the public name, and for no address of a container.
    headers: { host: origin === undefined ? `localhost:${port}` : new URL(origin).host, connection: 'close' },
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.destroy();
  return response.statusCode;
}

/** Where a server that listens on `host` is reached from the same machine. */
function reachable(host: string): string {
  if (isIPv4(host) && /^[0.]+$/.test(host)) return '127.0.0.1';
  return isIPv6(host) && /^[0:]+$/.test(host) ? '::1' : host;
}
