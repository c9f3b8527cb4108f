/** What a page of an error says beside what its refusal does, and in which language. */
import type { Refusal } from '../../core/verdict.ts';

/** The words of one language. */
export interface RefusalWords {
  /** As in the `lang` of a page. */
  readonly language: string;
  readonly direction: 'ltr' | 'rtl';
  /** Whether somebody else would have got it in another language: caches are told. */
  readonly dependOnReader: boolean;
  /** What heads the page. */
  titleOf(refusal: Refusal): string;
  /** The sentence below it. */
  detailOf(refusal: Refusal): string;
  /** Leads to where the refusal itself leads. */
  readonly goOn: string;
  /** Leads to the first page of the site. */
  readonly start: string;
  /** In pieces, of which each second one is the name of what is put in there: the id of the request. */
  readonly request: readonly string[];
  readonly development: string;
}

/** In English, as refusals say it. */
export const ENGLISH: RefusalWords = {
  language: 'en',
  direction: 'ltr',
  dependOnReader: false,
  titleOf: ({ title }) => title,
  detailOf: ({ detail }) => detail,
  goOn: 'Continue',
  start: 'Go to the start page',
  request: ['Request ', 'id', ''],
  development: 'Shown in development, on this machine only.',
};

type Headers = NonNullable<Refusal['headers']>;

/** The headers of a refusal, and those that say in which language its page is. */
export function withLanguage(headers: Headers, { language, dependOnReader }: RefusalWords): Headers {
  const own = [...headers, ['Content-Language', language] as const];
  if (!dependOnReader) return own;
  const isVary = ([name]: Headers[number]): boolean => name.toLowerCase() === 'vary';
  const vary = [...headers.filter(isVary).map(([, value]) => value), 'Accept-Language'].join(', ');
  return [...own.filter((line) => !isVary(line)), ['Vary', vary]];
}
