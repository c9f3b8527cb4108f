/** What pages of errors say in the languages of a service that has accounts. */
import type { RefusalWords } from '../../controls/errors/refusal-words.ts';
import type { WordKey } from './words.ts';
import { WORDS } from './words.ts';
import type { Wording } from './wording.ts';
import type { Wordings } from './wordings.ts';

/** Says what somebody reads of an error. @param acceptLanguage - what their browser asks for */
export type RefusalWordsFor = (acceptLanguage: string | undefined) => RefusalWords;

/** Of all languages of a service. */
export function refusalWordsOf(wordings: Wordings): RefusalWordsFor {
  const made = new Map<Wording, RefusalWords>();
  return (acceptLanguage) => {
    const wording = wordings.of(acceptLanguage);
    const known = made.get(wording) ?? wordsOf(wording, wordings.areSeveral);
    made.set(wording, known);
    return known;
  };
}

function wordsOf(wording: Wording, dependOnReader: boolean): RefusalWords {
  const { say, language, direction } = wording;
  // What stands as in English: the refusal says it of itself, and more closely.
  const inPlaceOf = (key: string, own: string): string => {
    if (!wording.has(key)) return own;
    const text = wording.fill(key, {});
    return text === WORDS.en[key satisfies WordKey] ? own : text;
  };
  return {
    language,
    direction,
    dependOnReader,
    titleOf: ({ type, title }) => inPlaceOf(`problem.${type}.title`, title),
    detailOf: ({ type, detail }) => inPlaceOf(`problem.${type}.detail`, detail),
    goOn: say('problem.goOn'),
    start: say('problem.start'),
    request: wording.pieces('problem.request'),
    development: say('problem.development'),
  };
}
