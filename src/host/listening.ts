/** Servers that a framework makes by itself, found as they begin to listen: before the first request or upgrade. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Gate } from './gate.ts';
import { isHttpServer, isJudged, secureServer } from './server.ts';

/** Published by Node.js in `net.Server.listen()`, for http and https servers alike. */
const LISTENING = 'tracing:net.server.listen:asyncStart';

/**
 * Puts the layer before every server one of whose request listeners leads to it: `app.listen()`, and what NestJS makes.
 * Returns how to stop looking.
 *
 * @param leadsHere - whether a request listener is one that hands its requests to this layer
 */
export function findServers(gate: Gate, leadsHere: (listener: unknown) => boolean): () => void {
  const look = (message: unknown): void => {
    const { server } = message as { readonly server?: unknown };
    if (!isHttpServer(server) || isJudged(server) || !server.listeners('request').some(leadsHere)) return;
    secureServer(gate, server);
    gate.selfCheck.tell(
      'ERR_BULWARK_SERVER_NOT_HARDENED',
      `the server was not made by the layer: slow clients are noticed late; use ${gate.hardened}`,
    );
  };
  subscribe(LISTENING, look);
  return () => void unsubscribe(LISTENING, look);
}
