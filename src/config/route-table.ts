/** The policy's `routes`, compiled: from a method and a path to the rules that hold there. */
import type { RouteRules } from '../core/route-rules.ts';

/** One entry of the policy's `routes`, read. */
export interface Route {
  readonly pattern: RoutePattern;
  readonly rules: RouteRules;
}

/** A pattern taken apart. Segments are lower case; `*` stands for one segment, `**` (last) for any number. */
export interface RoutePattern {
  /** As the policy writes it. */
  readonly text: string;
  /** Undefined: every method. `GET` holds for HEAD too. */
  readonly methods: ReadonlySet<string> | undefined;
  readonly segments: readonly string[];
}

interface Entry {
  readonly id: number;
  readonly route: Route;
}

interface Node {
  readonly children: Map<string, Node>;
  any: Node | undefined;
  /** Entries that end here. */
  readonly here: Entry[];
  /** Entries that hold here and everywhere below (`**`). */
  readonly below: Entry[];
}

const SLASH = 0x2f;
const NONE: RouteRules = Object.freeze({});
const PATTERN = /^(?:([A-Z]+(?:,[A-Z]+)*) )?(\/\S*)$/;
const SEGMENT = /^(?:\*|:\w+|(?!\.{1,2}$)[^*:?#%\\\s]+)$/;

/**
 * Takes a pattern apart: `/admin/**`, `POST /login`, `GET,POST /notes/:id`. Undefined where the text is none.
 * `:name` is `*` with a name for the reader.
 */
export function parseRoutePattern(text: string): RoutePattern | undefined {
  const match = PATTERN.exec(text);
  const path = match?.[2];
  if (path === undefined) return undefined;
  const segments = splitPath(path.toLowerCase()).map((segment) => (segment.startsWith(':') ? '*' : segment));
  const rest = segments.at(-1) === '**' ? segments.slice(0, -1) : segments;
  if (!rest.every((segment) => SEGMENT.test(segment))) return undefined;
  const methods = match?.[1]?.split(',');
  return { text, methods: methods === undefined ? undefined : new Set(methods), segments };
}

/**
 * Finds the rules of a request in a time that depends on the length of its path, not on the number of routes.
 *
 * Where several patterns match, their rules are merged key by key and the more specific pattern wins: compared
 * segment by segment a name beats `*`, which beats `**`; then one that names the method beats one that does not.
 * Case and a trailing slash make no difference, since they make none to most routers.
 */
export class RouteTable {
  readonly #root: Node = emptyNode();
  readonly #merged = new Map<string, RouteRules>();
  /** Whether any route asks for more than anyone. */
  readonly restricts: boolean;
  /** As they were handed in. */
  readonly routes: readonly Route[];

  constructor(routes: readonly Route[]) {
    this.routes = routes;
    for (const [id, route] of routes.entries()) this.#add({ id, route });
    this.restricts = routes.some(({ rules }) => typeof rules.require === 'object');
  }

  /** The rules for a method and a decoded path. */
  find(method: string, path: string): RouteRules {
    const found: Entry[] = [];
    collect(this.#root, path.toLowerCase(), 0, method === 'HEAD' ? 'GET' : method, found);
    const [only] = found;
    if (only === undefined) return NONE;
    return found.length === 1 ? only.route.rules : this.#merge(found);
  }

  #add(entry: Entry): void {
    let node = this.#root;
    for (const segment of entry.route.pattern.segments) {
      if (segment === '**') {
        insert(node.below, entry);
        return;
      }
      node = segment === '*' ? (node.any ??= emptyNode()) : childOf(node, segment);
    }
    insert(node.here, entry);
  }

  // Which patterns match together is decided by the policy, not by requests: this map cannot be made to grow.
  #merge(found: readonly Entry[]): RouteRules {
    const key = found.map((entry) => entry.id).join();
    let rules = this.#merged.get(key);
    if (rules === undefined) {
      rules = found.reduce<RouteRules>((merged, entry) => mergeRules(merged, entry.route.rules), {});
      this.#merged.set(key, rules);
    }
    return rules;
  }
}

/**
 * Key by key, and `require` field by field: a more specific route that asks for a fresh sign-in still asks for the
 * role of the wider one. Only `'anyone'` opens what a wider pattern closed.
 */
function mergeRules(wide: RouteRules, narrow: RouteRules): RouteRules {
  const both = typeof wide.require === 'object' && typeof narrow.require === 'object';
  const require = both ? { ...wide.require, ...narrow.require } : undefined;
  return { ...wide, ...narrow, ...(require !== undefined && { require }) };
}

/**
 * Least specific first: what holds below, then the branch of `*`, then the branch of the name. `from` is where the next
 * segment may begin: nothing is cut out of the path that no pattern asks for.
 */
function collect(node: Node, path: string, from: number, method: string, found: Entry[]): void {
  push(node.below, method, found);
  let start = from;
  while (start < path.length && path.charCodeAt(start) === SLASH) start += 1;
  if (start >= path.length) {
    push(node.here, method, found);
    return;
  }
  if (node.any === undefined && node.children.size === 0) return;
  const slash = path.indexOf('/', start);
  const end = slash === -1 ? path.length : slash;
  if (node.any !== undefined) collect(node.any, path, end, method, found);
  const child = node.children.get(path.slice(start, end));
  if (child !== undefined) collect(child, path, end, method, found);
}

function push(entries: readonly Entry[], method: string, found: Entry[]): void {
  for (const entry of entries) {
    const { methods } = entry.route.pattern;
    if (methods === undefined || methods.has(method)) found.push(entry);
  }
}

/** Entries that name a method stand after those that do not, so that they win the merge. */
function insert(entries: Entry[], entry: Entry): void {
  const firstWithMethod = entries.findIndex((other) => other.route.pattern.methods !== undefined);
  if (entry.route.pattern.methods !== undefined || firstWithMethod === -1) entries.push(entry);
  else entries.splice(firstWithMethod, 0, entry);
}

function childOf(node: Node, segment: string): Node {
  let child = node.children.get(segment);
  if (child === undefined) {
    child = emptyNode();
    node.children.set(segment, child);
  }
  return child;
}

function emptyNode(): Node {
  return { children: new Map(), any: undefined, here: [], below: [] };
}

/** Segments without empty ones: a doubled or trailing slash is no way round a rule. */
function splitPath(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}
