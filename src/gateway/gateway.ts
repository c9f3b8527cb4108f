/** The gateway: the layer in front of an application that knows nothing of it. */
import { LAYER_PARTS } from '../core/layer-parts.ts';
import type { Server } from 'node:http';
import type { SessionAudit } from '../controls/sessions/sessions.ts';
import type { Policy, PolicyOptions } from '../policy/policy.ts';
import { View, viewOf } from '../layer/view.ts';
import { type LayerHandle, protect, readNow } from '../node/protector.ts';
import { runHandler } from '../node/run-handler.ts';
import { forward, type ForwardParts } from './forward.ts';
import { forwardUpgrade } from './upgrade.ts';
import { Spool } from './spool.ts';
import { readUpstream } from './upstream-address.ts';
import { UpstreamPool } from './upstream/pool.ts';
import { CookieNames } from './vault/cookie-names.ts';
import { Vault } from './vault/vault.ts';

/** What a gateway stands in front of. */
export interface GatewayOptions {
  /** Where the application listens: `http://127.0.0.1:8000`, or `unix:/run/app.sock`. */
  readonly upstream: string;
  /**
   * How long a connection to it stays open unused, in milliseconds: below its own time for that. Default 0: each request has
   * a connection of its own, since some servers close theirs without a word, and some answer wrongly on one that was used.
   */
  readonly keepAlive?: number;
  /**
   * Session cookies of the application that stay here, by name, each with one `*` at most: `['session', '_*_session']`. The
   * browser has a handle in their place. None by default: a page whose scripts read one would miss it.
   */
  readonly vault?: readonly string[];
}

/** A gateway that is ready to listen. */
export interface Gateway extends LayerHandle {
  readonly server: Server;
}

const TIMES = { connect: 2_000, firstByte: 60_000, idle: 60_000 };
const CONNECTIONS = 512;
const WAIT_MS = 10_000;
const SPOOL = { memory: 65_536, total: 1_073_741_824 };
const HEAD = { target: 4_000, line: 8_000, lines: 99 };

/**
 * Makes a gateway from the policy that an application on Node.js would give to its layer.
 *
 * @throws PolicyError with every problem of the policy
 */
export function createGateway(policy: PolicyOptions | Policy, options: GatewayOptions): Gateway {
  const read = readNow(policy);
  const vault = vaultOf(read, options.vault, (...event) => protector.sessions.audit(...event));
  // By the door of an application's own guards, ahead of these: what they see of a request is judged already.
  const placed =
    vault === undefined ? [] : [{ side: 'after', neighbour: 'session', guard: vault.guard } as const];
  const protector = protect(
    { ...read, guards: [...placed, ...read.guards] },
    { hardened: 'createGateway(policy, options)' },
  );
  const pool = new UpstreamPool({
    address: readUpstream(options.upstream),
    times: TIMES,
    connections: CONNECTIONS,
    waiting: CONNECTIONS * 4,
    wait: WAIT_MS,
    keepAlive: options.keepAlive ?? 0,
  });
  const spool = new Spool(SPOOL);
  let parts: ForwardParts | undefined;
  const partsOf = (view: View): ForwardParts =>
    (parts ??= { layer: View.layerOf(view), pool, spool, head: HEAD, vault });
  const server = protector.createServer((request, response) => {
    const view = viewOf(request, 'let the gateway make its server');
    runHandler(() => forward(partsOf(view), View.exchangeOf(view), request, response), request, response);
  });
  server.on('upgrade', (request, socket, rest: Buffer) => {
    const view = viewOf(request, 'let the gateway make its server');
    forwardUpgrade(partsOf(view), View.exchangeOf(view), view, request, socket, rest);
  });
  const { sessions, audit, counts, stores } = protector;
  return {
    server,
    sessions,
    audit,
    counts,
    stores,
    [LAYER_PARTS]: protector[LAYER_PARTS],
    secure: (other) => protector.secure(other),
    close: async () => {
      pool.close();
      await protector.close();
    },
  };
}

function vaultOf(
  { state, session }: Policy,
  names: readonly string[] | undefined,
  audit: SessionAudit,
): Vault | undefined {
  if (names === undefined) return undefined;
  return new Vault({ names: new CookieNames(names), store: state.sessions, settings: session, audit });
}
