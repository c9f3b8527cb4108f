/** The policy's `routes`, compiled: from a method and a path to the rules that hold there. */
import type { RouteRules } from '../core/route-rules.ts';
import { canWiden, mergeRules } from './merge-rules.ts';
import type { FrameworkName } from '../controls/access/frameworks.ts';
import { dataOf, type PageData } from '../controls/access/page-data.ts';
import type { RoutePattern } from './route-pattern.ts';

/** One entry of the policy's `routes`, read. */
export interface Route {
  readonly pattern: RoutePattern;
  readonly rules: RouteRules;
}

/** What the table is told of the rest of the policy. */
export interface RouteTableOptions {
  /** Bytes of body where no route says otherwise. Default: any number is fewer. */
  readonly bodyLimit?: number;
  /** Frameworks whose data of a page is opened with the page. Closed with it is the data of every framework. */
  readonly frameworks?: readonly FrameworkName[];
}

interface Entry {
  readonly route: Route;
  /** What it adds to the name of a set of entries, as it is matched. */
  readonly exactKey: string;
  readonly looseKey: string;
  /** Where it stands among all, the widest first. */
  rank: number;
  /** What is held against the path letter by letter; undefined: nothing it says could widen. */
  readonly letters: readonly string[] | undefined;
  /** The same as one text, where no `*` is in it; of one with `**` up to there. */
  readonly text: string | undefined;
  /** Whether it names each segment: none beats it where it stands letter by letter. */
  readonly isLiteral: boolean;
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

/**
 * Finds the rules of a request in a time that depends on the length of its path, not on the number of routes.
 *
 * Where several patterns match, their rules are merged ({@link mergeRules}) and the more specific pattern wins: compared
 * segment by segment a name beats `*`, which beats `**`; then one that names the method beats one that does not.
 * Case, escapes and slashes make no difference to what closes, since they make none to many routers.
 */
export class RouteTable {
  readonly #root: Node = emptyNode();
  readonly #merged = new Map<string, RouteRules>();
  readonly #bodyLimit: number;
  readonly #frameworks: readonly FrameworkName[];
  /** Whether any pattern has a `*`, which an empty segment could be. */
  readonly #hasParameters: boolean;
  /** Whether any route asks for more than anyone. */
  readonly restricts: boolean;
  /** As they were handed in. */
  readonly routes: readonly Route[];

  constructor(routes: readonly Route[], { bodyLimit = Infinity, frameworks = [] }: RouteTableOptions = {}) {
    this.routes = routes;
    this.#bodyLimit = bodyLimit;
    this.#frameworks = frameworks;
    const entries = routes.map(entryOf);
    for (const [rank, entry] of entries.toSorted(byWidth).entries()) {
      entry.rank = rank;
      this.#add(entry);
    }
    this.#hasParameters = routes.some(({ pattern }) => pattern.segments.includes('*'));
    this.restricts = routes.some(({ rules }) => typeof rules.require === 'object');
  }

  /**
   * The rules for a method and a path.
   *
   * @param path - percent-decoded once, empty segments collapsed
   * @param raw - as it came
   * @param emptyParameters - whether the router may take an empty segment for a parameter, as Fastify does: `/notes/` is
   * then `/notes/:id` too, and both are asked
   */
  find(method: string, path: string, raw: string = path, emptyParameters = false): RouteRules {
    const asked = method === 'HEAD' ? 'GET' : method;
    const folded = path.toLowerCase();
    const found: Entry[] = [];
    collect(this.#root, folded, 0, asked, found);
    const data = dataOf(folded);
    const known = found.length;
    if (emptyParameters && this.#hasParameters && hasEmptySegment(raw)) {
      if (raw !== '/') collectWithEmpty(this.#root, foldSegments(path, raw), asked, found);
      else if (this.#root.any !== undefined) collect(this.#root.any, '/', 0, asked, found);
    }
    if (data === undefined && found.length === known) return this.#rulesOf(found, raw);
    const matched = new Map(found.map((entry) => [entry, matchOf(entry, raw)]));
    if (data !== undefined) this.#addPages(data, raw, asked, matched);
    return matched.size === 0 ? NONE : this.#merge([...matched.values()].sort(byWeight));
  }

  /** @param found - least specific first */
  #rulesOf(found: readonly Entry[], raw: string): RouteRules {
    const [only] = found;
    if (only === undefined) return NONE;
    let key = '';
    for (const entry of found) {
      const exact = isExact(entry, raw);
      if (exact && found.length === 1) return entry.route.rules;
      key += exact ? entry.exactKey : entry.looseKey;
    }
    return this.#merged.get(key) ?? this.#merge(found.map((entry) => matchOf(entry, raw)));
  }

  /** Whether a pattern that says who may call has this among its segments, and holds for the path. */
  names(segment: string, method: string, path: string): boolean {
    const found: Entry[] = [];
    collect(this.#root, path.toLowerCase(), 0, method === 'HEAD' ? 'GET' : method, found);
    return found.some(
      ({ route: { pattern, rules } }) => rules.require !== undefined && pattern.segments.includes(segment),
    );
  }

  /** The rules of the page go with its data: what closes always, what opens where the policy names the framework. */
  #addPages(data: PageData, raw: string, method: string, matched: Map<Entry, Match>): void {
    const isOurs = this.#frameworks.includes(data.framework);
    if (isOurs) {
      // It is none of the paths that a parameter or a wildcard stands for: only a pattern that names it speaks of it.
      for (const entry of matched.keys()) if (!entry.isLiteral) matched.delete(entry);
    }
    const written = isOurs ? dataOf(raw)?.pages : undefined;
    for (const [index, page] of data.pages.entries()) {
      const found: Entry[] = [];
      collect(this.#root, page, 0, method, found);
      const letters = written?.[index];
      for (const entry of found) {
        const exact = letters === undefined ? entry.letters === undefined : isExact(entry, letters);
        if (!matched.has(entry)) matched.set(entry, { entry, exact, named: false });
      }
    }
  }

  #add(entry: Entry): void {
    let node = this.#root;
    for (const segment of entry.route.pattern.segments) {
      if (segment === '**') {
        node.below.push(entry);
        return;
      }
      node = segment === '*' ? (node.any ??= emptyNode()) : childOf(node, segment);
    }
    node.here.push(entry);
  }

  // Which patterns match together is decided by the policy, not by requests: this map cannot be made to grow.
  #merge(matched: readonly Match[]): RouteRules {
    let key = '';
    for (const { entry, exact } of matched) key += exact ? entry.exactKey : entry.looseKey;
    let rules = this.#merged.get(key);
    if (rules === undefined) {
      const all = matched.map(({ entry, exact }) => ({ rules: entry.route.rules, exact }));
      rules = Object.freeze(mergeRules(all, this.#bodyLimit));
      this.#merged.set(key, rules);
    }
    return rules;
  }
}

interface Match {
  readonly entry: Entry;
  /** Whether what it opens or widens holds too. */
  readonly exact: boolean;
  /** Whether it names the path, segment by segment and letter by letter. */
  readonly named: boolean;
}

function matchOf(entry: Entry, raw: string): Match {
  const exact = isExact(entry, raw);
  return { entry, exact, named: exact && entry.isLiteral };
}

function entryOf(route: Route, id: number): Entry {
  const { letters, segments } = route.pattern;
  const fixed = letters.at(-1) === '**' ? letters.slice(0, -1) : letters;
  return {
    route,
    exactKey: `${id},`,
    looseKey: `${id}!,`,
    text: fixed.includes('*') ? undefined : fixed.map((segment) => `/${segment}`).join(''),
    rank: 0,
    letters: canWiden(route.rules) ? letters : undefined,
    isLiteral: !segments.includes('*') && segments.at(-1) !== '**',
  };
}

/** Segment by segment a name is narrower than `*`, that than the end of the pattern, and that than `**`. */
function byWidth(a: Entry, b: Entry): number {
  const [one, other] = [a.route.pattern, b.route.pattern];
  for (let index = 0; index < Math.max(one.segments.length, other.segments.length); index += 1) {
    const difference = weightOf(one.segments[index]) - weightOf(other.segments[index]);
    if (difference !== 0) return difference;
  }
  return Number(one.methods !== undefined) - Number(other.methods !== undefined);
}

function weightOf(segment: string | undefined): number {
  if (segment === undefined) return 1;
  return segment === '**' ? 0 : segment === '*' ? 2 : 3;
}

/** Where a path has several readings: a pattern that names it is the narrowest of all. */
function byWeight(a: Match, b: Match): number {
  return a.named === b.named ? a.entry.rank - b.entry.rank : Number(a.named) - Number(b.named);
}

/** Whether a path stands there as the pattern writes it: its case, nothing escaped, each slash. */
function isExact({ letters, text, isLiteral }: Entry, raw: string): boolean {
  if (letters === undefined) return true;
  if (isLiteral) return raw === text;
  if (text !== undefined)
    return raw.startsWith(text) && (raw.length === text.length || raw[text.length] === '/');
  let from = 0;
  for (const segment of letters) {
    if (segment === '**') return true;
    if (raw.charCodeAt(from) !== SLASH) return false;
    const slash = raw.indexOf('/', from + 1);
    const end = slash === -1 ? raw.length : slash;
    const length = end - from - 1;
    if (segment === '*' ? length === 0 : length !== segment.length || !raw.startsWith(segment, from + 1))
      return false;
    from = end;
  }
  return from === raw.length;
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

/**
 * Every reading in which an empty segment is none, or is what a `*` stands for. All of them at once, a segment at a time:
 * one after the other they would be as many as there are ways to choose among the slashes of a request.
 */
function collectWithEmpty(root: Node, segments: readonly string[], method: string, found: Entry[]): void {
  const known = new Set(found);
  let at: ReadonlySet<Node> = new Set([root]);
  const passed = new Set(at);
  // In a long run of slashes nothing is new after a few of them.
  let isSettled = false;
  for (const segment of segments) {
    if (segment === '' && isSettled) continue;
    const next = new Set(segment === '' ? at : []);
    for (const { any, children } of at) {
      const child = children.get(segment);
      if (any !== undefined) next.add(any);
      if (child !== undefined) next.add(child);
    }
    isSettled = segment === '' && next.size === at.size;
    at = next;
    // No pattern goes on from here: a long path costs no more than the longest of them.
    if (at.size === 0) break;
    for (const node of at) passed.add(node);
  }
  const all: Entry[] = [];
  for (const node of passed) push(node.below, method, all);
  for (const node of at) push(node.here, method, all);
  for (const entry of all) if (!known.has(entry)) found.push(entry);
}

function hasEmptySegment(raw: string): boolean {
  return raw.endsWith('/') || raw.includes('//');
}

/** The segments of a path with the empty ones. One that could not be decoded is in `path` as it came. */
function foldSegments(path: string, raw: string): readonly string[] {
  const decoded = raw === path ? path : decodeURIComponent(raw);
  return decoded.toLowerCase().slice(1).split('/');
}

function push(entries: readonly Entry[], method: string, found: Entry[]): void {
  for (const entry of entries) {
    const { methods } = entry.route.pattern;
    if (methods === undefined || methods.has(method)) found.push(entry);
  }
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
