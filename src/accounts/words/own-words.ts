/** Sentences of the application's own, and the languages that it speaks, as a policy writes them. */
import { nearest } from '../../core/nearest.ts';
import { isPlainObject, type Read, Unfit } from '../../core/options.ts';
import type { Problems } from '../../core/problems.ts';
import { english, formOf, slotsOf, type WordKey, type Words } from './english.ts';
import { problemWords } from './problem-words.ts';

/** Sentences in the place of ours: of the one language that there is, or by language. */
export type OwnWordsOption = Partial<Words> | Readonly<Record<string, Partial<Words>>>;

/** {@link OwnWordsOption}, read. */
export interface OwnWords {
  /** Of no language by name: for a service that speaks one. */
  readonly all: Partial<Words>;
  readonly by: ReadonlyMap<string, Partial<Words>>;
}

export const NO_OWN_WORDS: OwnWords = { all: {}, by: new Map() };

const LANGUAGE = /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/;
const MOST_LANGUAGES = 16;

/** Reads one language, or several, of which the first is that of whoever asks for none of them. */
export const languages: Read<readonly string[]> = (value) => {
  const named: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isFit =
    named.length > 0 &&
    named.length <= MOST_LANGUAGES &&
    new Set(named).size === named.length &&
    named.every((one) => typeof one === 'string' && LANGUAGE.test(one) && isKnownToIntl(one));
  if (!isFit) throw new Unfit("a language, or a list of some: 'de', or ['en', 'de']");
  return named as readonly string[];
};

/** Reads them: each by a name that there is, with what is put in there. */
export const ownWords: Read<OwnWords> = (value, path, problems) => {
  if (!isPlainObject(value))
    throw new Unfit("an object of sentences, by name: { 'mail.reset.subject': '...' }");
  const all: Record<string, unknown> = {};
  const by = new Map<string, Partial<Words>>();
  for (const [key, given] of Object.entries(value)) {
    if (isPlainObject(given)) {
      for (const [name, text] of Object.entries(given))
        checkSentence(name, text, `${path}['${key}']['${name}']`, problems);
      by.set(key, given);
    } else {
      checkSentence(key, given, `${path}['${key}']`, problems);
      all[key] = given;
    }
  }
  return { all, by };
};

/** What languages and sentences ask of each other: a language that is not here has all of its sentences from the application. */
export function checkLanguages(spoken: readonly string[], own: OwnWords, problems: Problems): void {
  const refuse = (option: string, reason: string, fix: string): void =>
    problems.refuse('ERR_BULWARK_INVALID_OPTION', option, reason, fix);
  const [flat] = Object.keys(own.all);
  if (flat !== undefined && spoken.length > 1) {
    const fix = `accounts: { words: { '${spoken[0]}': { '${flat}': '...' } } }`;
    refuse(
      `accounts.words['${flat}']`,
      'there are several languages, and it says of none which it is in.',
      fix,
    );
  }
  for (const language of own.by.keys()) {
    if (!spoken.includes(language)) {
      const fix = `accounts: { language: [${[...spoken, language].map((one) => `'${one}'`).join(', ')}] }`;
      refuse(`accounts.words['${language}']`, 'it is no language of accounts.language.', fix);
    }
  }
  for (const language of spoken) {
    if (problemWords(language) !== undefined) continue;
    const words = { ...own.all, ...own.by.get(language) };
    const missing = keys().filter((key) => words[key] === undefined);
    if (missing.length > 0) {
      const fix = `accounts: { words: { '${language}': { '${missing[0]}': '...' } } }, or language: 'en'`;
      refuse('accounts.language', `${missing.length} sentences of '${language}' are missing.`, fix);
    }
  }
}

function checkSentence(key: string, text: unknown, option: string, problems: Problems): void {
  const code = 'ERR_BULWARK_INVALID_OPTION';
  const sentences: Readonly<Record<string, string>> = english();
  const ours = Object.hasOwn(sentences, key) ? sentences[key] : formOf(key);
  if (ours === undefined) {
    const guess = nearest(key, keys());
    const reason = 'there is no sentence of this name.';
    const fix = guess === undefined ? 'leave it out' : `did you mean '${guess}'?`;
    problems.refuse('ERR_BULWARK_UNKNOWN_OPTION', option, reason, fix);
  } else if (typeof text !== 'string' || text.trim() === '') {
    problems.refuse(code, option, 'it must be a text that is not empty.', `'${key}': '${ours}'`);
  } else {
    const unknown = slotsOf(text).find((slot) => !slotsOf(ours).includes(slot));
    if (unknown !== undefined)
      problems.refuse(code, option, `there is nothing to put in for {${unknown}}.`, `'${key}': '${ours}'`);
  }
}

function keys(): readonly WordKey[] {
  return Object.keys(english()) as readonly WordKey[];
}

function isKnownToIntl(language: string): boolean {
  try {
    return Intl.getCanonicalLocales(language).length === 1;
  } catch {
    return false;
  }
}
