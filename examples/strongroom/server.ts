/** A running Strongroom: from a policy and settings to a server that listens, and back. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadPolicy, type PolicyOptions } from 'bulwark';
import { Accounts } from 'bulwark/accounts';
import { bulwark, type Protector } from 'bulwark/express';
import { makeApp } from './app.ts';
import { type Drain, watchForDrain } from './drain.ts';
import { openRecords } from './open-records.ts';
import { Pages } from './pages.ts';
import type { Records } from './records.ts';
import type { Settings } from './settings.ts';

/**
 * How long requests that are being answered get to finish when the server closes, in milliseconds. With the three seconds
 * that mails get, and `HANG_UP_MS` of mail.ts, less than `CLOSE_MS` of main.ts.
 */
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
export async function startServer(options: PolicyOptions, settings: Settings): Promise<Running> {
  const policy = await loadPolicy(options);
  const layer = bulwark(policy);
  let records: Records | undefined;
  let drain: Drain | undefined;
  const close = async (): Promise<void> => {
    await drain?.(GRACE_MS);
    await layer.close();
    await records?.close();
  };
  try {
    records = await openRecords(settings);
    const app = makeApp(layer, policy, { notes: records.notes, pages: new Pages() });
    const server: Server = layer.createServer(app);
    drain = watchForDrain(server);
    server.listen(settings.port, settings.host);
    await once(server, 'listening');
    loadPasskeys(layer);
    return { url: urlOf(server, settings), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Beside the first answers, which it would slow: it takes most of a second. */
function loadPasskeys(layer: Protector): void {
  const { passkeys } = Accounts.of(layer).factors;
  passkeys.load().catch((error: unknown) => {
    layer.audit('sys_service_unavailable', { service: 'passkeys', error });
  });
}

function urlOf(server: Server, { origin, host }: Settings): string {
  if (origin !== undefined) return origin;
  const { port } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return `http://${name === '127.0.0.1' || name === '0.0.0.0' || name === '[::]' ? 'localhost' : name}:${port}`;
}
