/** What pages of errors say in the languages of a service that has accounts. */
import type { RefusalWords } from '../../controls/errors/refusal-words.ts';
import { chooseLanguage } from './accept-language.ts';
import { directionOf } from './direction.ts';
import type { OwnWords } from './own-words.ts';
import { type ProblemWords, problemWords } from './problem-words.ts';

/** Says what somebody reads of an error. @param acceptLanguage - what their browser asks for */
export type RefusalWordsFor = (acceptLanguage: string | undefined) => RefusalWords;

/** What a policy says of it. */
interface Spoken {
  readonly language: readonly string[];
  readonly words: OwnWords;
}

/** Of all languages of a service. Those of each are made when somebody first reads them. */
export function refusalWordsOf({ language, words }: Spoken): RefusalWordsFor {
  const [first = 'en'] = language;
  const areSeveral = language.length > 1;
  const made = new Map<string, RefusalWords>();
  return (acceptLanguage) => {
    const isAsked = areSeveral && acceptLanguage !== undefined;
    const chosen = isAsked ? chooseLanguage(acceptLanguage, language) : first;
    const known = made.get(chosen) ?? wordsOf(chosen, words, areSeveral);
    made.set(chosen, known);
    return known;
  };
}

function wordsOf(language: string, own: OwnWords, dependOnReader: boolean): RefusalWords {
  const english = problemWords('en');
  const words = {
    ...(problemWords(language) ?? english),
    ...own.all,
    ...own.by.get(language),
  } as ProblemWords;
  const isKey = (key: string): key is keyof ProblemWords => Object.hasOwn(words, key);
  // What stands as in English: the refusal says it of itself, and more closely.
  const inPlaceOf = (key: string, said: string): string =>
    isKey(key) && words[key] !== english?.[key] ? words[key] : said;
  return {
    language,
    direction: directionOf(language),
    dependOnReader,
    titleOf: ({ type, title }) => inPlaceOf(`problem.${type}.title`, title),
    detailOf: ({ type, detail }) => inPlaceOf(`problem.${type}.detail`, detail),
    goOn: words['problem.goOn'],
    start: words['problem.start'],
    request: words['problem.request'].split(/\{(\w+)\}/),
    development: words['problem.development'],
  };
}
