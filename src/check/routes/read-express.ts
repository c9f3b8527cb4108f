/** The routes of an Express 5 application, or of one of its routers, as its stack of layers tells them. */
import { METHODS } from '../../policy/check-patterns.ts';
import { type Addresses, EVERYWHERE } from './addresses.ts';
import { readExpressPath } from './express-path.ts';
import { type FoundRoute, isLayer, type LayerPlace, readTold } from './found-route.ts';

/** As much of a layer of Express's `router` as is looked at. */
interface Layer {
  readonly name: string;
  readonly handle: ((...parameters: never) => unknown) & {
    readonly stack?: readonly Layer[];
    /** `METHOD /path`, where a function says by itself what it answers. */
    readonly routes?: unknown;
  };
  /** The path of `use`, since `router` 2.3. */
  readonly rawPath?: unknown;
  /** Set where `use` had no path, or `/`. */
  readonly slash?: boolean;
  readonly route?: { readonly path: unknown; readonly methods: Readonly<Record<string, boolean>> };
}

/** A path so far: as it is written, and what it comes to. */
interface Place {
  readonly text: string;
  readonly addresses: readonly Addresses[];
}

const ROOT: Place = { text: '', addresses: [[]] };
/** Parameters of what may hand a request on. */
const MIDDLEWARE_PARAMETERS = 3;
/** Parameters of a handler of errors, which answers to no address. */
const ERROR_HANDLER_PARAMETERS = 4;
/** What Express calls a function that is an application of its own, and its file server. Both answer by themselves. */
const ANSWERING = ['mounted_app', 'serveStatic'];

/** The routes of an application or a router; undefined where the value is neither. */
export function readExpress(app: unknown): readonly FoundRoute[] | undefined {
  const stack = stackOf(app);
  return stack === undefined ? undefined : [...walk(stack, ROOT, [])];
}

/** Where the layer stands. A router is mounted by somebody else, who may have mounted a layer before it. */
export function expressLayer(app: unknown, found: readonly FoundRoute[]): LayerPlace {
  if (found.some(({ kind }) => kind === 'layer')) return 'found';
  return typeof Object(app).listen === 'function' ? 'none' : 'unseen';
}

function stackOf(app: unknown): readonly Layer[] | undefined {
  if (typeof app !== 'function') return undefined;
  const { router, stack } = app as {
    readonly router?: { readonly stack?: unknown };
    readonly stack?: unknown;
  };
  const layers = router?.stack ?? stack;
  return Array.isArray(layers) ? (layers as readonly Layer[]) : undefined;
}

/** @param above - the stacks on the way here: a router inside itself has no end */
function* walk(
  stack: readonly Layer[],
  place: Place,
  above: readonly (readonly Layer[])[],
): Generator<FoundRoute> {
  const here = [...above, stack];
  for (const layer of stack) {
    const { route, handle } = layer;
    if (route !== undefined) {
      for (const { text, addresses } of placesOf(route.path))
        yield routeAt(join(place, text, addresses), route.methods);
      continue;
    }
    if (handle.length === ERROR_HANDLER_PARAMETERS) continue;
    const inner = handle.stack;
    for (const { text, addresses } of mountsOf(layer)) {
      const at = join(place, text, addresses);
      if (Array.isArray(inner)) {
        if (!here.includes(inner)) yield* walk(inner, at, here);
      } else {
        const told = routesTold(handle.routes, at);
        if (told === undefined) yield mountAt(at, layer);
        else yield* told;
      }
    }
  }
}

function routeAt({ text, addresses }: Place, methods: Readonly<Record<string, boolean>>): FoundRoute {
  const named = Object.keys(methods).map((method) => method.toUpperCase());
  // `app.all` names every method that Node.js knows; `route.all` says so.
  const isAll = methods['_all'] === true || METHODS.every((method) => named.includes(method));
  return {
    kind: 'route',
    methods: isAll ? undefined : named,
    path: text === '' ? '/' : text,
    addresses,
  };
}

function mountAt({ text, addresses }: Place, { name, handle }: Layer): FoundRoute {
  // Without `next` it cannot hand on. Below no path that is what answers 404, and no route.
  // Nor is one that declares none: what wraps another function takes whatever comes.
  const { length } = handle;
  const answers = text !== '' && length > 0 && length < MIDDLEWARE_PARAMETERS;
  return {
    kind: isLayer(handle) ? 'layer' : ANSWERING.includes(name) || answers ? 'mount' : 'maybe',
    methods: name === 'serveStatic' ? ['GET'] : undefined,
    path: text === '' ? '/' : text,
    addresses: addresses.map((address) => [...address, ...EVERYWHERE]),
    name,
  };
}

/** What a function says of itself; undefined where it says nothing of this form. */
function routesTold(routes: unknown, place: Place): readonly FoundRoute[] | undefined {
  return readTold(routes)?.flatMap(({ method, path }) =>
    placesOf(path).map(({ text, addresses }) => routeAt(join(place, text, addresses), { [method]: true })),
  );
}

function mountsOf({ rawPath, slash }: Layer): readonly Place[] {
  if (slash === true) return [ROOT];
  // An older router keeps a matcher alone, which tells no path.
  return rawPath === undefined ? [{ text: '?', addresses: [EVERYWHERE] }] : placesOf(rawPath);
}

/** A path of Express: a text, a regular expression, or a list of these. */
function placesOf(path: unknown): readonly Place[] {
  if (Array.isArray(path)) return (path as readonly unknown[]).flatMap(placesOf);
  if (typeof path === 'string') return [{ text: path, addresses: readExpressPath(path) ?? [EVERYWHERE] }];
  return [{ text: String(path), addresses: [EVERYWHERE] }];
}

function join(place: Place, text: string, addresses: readonly Addresses[]): Place {
  return {
    text: `${place.text.replace(/\/$/, '')}${text === '/' && place.text !== '' ? '' : text}`,
    addresses: place.addresses.flatMap((above) => addresses.map((below) => [...above, ...below])),
  };
}
