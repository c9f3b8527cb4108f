/**
 * Every sentence of accounts, of their mails and their pages, in English: what there is to say, and what is put into it. A
 * policy with sentences of its own is read by it. Tables are functions, made when they are first asked for: what every
 * application reads as it starts, and few need, costs it a look for the closing brace.
 */
import { type EnglishPages, PAGE_TABLES } from '../pages/pages.ts';
import { mailEn } from './mail.en.ts';
import { problemsEn } from './problems.en.ts';

/** The sentences in English, to the letter: what is put into each is known from it. */
export type English = EnglishPages & ReturnType<typeof mailEn> & ReturnType<typeof problemsEn>;

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

let made: English | undefined;

/** All of them. */
export function english(): English {
  made ??= { ...mailEn(), ...problemsEn(), ...PAGE_TABLES.en() };
  return made;
}

/** The sentence that one of {@link Forms} stands for, in English. */
export function formOf(key: string): string | undefined {
  const [, stem = ''] = /^(.+)\.(?:zero|one|two|few|many)$/.exec(key) ?? [];
  const sentences: Readonly<Record<string, string>> = english();
  const named = [stem, `${stem}.other`].find((name) => Object.hasOwn(sentences, name));
  return named === undefined ? undefined : sentences[named];
}

/** What is put into a text. */
export function slotsOf(text: string): readonly string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, slot]) => slot ?? '');
}
