/** A site of a few routes with `req.session`, and a browser that keeps its cookie. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { bulwark } from '../../src/adapters/express.ts';
import { type RequestSession, requestSession } from '../../src/adapters/request-session.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { fixedSecrets, recordingAudit } from '../../src/testing/fakes.ts';

interface Asked {
  readonly session: RequestSession;
}
/** What a route does. */
export type Act = (session: RequestSession, response: Response, request: Request) => unknown;

/** As a handler reads it. */
export function sessionOf(request: Request): RequestSession {
  return (request as unknown as Asked).session;
}

/** A browser that keeps its cookie. */
export class Visitor {
  readonly #port: number;
  cookie = '';

  constructor(port: number) {
    this.#port = port;
  }

  /** Where the last answer led to. */
  location: string | null = null;

  /** What the last answer has it clear. */
  cleared: string | null = null;

  async get(path: string): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${this.#port}${path}`, {
      redirect: 'manual',
      headers: this.cookie === '' ? {} : { cookie: this.cookie },
    });
    this.location = answer.headers.get('location');
    this.cleared = answer.headers.get('clear-site-data');
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      if (/^(?:__Host-sid|connect\.sid)=/.test(pair)) this.cookie = pair.endsWith('=') ? '' : pair;
    }
    return `${answer.status} ${await answer.text()}`;
  }
}

/** One that runs. */
export interface Site {
  readonly visitor: () => Visitor;
  readonly log: ReturnType<typeof recordingAudit>;
  readonly layer: ReturnType<typeof bulwark>;
}

/** Each act is a route by its name. */
export async function site(
  t: TestContext,
  acts: Readonly<Record<string, Act>>,
  {
    middleware = requestSession() as RequestHandler,
    policy = {},
  }: { readonly middleware?: RequestHandler; readonly policy?: PolicyOptions } = {},
): Promise<Site> {
  const log = recordingAudit();
  const layer = bulwark({
    environment: 'development',
    secrets: fixedSecrets(),
    state: memory(),
    audit: { sink: log.sink },
    cookies: { mode: 'off' },
    ...policy,
  });
  const app = express();
  app.set('env', 'test');
  app.use(layer);
  app.use(middleware);
  for (const [name, act] of Object.entries(acts))
    app.get(`/${name}`, (request, response) => act(sessionOf(request), response, request));
  // As many have it: what the answer was to be is still on it.
  app.use(
    (error: Error & { status?: number }, _request: Request, response: Response, _next: NextFunction) => {
      response.status(error.status ?? 500).send(error.message);
    },
  );
  const server = layer.createServer(app).listen(0, '127.0.0.1');
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await layer.close();
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { visitor: () => new Visitor(port), log, layer };
}
