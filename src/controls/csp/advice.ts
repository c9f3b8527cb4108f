/** From what browsers reported to what is to be done: a source that opens no more than was asked for, or another way. */
import { bypassedHosts } from './bypasses.ts';
import { dangerOf } from './csp-builder.ts';
import { Problems } from '../../core/problems.ts';
import { type Directives, directivesOnto, isDirective, NONCE } from './csp-grammar.ts';
import { type Form, FROM_REPORTS } from './from-reports.ts';

/** Violations that say the same of one page. */
export interface SeenViolation {
  readonly page: string;
  readonly directive: string;
  readonly blocked: string;
  readonly sample: string;
  readonly source: string;
  readonly line: number | undefined;
  readonly count: number;
  /** How many clients it came from, as far as can be told. */
  readonly clients: number;
}

/** A script or style that stands in the application's own source, or in the page that was looked at. */
export interface OwnCode {
  readonly directive: 'script-src' | 'style-src';
  /** Its hash; undefined where each answer has another text. */
  readonly source: string | undefined;
  /** How it begins, as reports have it. */
  readonly sample: string;
  readonly file: string;
}

/** One thing that pages need. */
export interface Need {
  readonly directive: string;
  /** What a policy has to name for it; undefined: nothing that it should name. */
  readonly source: string | undefined;
  /** What to know of the source, or what to do where there is none. */
  readonly word: string;
  readonly blocked: string;
  readonly sample: string;
  /** Eight at most. */
  readonly pages: readonly string[];
  /** Where it is, as far as browsers said. */
  readonly place: string;
  readonly count: number;
  readonly clients: number;
  /** It stands in the application's own source: whoever reports it, its author wrote it. */
  readonly isOwn: boolean;
}

const MOST_PAGES = 8;

/** What pages need, what most visitors met first. */
export function needsOf(
  violations: readonly SeenViolation[],
  policy: Directives,
  code: readonly OwnCode[],
): readonly Need[] {
  const groups = Map.groupBy(violations, ({ directive, blocked, sample, source }) =>
    JSON.stringify([directive, blocked, sample, blocked === 'inline' ? '' : source]),
  );
  const needs = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { directive, blocked, sample, source, line } = first;
    const seen = {
      directive: namedFor(directive, policy),
      blocked,
      sample,
      pages: [...new Set(group.map(({ page }) => page))].toSorted().slice(0, MOST_PAGES),
      place: source === '' ? '' : `${source}${line === undefined ? '' : `:${line}`}`,
      count: sumOf(group.map((one) => one.count)),
      clients: Math.max(...group.map((one) => one.clients)),
    };
    return solutionsOf(first, policy, code).map((solution) => Object.assign(solution, seen));
  });
  return needs.toSorted((a, b) => b.clients - a.clients || b.count - a.count);
}

type Solution = Pick<Need, 'source' | 'word' | 'isOwn'>;

function solutionsOf(seen: SeenViolation, policy: Directives, code: readonly OwnCode[]): readonly Solution[] {
  const { directive, blocked, sample } = seen;
  switch (blocked) {
    case 'inline':
      return inlineOf(directive, sample, code);
    case 'eval':
      return [
        otherwise(
          'it makes code of text: JSON.parse for data, a function for a formula, a build without eval',
        ),
      ];
    case 'wasm-eval':
      return mayBecome(namedFor(directive, policy), "'wasm-unsafe-eval'")
        ? [opens("'wasm-unsafe-eval'", 'WebAssembly, and no code of text')]
        : [otherwise('WebAssembly, which script-src is about')];
    case 'trusted-types-sink':
      return [
        otherwise(
          `${sample === '' ? 'it writes markup' : sample}: textContent, or a Trusted Types policy that cleans it`,
        ),
      ];
    case 'trusted-types-policy':
      return [otherwise('a policy of Trusted Types that is not among those named')];
    default:
      return [placeOf(seen, policy)];
  }
}

function inlineOf(directive: string, sample: string, code: readonly OwnCode[]): readonly Solution[] {
  if (directive.endsWith('-attr'))
    return [
      otherwise(
        directive.startsWith('style')
          ? 'style="..." in a tag: a class, and its rule in a style sheet'
          : 'onclick="..." or its like: addEventListener in a script',
      ),
    ];
  const kind = directive.startsWith('style') ? 'style' : 'script';
  const found =
    sample === ''
      ? []
      : code.filter((one) => one.directive === `${kind}-src` && beginsAlike(one.sample, sample));
  const nonce = otherwise(
    `give its tag the nonce of the page: <${kind} nonce="...">, from bulwark.of(request).nonce`,
  );
  if (found.length === 0) return [nonce];
  const own = found.map(({ source, file }) => {
    const word =
      source === undefined ? `in ${file}, with another text in each answer: ${nonce.word}` : `in ${file}`;
    return { source, word, isOwn: true } satisfies Solution;
  });
  return [...new Map(own.map((one) => [one.source ?? one.word, one])).values()];
}

/** Blanks ahead are kept by browsers and not by everyone who looks at pages, so that of two beginnings one may be longer. */
function beginsAlike(one: string, other: string): boolean {
  const [a, b] = [one.trim(), other.trim()];
  if (Math.min(a.length, b.length) < SHORTEST_START) return a === b;
  return a.startsWith(b) || b.startsWith(a);
}

const SHORTEST_START = 8;

/** What is named by where it comes from: an origin, a scheme, or a path of this site. */
function placeOf({ directive, blocked }: SeenViolation, policy: Directives): Solution {
  const named = namedFor(directive, policy);
  const source = blocked.startsWith('/') ? "'self'" : blocked.includes('://') ? blocked : `${blocked}:`;
  if (!isDirective(named) || blocked === '' || !isWritten(named, source))
    return otherwise('browsers did not say what it was');
  if (NETWORK_SCHEME.test(source))
    return otherwise(
      'a scheme with every host there is, which browsers do not report: name the host that it is',
    );
  if (isScript(named)) return scriptOf(named, source, policy);
  const { because } = FROM_REPORTS[named];
  if (!mayBecome(named, source.includes('://') ? 'host' : source))
    return otherwise(IS_OWN_ADVICE.has(named) ? because : `is it yours? Reports do not tell: ${because}`);
  const danger = dangerOf(named, source);
  return danger === undefined
    ? opens(source, '')
    : otherwise(`no source that a policy should name: ${danger}`);
}

/** Directives whose reason says by itself what to do. */
const IS_OWN_ADVICE = new Set(['frame-ancestors', 'object-src']);

/** Those that lead to hosts: of what comes by one, browsers report the host. */
const NETWORK_SCHEME = /^(?:https?|wss?|ftp):$/;

/** Swagger UI and its like write tags that nobody else can change. Such a page has a line of its own, and no other page is opened. */
const OF_PACKAGE =
  "; in a page that a package writes, at its route alone: 'script-src': [\"'self'\"] (docs/guides/third-party-pages.md)";

type Scripts = 'script-src' | 'script-src-elem' | 'script-src-attr';

function isScript(name: string): name is Scripts {
  return name.startsWith('script-src');
}

function scriptOf(named: Scripts, source: string, policy: Directives): Solution {
  const hosts = bypassedHosts([source], false);
  const known =
    hosts.length === 0 ? '' : `; its host is known to hand out script of anybody (${hosts.join(', ')})`;
  const own = policy[named] ?? policy['default-src'] ?? [];
  if (own.includes(NONCE) || own.includes("'strict-dynamic'")) {
    const ofPackage = source === "'self'" ? OF_PACKAGE : '';
    return otherwise(
      `if it is yours, give its tag the nonce of the page: <script nonce="..." src="...">${known}${ofPackage}`,
    );
  }
  if (known !== '') return otherwise(`do not open it${known}`);
  return otherwise(`is it yours? Reports do not tell: ${FROM_REPORTS[named].because}`);
}

function mayBecome(directive: string, form: string): boolean {
  return isDirective(directive) && FROM_REPORTS[directive].lines.includes(form as Form);
}

/** Whether a policy may be written so. What a report says is anybody's word, and becomes a line to paste. */
function isWritten(directive: string, source: string): boolean {
  const problems = new Problems('production');
  directivesOnto({})({ [directive]: [source] }, '', problems);
  return problems.errors.length === 0;
}

function opens(source: string, word: string): Solution {
  return { source, word, isOwn: false };
}

function otherwise(word: string): Solution {
  return { source: undefined, word, isOwn: false };
}

/** The directive to write: browsers report the narrowest one there is, and a policy seldom names that. */
function namedFor(directive: string, policy: Directives): string {
  return policy[directive] === undefined ? directive.replace(/-(?:elem|attr)$/, '') : directive;
}

/** How many pages at most a source is opened for one by one: where there are more, it is part of the site. */
const MOST_ROUTES = 3;

/** What a policy has to say beside what it says, for the whole site and for single pages. */
export interface Additions {
  readonly site: Directives;
  readonly routes: Readonly<Record<string, Directives>>;
}

/**
 * The tightest lines by which all that can be opened is open: of one page at its route, of many for all.
 *
 * @param isOnePage - one page was looked at, and nothing is known of others: all of it is opened there
 */
export function additionsFor(
  needs: readonly Need[],
  policy: Directives,
  isOnePage: boolean = false,
): Additions {
  const site: Record<string, string[]> = {};
  const routes: Record<string, Record<string, string[]>> = {};
  for (const { directive, source, pages } of needs) {
    if (source === undefined) continue;
    // A hash is of one text, wherever it stands.
    const isEverywhere = !isOnePage && (pages.length > MOST_ROUTES || source.startsWith("'sha"));
    const places = isEverywhere ? [site] : pages.map((page) => (routes[page] ??= {}));
    for (const place of places) {
      place[directive] ??= [...sourcesOf(policy, directive)];
      if (!place[directive].includes(source)) place[directive].push(source);
    }
  }
  // What the site has by now, a route that names the directive has to name too.
  for (const route of Object.values(routes))
    for (const [directive, sources] of Object.entries(route))
      for (const source of site[directive] ?? []) if (!sources.includes(source)) sources.push(source);
  return { site, routes };
}

function sourcesOf(policy: Directives, directive: string): readonly string[] {
  return (policy[directive] ?? policy['default-src'] ?? []).filter((source) => source !== "'none'");
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}
