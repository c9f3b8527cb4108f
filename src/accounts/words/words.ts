/** Every sentence of accounts, of their mails and their pages, a table for each language. */
import { type EnglishPages, PAGES_AR, PAGES_DE, PAGES_EN, PAGES_ES, PAGES_FR } from '../pages/pages.ts';
import { formsAr } from './forms.ar.ts';
import { mailAr } from './mail.ar.ts';
import { mailDe } from './mail.de.ts';
import { mailEn } from './mail.en.ts';
import { mailEs } from './mail.es.ts';
import { mailFr } from './mail.fr.ts';
import { problemsAr } from './problems.ar.ts';
import { problemsDe } from './problems.de.ts';
import { problemsEn } from './problems.en.ts';
import { problemsEs } from './problems.es.ts';
import { problemsFr } from './problems.fr.ts';

/** The sentences in English, to the letter: what is put into each is known from it. */
export type English = EnglishPages & typeof mailEn & typeof problemsEn;

/** The name of one sentence, such as `mail.reset.subject`. */
export type WordKey = keyof English;

/** All of them, in one language. What is in braces is put in. */
export type Words = Readonly<Record<WordKey, string>> & Forms;

/**
 * What stands in the place of a sentence whose number asks for another form (Intl.PluralRules): `choose.hint.few` for
 * three to ten characters in Arabic. Where one is not here, the sentence itself stands, or its `.other`.
 */
export type Forms = Readonly<
  Partial<Record<`${WordKey | Counted}.${'zero' | 'one' | 'two' | 'few' | 'many'}`, string>>
>;

/** The names in the braces of a text. */
export type SlotsOf<Text extends string> = Text extends `${string}{${infer Slot}}${infer Rest}`
  ? Slot | SlotsOf<Rest>
  : never;

/** What stands in two forms, for one of a thing and for several: `account.remembered` for `account.remembered.one`. */
export type Counted = WordKey extends infer Key ? (Key extends `${infer Stem}.one` ? Stem : never) : never;

/** The languages that are here. An application brings others along by `accounts.words`. */
export const WORDS: { readonly en: English } & Readonly<Record<'de' | 'fr' | 'es' | 'ar', Words>> = {
  en: { ...mailEn, ...problemsEn, ...PAGES_EN },
  de: { ...mailDe, ...problemsDe, ...PAGES_DE },
  fr: { ...mailFr, ...problemsFr, ...PAGES_FR },
  es: { ...mailEs, ...problemsEs, ...PAGES_ES },
  ar: { ...mailAr, ...problemsAr, ...PAGES_AR, ...formsAr },
};

/** The table of a language, whatever its region: that of `de` for `de-AT`. */
export function tableOf(language: string): Words | undefined {
  const [primary = ''] = language.split('-');
  return Object.hasOwn(WORDS, primary) ? WORDS[primary as keyof typeof WORDS] : undefined;
}

/** The sentence that one of {@link Forms} stands for, in English. */
export function formOf(key: string): string | undefined {
  const [, stem = ''] = /^(.+)\.(?:zero|one|two|few|many)$/.exec(key) ?? [];
  const sentences: Readonly<Record<string, string>> = WORDS.en;
  const named = [stem, `${stem}.other`].find((name) => Object.hasOwn(sentences, name));
  return named === undefined ? undefined : sentences[named];
}

/** What is put into a text. */
export function slotsOf(text: string): readonly string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, slot]) => slot ?? '');
}
