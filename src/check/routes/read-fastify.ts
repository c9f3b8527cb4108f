/** The routes of a Fastify 5 application, as it announces them while they are registered. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type Addresses, EVERYWHERE, segmentsOf } from './addresses.ts';
import { isJudged } from '../../node/server.ts';
import type { FoundRoute } from './found-route.ts';

interface RouteOptions {
  readonly method: string | readonly string[];
  readonly url: string;
}

/** As much of a Fastify instance as is used. */
interface FastifyInstance {
  readonly server: object;
  ready(): PromiseLike<unknown>;
  printRoutes(): string;
  addHook(name: 'onRoute', hook: (route: RouteOptions) => void): unknown;
}

/** It stands in the server, before every route. */
const LAYER: FoundRoute = { kind: 'layer', methods: undefined, path: '/', addresses: [EVERYWHERE] };

/** Fastify's channel of node:diagnostics_channel: an instance is announced there when it is made, before any route. */
const CHANNEL = 'fastify.initialization';

/**
 * Listens for applications that are made from now on: a hook for routes has to be there before the first of them, and
 * afterwards Fastify only draws a tree.
 */
export class FastifyRecorder {
  readonly #routes = new Map<object, FoundRoute[]>();
  readonly #listener = (message: unknown): void => this.#record(message as { fastify: FastifyInstance });

  constructor() {
    subscribe(CHANNEL, this.#listener);
  }

  /** Stops listening. What was made until now is known. */
  stop(): void {
    unsubscribe(CHANNEL, this.#listener);
  }

  /**
   * The routes of an application once its plugins are loaded; undefined where the value is none, or was made before.
   *
   * @throws the application's own error where a plugin does not load
   */
  async read(app: unknown): Promise<readonly FoundRoute[] | undefined> {
    if (!isFastify(app)) return undefined;
    await app.ready();
    const found = this.#routes.get(app.server);
    return found === undefined || !isJudged(app.server) ? found : [LAYER, ...found];
  }

  #record({ fastify }: { readonly fastify: FastifyInstance }): void {
    const found: FoundRoute[] = [];
    this.#routes.set(fastify.server, found);
    fastify.addHook('onRoute', ({ method, url }) => {
      const methods = [method].flat().map((name) => name.toUpperCase());
      // HEAD follows GET, here and in the policy.
      const own = methods.length > 1 ? methods.filter((name) => name !== 'HEAD') : methods;
      const path = url === '' ? '/' : url;
      const addresses = readFastifyPath(path);
      const isTwin = (one: FoundRoute): boolean =>
        one.methods?.includes('GET') === true && String(one.addresses) === String(addresses);
      if (own[0] === 'HEAD' && found.some(isTwin)) return;
      found.push({ kind: 'route', methods: own, path, addresses });
    });
  }
}

function isFastify(app: unknown): app is FastifyInstance {
  const { ready, printRoutes, server } = Object(app) as Partial<FastifyInstance>;
  return typeof ready === 'function' && typeof printRoutes === 'function' && typeof server === 'object';
}

/** Paths of find-my-way: `:name`, `:name(regex)`, `:name?` at the end, `*` at the end, `::` for a colon. */
export function readFastifyPath(path: string): readonly Addresses[] {
  const plain = withoutExpressions(path).replaceAll('::', '\u0001');
  const isOptional = /:[^/]*\?$/.test(plain);
  const segments = segmentsOf(plain).map((segment) => {
    if (segment.includes('*')) return '**';
    return segment.includes(':') ? '*' : segment.replaceAll('\u0001', ':');
  });
  return isOptional ? [segments, segments.slice(0, -1)] : [segments];
}

/** Without what is in parentheses, which may hold slashes and parentheses of its own. */
function withoutExpressions(path: string): string {
  let depth = 0;
  let plain = '';
  for (let index = 0; index < path.length; index += 1) {
    const character = path[index] ?? '';
    // Only within an expression a backslash escapes.
    if (depth > 0 && character === '\\') index += 1;
    else if (character === '(') depth += 1;
    else if (character === ')') depth = Math.max(0, depth - 1);
    else if (depth === 0) plain += character;
  }
  return plain;
}
