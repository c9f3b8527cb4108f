/** One process of a gateway: serves until it is told to end. */
import type { Server } from 'node:http';
import type { Gateway } from '../gateway.ts';
import { GATEWAY_EVENTS } from '../gateway.events.ts';
import { end, retire } from './drain.ts';
import type { FromWorker, ToWorker } from './messages.ts';

/** Set for the worker that is first to listen: what lies in the place of its socket was left by a gateway that was killed. */
export const FIRST_WORKER = 'BULWARK_FIRST_WORKER';

/** Says to the process over it that it serves, and does what that says. Resolves when it has ended. */
export async function workUntilEnd(gateway: Gateway, started: FromWorker): Promise<void> {
  const over = Promise.withResolvers<void>();
  // A terminal and a service manager tell every process of a group; the one over the workers says what is to be done.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  let isRetiring = false;
  const finish = (closed: Promise<void>): void => {
    isRetiring = true;
    closed.then(async () => await gateway.close()).then(over.resolve, over.reject);
  };
  process.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'figures':
        say({ kind: 'figures', question: message.question, figures: gateway.figures() });
        return;
      case 'refused':
        gateway.sessions.audit(GATEWAY_EVENTS.reloadRefused, { reason: message.reason });
        return;
      case 'retire':
        gateway.sendAway();
        if (!isRetiring) finish(both(gateway, retire));
        return;
      case 'end':
        gateway.sendAway();
        gateway.cutSockets();
        if (isRetiring) cutLater(gateway, message.limit);
        else finish(both(gateway, async (server) => await end(server, message.limit)));
    }
  });
  say(started);
  await over.promise;
  say({ kind: 'last', figures: gateway.figures() });
}

/** The server, and the one of plain http where there is one. */
async function both({ server, plain }: Gateway, close: (server: Server) => Promise<void>): Promise<void> {
  const all = plain?.listening === true ? [server, plain] : [server];
  await Promise.all(all.map(close));
}

function cutLater({ server }: Gateway, limit: number): void {
  server.closeIdleConnections();
  setTimeout(() => server.closeAllConnections(), limit).unref();
}

function say(message: FromWorker): void {
  process.send?.(message);
}
