/** How the index is made and read: the build and the browser have to agree. */
import type { Options, Query } from 'minisearch';

/** One part of a page. */
export interface SearchedPart {
  readonly id: number;
  readonly url: string;
  readonly title: string;
  /** Empty for what stands under the title. */
  readonly heading: string;
  readonly words: string;
}

/** A word, or a name such as `session.perAccount`, `ERR_BULWARK_POLICY` or `X-Forwarded-For`. */
const NAME = /[\p{L}\p{N}]+(?:[._-][\p{L}\p{N}]+)*/gu;
const JOINED = /[._-]/g;

export const SEARCH: Options<SearchedPart> = {
  fields: ['title', 'heading', 'words'],
  storeFields: ['url', 'title', 'heading'],
  tokenize: (text) => namesIn(text).flatMap(termsOf),
  processTerm: (term) => (term.length > 40 ? null : term.toLowerCase()),
  searchOptions: {
    boost: { title: 4, heading: 3 },
    prefix: true,
    fuzzy: 0.15,
    combineWith: 'AND',
    boostDocument: (_id, _term, stored) => weightOf(String(stored?.['url'])),
  },
};

/** Above whatever place has the parts in its title. */
const WHOLE = { title: 40, heading: 30, words: 10 };

/** What is asked for: of a name the places that have it whole, and behind them those that have all of its parts. */
export function queryOf(text: string): Query {
  const names = namesIn(text).map((name): Query => {
    const parts = partsOf(name);
    if (parts.length < 2) return whole(name);
    const itself = { queries: [whole(name)], boost: WHOLE, fuzzy: false };
    return { combineWith: 'OR', queries: [itself, { combineWith: 'AND', queries: parts }] };
  });
  return { combineWith: 'AND', queries: names };
}

function namesIn(text: string): string[] {
  return [...text.matchAll(NAME)].map(([name]) => name).filter((name) => name.length > 1);
}

/** Without what joins it: people write `nextjs` for Next.js, and `no-account` must not be every place with both words. */
function whole(name: string): string {
  return name.replaceAll(JOINED, '');
}

function termsOf(name: string): string[] {
  const parts = partsOf(name);
  return parts.includes(name) ? parts : [whole(name), ...parts];
}

function partsOf(name: string): string[] {
  return name.split(JOINED).filter((part) => part.length > 1);
}

/** Guides first: of each word there are ten rules, and a line in the history, that are looked up by other ways. */
function weightOf(url: string): number {
  if (url.startsWith('/guides/')) return 2;
  return /^\/(?:checks|CHANGELOG|asvs|src|bench)/.test(url) ? 0.4 : 1;
}
