/** The gateway: the layer in front of an application that knows nothing of it. */
import { LAYER_PARTS } from '../core/layer-parts.ts';
import type { Server } from 'node:http';
import type { ServerOptions } from 'node:https';
import type { SessionAudit } from '../controls/sessions/sessions.ts';
import type { PlacedGuard } from '../policy/own-guards.ts';
import type { Policy, PolicyOptions } from '../policy/policy.ts';
import { View, viewOf } from '../layer/view.ts';
import { type LayerHandle, protect } from '../node/protector.ts';
import { connectPages } from '../node/mounted/connect-pages.ts';
import type { MountedPages } from '../node/mounted/mounted-pages.ts';
import { runHandler } from '../node/run-handler.ts';
import { readErrorPages } from './answers/error-pages.ts';
import { privateAnswersGuard } from './answers/private-answers.ts';
import { forward, type ForwardParts } from './forward.ts';
import { GATEWAY_EVENTS } from './gateway.events.ts';
import type { GatewayOptions } from './options/gateway.options.ts';
import { readAccepted, withAccepted } from './pages/accepted-sources.ts';
import { Pages } from './pages/pages.ts';
import { withGateway } from './settings.ts';
import { GatewayTls } from './tls/tls.ts';
import { forwardUpgrade } from './upgrade.ts';
import { OpenStreams } from './open-streams.ts';
import { AccessLog } from './running/access-log.ts';
import { watchAnswers } from './running/answers.ts';
import { AnswerCounter, type Figures, type Held, heldFamilies } from './running/figures.ts';
import { Spool } from './spool.ts';
import { UpstreamGroup } from './upstream/group.ts';
import { CookieNames } from './vault/cookie-names.ts';
import { SignIn } from './sign-in/sign-in.ts';
import { Vault } from './vault/vault.ts';

/** A gateway that is ready to listen. */
export interface Gateway extends LayerHandle {
  readonly server: Server;
  /** Where TLS ends at the gateway: one of plain http, which sends who comes there to https. */
  readonly plain: Server | undefined;
  /** Has clients on HTTP/2 come again elsewhere, once what they asked for is answered. */
  readonly sendAway: () => void;
  /** What it has done so far, and does now. Answers are counted where the policy has operators told of them. */
  readonly figures: () => Figures;
  /** Ends every WebSocket: a server does not close before. */
  readonly cutSockets: () => void;
}

const WAIT_MS = 10_000;
const MADE_HERE = 'let the gateway make its server';
const NO_PAGES = (): readonly MountedPages[] => [];
const HEAD = { target: 4_000, line: 8_000, lines: 99 };

/**
 * Makes a gateway from the policy that an application on Node.js would give to its layer.
 *
 * @param options - what is otherwise than the policy's section `gateway` says
 * @param mount - makes pages of Bulwark's own, which the upstream is not asked for
 * @throws PolicyError with every problem of the policy, also where it names no upstream
 */
export function createGateway(
  policy: PolicyOptions | Policy,
  options: GatewayOptions = {},
  mount: (layer: LayerHandle) => readonly MountedPages[] = NO_PAGES,
): Gateway {
  const declared = withGateway(policy, options);
  const read = {
    ...declared,
    csp: withAccepted(declared.csp, readAccepted(declared.gateway.pages.sources)),
    refusalPages: readErrorPages(declared.gateway.errorPages),
  };
  const { upstream, health, times, connections, keepAlive } = read.gateway;
  const { debugPages } = read.gateway.answers;
  const vault = vaultOf(read, (...event) => protector.sessions.audit(...event));
  const signIn = signInOf(read, (...event) => protector.sessions.audit(...event));
  // By the door of an application's own guards, ahead of these: what they see of a request is judged already.
  const pages = pagesOf(read, (error) => protector.sessions.audit(GATEWAY_EVENTS.pagesUnread, { error }));
  const answers = {
    guard: privateAnswersGuard([...read.gateway.answers.sessions, ...(read.gateway.vault ?? [])]),
  };
  const placed: readonly PlacedGuard[] = [
    ...[vault, pages, answers].flatMap((part) =>
      part === undefined ? [] : [{ side: 'after', neighbour: 'session', guard: part.guard } as const],
    ),
    ...(signIn === undefined ? [] : [{ side: 'after', neighbour: 'body', guard: signIn.guard } as const]),
  ];
  const protector = protect(
    { ...read, guards: [...placed, ...read.guards] },
    { hardened: 'createGateway(policy, options)', bodies: 'of the layer' },
  );
  const pool = new UpstreamGroup(upstream, {
    pool: { times, connections, waiting: connections * 4, wait: WAIT_MS, keepAlive },
    health,
    site: { host: read.origin?.host ?? 'localhost', secure: read.origin?.scheme === 'https' },
    onChange: (name, up) =>
      protector.sessions.audit(up ? GATEWAY_EVENTS.upstreamBack : GATEWAY_EVENTS.upstreamGone, {
        upstream: name,
      }),
  });
  const spool = new Spool(read.gateway.spool);
  const streams = new OpenStreams(read.state.sessions, read.session.touchEvery);
  let parts: ForwardParts | undefined;
  const partsOf = (view: View): ForwardParts =>
    (parts ??= {
      layer: View.layerOf(view),
      pool,
      spool,
      head: HEAD,
      vault,
      signIn,
      streams,
      pages,
      debugPages,
    });
  const mounted = mount(protector).map((own) => ({ own, pages: connectPages(own, MADE_HERE) }));
  const make = (secured?: ServerOptions): Server => {
    const made = protector.createServer((request, response) => {
      const view = viewOf(request, MADE_HERE);
      const forwarded = (): void | Promise<void> =>
        forward(partsOf(view), View.exchangeOf(view), request, response);
      const page = mounted.find(({ own }) => own.has(request));
      const handle =
        page === undefined
          ? forwarded
          : async () => {
              // What is none of them after all goes where everything goes.
              if (!(await page.pages.answer(request, response))) await forwarded();
            };
      runHandler(handle, request, response);
    }, secured);
    made.on('upgrade', (request, socket, rest: Buffer) => {
      const view = viewOf(request, MADE_HERE);
      forwardUpgrade(partsOf(view), View.exchangeOf(view), view, request, socket, rest);
    });
    return made;
  };
  const { sessions, audit, counts, stores } = protector;
  const { tls: settings } = read.gateway;
  const tls = settings === undefined ? undefined : new GatewayTls({ policy: read, settings, audit, make });
  const server = tls?.server ?? make();
  const counter = watch(server, read);
  let connected = 0;
  server.on('connection', (socket) => {
    connected += 1;
    socket.once('close', () => (connected -= 1));
  });
  const held = (): Held => ({
    connections: connected,
    sockets: streams.sockets,
    spoolBytes: spool.used,
    upstreams: pool.states,
  });
  const ground = protector[LAYER_PARTS];
  ground.onMetrics(() => [...counter.families, ...heldFamilies(held())]);
  return {
    server,
    plain: tls?.plain,
    sendAway: () => tls?.sendAway(),
    figures: () => ({ held: held(), families: ground.families() }),
    cutSockets: () => streams.cutSockets(),
    sessions,
    audit,
    counts,
    stores,
    metrics: (format) => protector.metrics(format),
    [LAYER_PARTS]: protector[LAYER_PARTS],
    secure: (other) => protector.secure(other),
    close: async () => {
      tls?.close();
      pool.close();
      streams.close();
      await protector.close();
      pages?.close();
    },
  };
}

/** None where no policy is sent to pages. */
function pagesOf({ csp, gateway }: Policy, onFault: (error: unknown) => void): Pages | undefined {
  if (csp.mode === 'off') return undefined;
  const { learn, seen } = gateway.pages;
  const isLearning = learn === 'always' || (learn === 'observed' && csp.mode === 'observe');
  return new Pages({ seen: isLearning ? seen : undefined, onFault });
}

/** Counts answers, and writes a line for each, where the policy wants that: else nothing is done for it. */
function watch(server: Server, { gateway, audit, metrics }: Policy): AnswerCounter {
  const { accessLog, management } = gateway;
  const counter = new AnswerCounter();
  const log = accessLog === 'off' ? undefined : new AccessLog(process[accessLog], audit);
  if (log === undefined && management === undefined && metrics.otlp === undefined) return counter;
  watchAnswers(server, (answer) => {
    counter.count(answer.status, answer.milliseconds);
    log?.write(answer);
  });
  server.once('close', () => log?.close());
  return counter;
}

function vaultOf({ state, session, gateway }: Policy, audit: SessionAudit): Vault | undefined {
  const { vault: names } = gateway;
  if (names === undefined) return undefined;
  return new Vault({ names: new CookieNames(names), store: state.sessions, settings: session, audit });
}

function signInOf({ state, keys, gateway: { signIn } }: Policy, audit: SessionAudit): SignIn | undefined {
  if (signIn.mode === 'off') return undefined;
  return new SignIn({ settings: signIn, counters: state.counters, keys, audit });
}
