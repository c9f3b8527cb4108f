/** The routes of a Hono application, as its list `routes` tells them. */
import { type Addresses, segmentsOf } from './addresses.ts';
import { type FoundRoute, isLayer, readTold } from './found-route.ts';

/** A handler; one that Hono has put around another keeps that under this name. */
type Handler = ((...parameters: never) => unknown) & {
  readonly __COMPOSED_HANDLER?: Handler;
  /** `METHOD /path`, where a function says by itself what it answers. */
  readonly routes?: unknown;
};

interface HonoRoute {
  readonly method: string;
  readonly path: string;
  readonly handler: Handler;
}

const ALL = 'ALL';

/** The routes of an application; undefined where the value is none. */
export function readHono(app: unknown): readonly FoundRoute[] | undefined {
  const { routes, fetch } = Object(app) as { readonly routes?: unknown; readonly fetch?: unknown };
  if (!Array.isArray(routes) || typeof fetch !== 'function') return undefined;
  // Hono lists each handler: middleware of one route is beside the handler it stands before.
  const found = new Map<string, FoundRoute>();
  for (const { method, path, handler } of routes as readonly HonoRoute[]) {
    for (const route of routesOf(method, path, innermost(handler))) {
      const key = `${route.methods?.join() ?? ALL} ${route.path} ${route.kind === 'maybe' ? route.name : ''}`;
      if (!found.has(key)) found.set(key, route);
    }
  }
  // It stands in the server, before all of them. As middleware it lets nothing through that did not come that way.
  return [...found.values()].sort((a, b) => Number(b.kind === 'layer') - Number(a.kind === 'layer'));
}

/** A function that says what it answers goes by the whole address, wherever it is mounted. */
function routesOf(method: string, path: string, handler: Handler): readonly FoundRoute[] {
  const told = readTold(handler.routes);
  if (told === undefined) return [routeOf(method, path, handler)];
  return told.map((one) => ({
    kind: 'route',
    methods: [one.method],
    path: one.path,
    addresses: [segmentsOf(one.path)],
  }));
}

/** As Hono itself has it, a function that takes `next` is middleware; for one method it answers there all the same. */
function routeOf(method: string, path: string, handler: Handler): FoundRoute {
  const isMiddleware = method === ALL && handler.length > 1;
  return {
    kind: isLayer(handler) ? 'layer' : isMiddleware ? 'maybe' : 'route',
    methods: method === ALL ? undefined : [method],
    path: path === '*' ? '/*' : path,
    addresses: readHonoPath(path),
    ...(isMiddleware && { name: handler.name === '' ? '<anonymous>' : handler.name }),
  };
}

function innermost(handler: Handler): Handler {
  const inner = handler.__COMPOSED_HANDLER;
  return inner === undefined ? handler : innermost(inner);
}

/** Paths of Hono: `:name`, `:name{regex}`, `:name?` at the end, `*` for one segment or, at the end, for all that follow. */
export function readHonoPath(path: string): readonly Addresses[] {
  // An expression may hold slashes, and match them.
  const plain = path.replace(/:[^/{}]+\{(?:[^{}]|\{[^{}]*\})*\}/g, (parameter) =>
    /[./\\^]/.test(parameter) ? ':**' : ':name',
  );
  const texts = segmentsOf(plain);
  // Without its optional end, a path may end in what was the middle before.
  return /:[^/]*\?$/.test(plain)
    ? [addressesOf(texts), addressesOf(texts.slice(0, -1))]
    : [addressesOf(texts)];
}

function addressesOf(texts: readonly string[]): Addresses {
  return texts.flatMap((text, index) => {
    if (text.includes(':**')) return ['*', '**'];
    if (text === '*') return [index === texts.length - 1 ? '**' : '*'];
    return [text.startsWith(':') ? '*' : text];
  });
}
