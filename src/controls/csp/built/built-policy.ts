/** The policy of a page that a build has written, or whose framework names the hashes of what it puts in. */
import { Recent } from '../../../core/recent.ts';
import { type Directives, isHash } from '../csp-grammar.ts';
import type { BuiltPages } from './built-pages.ts';
import type { PageHashes } from './page-hashes.ts';

/** As many policies of on-demand pages are kept as an application has kinds of pages; those that are asked for stay. */
const MOST_KEPT = 200;
const MOST_READ = 16 * 1024;

/** Makes such policies, each once for what it stands over. */
export class BuiltPolicies<Written extends { readonly directives: Directives }> {
  readonly #pages: BuiltPages;
  readonly #places: readonly string[];
  readonly #write: (base: Written, directives: Directives) => Written;
  readonly #ofPages = new WeakMap<Written, WeakMap<PageHashes, Written>>();
  readonly #ofHashes = new WeakMap<Written, Recent<Written>>();

  /** @param origins - that pages are served at; where none is known, scripts of the build are any of this site */
  constructor(
    pages: BuiltPages,
    origins: readonly string[],
    write: (base: Written, directives: Directives) => Written,
  ) {
    this.#pages = pages;
    this.#write = write;
    this.#places =
      origins.length === 0 && pages.places.length > 0
        ? ["'self'"]
        : origins.flatMap((origin) => pages.places.map((place) => origin + place));
  }

  /**
   * What a page is sent in the place of `base`. Undefined: it is no page of the build, and names no hashes.
   *
   * @param theirs - the application's own policy of the page
   */
  of(base: Written, path: string, theirs: string | undefined): Written | undefined {
    const page = this.#pages.find(path);
    if (page !== undefined) return this.#ofPage(base, page);
    const hashes = theirs === undefined ? undefined : hashesNamed(theirs);
    if (hashes !== undefined) {
      // By the hashes: a header differs from answer to answer where a nonce stands in it too.
      const name = `${hashes.scripts.join(' ')};${hashes.styles.join(' ')}`;
      const made = kept(this.#ofHashes, base, () => new Recent<Written>(MOST_KEPT));
      return made.of(name, () => this.#with(base, hashes));
    }
    const otherwise = this.#pages.otherwise(path);
    return otherwise && this.#ofPage(base, otherwise);
  }

  #ofPage(base: Written, page: PageHashes): Written {
    const made = kept(this.#ofPages, base, () => new WeakMap<PageHashes, Written>());
    return kept(made, page, () => this.#with(base, page));
  }

  #with(base: Written, hashes: PageHashes): Written {
    return this.#write(base, withHashes(base.directives, hashes, this.#places));
  }
}

/**
 * `directives`, with what a page of the build needs. Imports of a script that runs by its hash are no script's doing to a
 * browser, so that `'strict-dynamic'` stops them: in its place stand the paths of the build's own scripts.
 * What it had made void goes with it: a host that no page could load from must not become one that this page can.
 */
export function withHashes(
  directives: Directives,
  { scripts, styles }: PageHashes,
  places: readonly string[],
): Directives {
  const result: Record<string, readonly string[]> = { ...directives };
  for (const name of ['script-src', 'script-src-elem']) {
    const own = directives[name];
    if (own === undefined || own.includes("'none'") || own.includes("'unsafe-inline'")) continue;
    const rest = places.length === 0 || !own.includes(DYNAMIC) ? own : own.filter(countsBeside);
    result[name] = [...new Set([...rest, ...places, ...scripts])];
  }
  for (const name of ['style-src', 'style-src-elem']) {
    const own = directives[name];
    // Beside a hash browsers pass over it.
    if (own === undefined || own.includes("'none'") || own.includes("'unsafe-inline'")) continue;
    result[name] = [...new Set([...own, ...styles])];
  }
  return result;
}

const DYNAMIC = "'strict-dynamic'";

/** Beside `'strict-dynamic'` hosts, schemes and `'self'` count for nothing (CSP Level 3, 8.2). */
function countsBeside(source: string): boolean {
  return source.startsWith("'") && source !== DYNAMIC && source !== "'self'";
}

/** Undefined: it names none. */
function hashesNamed(policy: string): PageHashes | undefined {
  if (policy.length > MOST_READ || !/'sha/i.test(policy)) return undefined;
  const scripts = new Set<string>();
  const styles = new Set<string>();
  for (const part of policy.split(/[;,]/)) {
    const [name = '', ...sources] = part.trim().split(/\s+/);
    const into = /^script-src(?:-elem)?$/i.test(name)
      ? scripts
      : /^style-src(?:-elem)?$/i.test(name)
        ? styles
        : undefined;
    if (into === undefined) continue;
    for (const source of sources) if (isHash(source)) into.add(source);
  }
  return scripts.size + styles.size === 0 ? undefined : { scripts: [...scripts], styles: [...styles] };
}

function kept<Key extends object, Value>(map: WeakMap<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
