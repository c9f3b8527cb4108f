/** Every sentence of accounts, of their mails and their pages, a table for each language. */
import { type EnglishPages, PAGES_DE, PAGES_EN } from '../pages/pages.ts';
import { mailDe } from './mail.de.ts';
import { mailEn } from './mail.en.ts';
import { problemsDe } from './problems.de.ts';
import { problemsEn } from './problems.en.ts';

/** The sentences in English, to the letter: what is put into each is known from it. */
export type English = EnglishPages & typeof mailEn & typeof problemsEn;

/** The name of one sentence, such as `mail.reset.subject`. */
export type WordKey = keyof English;

/** All of them, in one language. What is in braces is put in. */
export type Words = Readonly<Record<WordKey, string>>;

/** The names in the braces of a text. */
export type SlotsOf<Text extends string> = Text extends `${string}{${infer Slot}}${infer Rest}`
  ? Slot | SlotsOf<Rest>
  : never;

/** What stands in two forms, for one of a thing and for several: `account.remembered` for `account.remembered.one`. */
export type Counted = WordKey extends infer Key ? (Key extends `${infer Stem}.one` ? Stem : never) : never;

/** The languages that are here. An application brings others along by `accounts.words`. */
export const WORDS: { readonly en: English; readonly de: Words } = {
  en: { ...mailEn, ...problemsEn, ...PAGES_EN },
  de: { ...mailDe, ...problemsDe, ...PAGES_DE },
};

/** The table of a language, whatever its region: that of `de` for `de-AT`. */
export function tableOf(language: string): Words | undefined {
  const [primary = ''] = language.split('-');
  return Object.hasOwn(WORDS, primary) ? WORDS[primary as keyof typeof WORDS] : undefined;
}

/** What is put into a text. */
export function slotsOf(text: string): readonly string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, slot]) => slot ?? '');
}
