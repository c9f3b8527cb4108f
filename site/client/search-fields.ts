/** How the index is made and read: the build and the browser have to agree. */
import type { Options } from 'minisearch';

/** One part of a page. */
export interface SearchedPart {
  readonly id: number;
  readonly url: string;
  readonly title: string;
  /** Empty for what stands under the title. */
  readonly heading: string;
  readonly words: string;
}

export const SEARCH: Options<SearchedPart> = {
  fields: ['title', 'heading', 'words'],
  storeFields: ['url', 'title', 'heading'],
  // `session.perAccount` and `X-Forwarded-For` are found whole and by their parts.
  tokenize: (text) => text.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 1),
  processTerm: (term) => (term.length > 40 ? null : term.toLowerCase()),
  searchOptions: {
    boost: { title: 4, heading: 3 },
    prefix: true,
    fuzzy: 0.15,
    combineWith: 'AND',
    boostDocument: (_id, _term, stored) => weightOf(String(stored?.['url'])),
  },
};

/** Guides first: of each word there are ten rules, and a line in the history, that are looked up by other ways. */
function weightOf(url: string): number {
  if (url.startsWith('/guides/')) return 2;
  return /^\/(?:checks|CHANGELOG|asvs|src|bench)/.test(url) ? 0.4 : 1;
}
