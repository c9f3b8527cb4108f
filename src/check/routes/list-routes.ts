/** Every route of an application beside the rule that holds for it, and the rules beside the routes. */
import type { Otherwise } from '../../controls/access/access.options.ts';
import { FRAMEWORKS, type FrameworkName } from '../../controls/access/frameworks.ts';
import { METHODS } from '../../policy/check-patterns.ts';
import type { RoutePattern } from '../../policy/route-pattern.ts';
import { type Route, RouteTable } from '../../policy/route-table.ts';
import type { RouteRules } from '../../core/route-rules.ts';
import { type Addresses, EVERYWHERE, overlap, samplesOf, segmentsOf } from './addresses.ts';
import { describeLimit, describeRequire } from './describe-rules.ts';
import type { FoundRoute, LayerPlace } from './found-route.ts';

/** What a policy says of routes. */
export interface RuleBook {
  readonly routes: RouteTable;
  readonly otherwise: Otherwise;
  /** Who may call functions of the server; undefined: nobody. */
  readonly serverFunctions?: RouteRules['require'];
  /** Frameworks whose data is opened with its page. */
  readonly named?: readonly FrameworkName[];
}

/** A route, for those of its methods that the same rules hold for. */
export interface ListedRoute {
  readonly kind: FoundRoute['kind'];
  /** `['*']`: every method. */
  readonly methods: readonly string[];
  readonly path: string;
  /** What the function is called, of those that are no routes. */
  readonly name?: string;
  /** Who may call it, in words. Null where no rule says so for all of its addresses. */
  readonly require: string | null;
  /** Its own limit, in words. */
  readonly limit: string | null;
  /** The patterns of the policy that hold for all of its addresses, or for those that no other pattern names. */
  readonly patterns: readonly string[];
  /** Patterns that speak of who may call some of its addresses only. */
  readonly narrower: readonly string[];
  /** Whether it stands above the layer: a rule holds there only where the server is the layer's, which cannot be seen here. */
  readonly outside: boolean;
  /** Whether this is what the listing is for: reached by requests, and without a rule that holds. */
  readonly forgotten: boolean;
}

/** What a framework answers beside its pages, and by which rule. */
export interface ListedFramework {
  readonly framework: string;
  readonly answers: string;
  readonly rule: string;
}

/** What else is told of an application. */
export interface ApplicationFacts {
  readonly layer?: LayerPlace;
  readonly frameworks?: readonly FrameworkName[];
}

/** All of it. */
export interface Listing {
  readonly layer: LayerPlace;
  readonly frameworks: readonly ListedFramework[];
  readonly routes: readonly ListedRoute[];
  /** What holds for those without a rule. */
  readonly otherwise: Otherwise;
  /** Patterns of the policy that no route answers to. */
  readonly unmatched: readonly string[];
  /** Rules for single methods that a function behind the layer gets round, since it changes the method. */
  readonly overridden: readonly string[];
}

/** Puts an application and its policy beside each other. */
export function listRoutes(
  all: readonly FoundRoute[],
  book: RuleBook,
  { layer = 'unseen', frameworks = [] }: ApplicationFacts = {},
): Listing {
  const { otherwise } = book;
  const routes = foldCase(book.routes);
  const found = all.filter(({ kind }) => kind !== 'layer');
  const outside = layer === 'found' ? standOutside(all) : new Set<FoundRoute>();
  // Of those that may be anywhere nobody can say which rules are theirs.
  const known = found.filter(({ addresses }) => !addresses.some(isEverywhere));
  return {
    layer,
    frameworks: frameworks.flatMap((name) => listFramework(name, book)),
    routes: found.flatMap((route) => listOne(route, { ...book, routes }, outside.has(route))),
    otherwise,
    unmatched: routes.routes
      .filter(({ pattern }) => !known.some((route) => meets(route, pattern)))
      .map(({ pattern }) => pattern.text),
    overridden: found.some(({ name }) => name === METHOD_OVERRIDE)
      ? routes.routes
          .filter(({ pattern }) => pattern.methods !== undefined)
          .map(({ pattern }) => pattern.text)
      : [],
  };
}

/**
 * Addresses are compared without case here, and what opens a path opens it letter by letter: an application is taken to
 * write its paths as the policy does.
 */
function foldCase({ routes }: RouteTable): RouteTable {
  return new RouteTable(
    routes.map(({ pattern, rules }) => {
      const letters = pattern.segments.length === 0 ? [''] : pattern.segments;
      return { pattern: { ...pattern, letters }, rules };
    }),
  );
}

/** What the middleware calls itself, of Express and of Hono. */
const METHOD_OVERRIDE = 'methodOverride';

/** Where the server is not the layer's own, a route above it has answered before the layer is asked. */
function standOutside(all: readonly FoundRoute[]): ReadonlySet<FoundRoute> {
  const layers: Addresses[] = [];
  const outside = new Set<FoundRoute>();
  for (const route of all) {
    if (route.kind === 'layer') layers.push(...route.addresses);
    else if (!route.addresses.every((one) => layers.some((layer) => isBelow(one, layer)))) outside.add(route);
  }
  return outside;
}

/** @param place - ends in `**` */
function isBelow(addresses: Addresses, place: Addresses): boolean {
  return place.slice(0, -1).every((segment, index) => segment === '*' || segment === addresses[index]);
}

function listFramework(
  name: FrameworkName,
  { serverFunctions, named = [] }: RuleBook,
): readonly ListedFramework[] {
  const { title, data, functions } = FRAMEWORKS[name];
  const opened = named.includes(name) ? '' : ', and opened by a rule of its own only';
  return [
    ...(data === undefined
      ? []
      : [{ framework: title, answers: data, rule: `the rule of /account${opened}` }]),
    ...(functions === undefined
      ? []
      : [
          {
            framework: title,
            answers: functions,
            rule: serverFunctions === undefined ? 'refused' : describeRequire(serverFunctions),
          },
        ]),
  ];
}

function isEverywhere(addresses: Addresses): boolean {
  return addresses.join() === EVERYWHERE.join();
}

function listOne(route: FoundRoute, book: RuleBook, outside: boolean): readonly ListedRoute[] {
  const groups = new Map<string, { readonly methods: string[]; readonly facts: Facts }>();
  for (const method of route.methods ?? METHODS) {
    const facts = factsFor(route, method, book.routes);
    const key = JSON.stringify(facts);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { methods: [method], facts });
    else group.methods.push(method);
  }
  const isAll = route.methods === undefined && groups.size === 1;
  return Array.from(groups.values(), ({ methods, facts }) => ({
    kind: route.kind,
    methods: isAll ? ['*'] : methods,
    path: route.path,
    ...(route.name !== undefined && { name: route.name }),
    ...facts,
    outside,
    forgotten: outside ? route.kind !== 'maybe' : facts.require === null && isReached(route, book.otherwise),
  }));
}

type Facts = Pick<ListedRoute, 'require' | 'limit' | 'patterns' | 'narrower'>;

/**
 * A function that hands on is no route, however many of them there are. Files at the root are open file by file where what
 * has no rule is closed, and the pattern for all of them would open everything.
 */
function isReached({ kind }: FoundRoute, otherwise: Otherwise): boolean {
  return kind === 'route' || (kind === 'mount' && otherwise === 'anyone');
}

function factsFor(route: FoundRoute, method: string, table: RouteTable): Facts {
  const mine = table.routes.filter(({ pattern }) => takes(pattern, method) && meets(route, pattern));
  const samples = route.addresses.flatMap((addresses) => samplesOf(addresses, depthOf(table)));
  const requires = new Set<string | undefined>();
  const limits = new Set<string | undefined>();
  for (const sample of samples) {
    const { require, limit } = table.find(method, sample);
    requires.add(require && describeRequire(require));
    limits.add(limit && describeLimit(limit));
  }
  const hold = (one: Route): boolean =>
    samples.some((sample) => overlap(segmentsOf(sample), one.pattern.segments));
  return {
    require: requires.has(undefined) ? null : [...requires].join(' or '),
    limit: [...limits].filter((limit) => limit !== undefined).join(' or ') || null,
    patterns: mine.filter(hold).map(({ pattern }) => pattern.text),
    narrower: mine
      .filter((one) => one.rules.require !== undefined && !hold(one))
      .map(({ pattern }) => pattern.text),
  };
}

function depthOf({ routes }: RouteTable): number {
  return Math.max(0, ...routes.map(({ pattern }) => pattern.segments.length)) + 1;
}

function meets({ addresses, methods }: FoundRoute, pattern: RoutePattern): boolean {
  return (
    (methods ?? METHODS).some((method) => takes(pattern, method)) &&
    addresses.some((one) => overlap(one, pattern.segments))
  );
}

function takes({ methods }: RoutePattern, method: string): boolean {
  return methods === undefined || methods.has(method === 'HEAD' ? 'GET' : method);
}
