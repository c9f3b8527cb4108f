/** Every sentence of accounts, of their mails and their pages, a table for each language. */
import { formsAr } from './forms.ar.ts';
import { mailAr } from './mail.ar.ts';
import { mailDe } from './mail.de.ts';
import { mailEs } from './mail.es.ts';
import { mailFr } from './mail.fr.ts';
import { problemsAr } from './problems.ar.ts';
import { problemsDe } from './problems.de.ts';
import { problemsEs } from './problems.es.ts';
import { problemsFr } from './problems.fr.ts';
import { PAGE_TABLES } from '../pages/pages.ts';
import { type English, english, type Words } from './english.ts';

/** What is put together once, when it is first asked for: a service speaks one of them, or two. */
const TABLES = {
  de: (): Words => ({
    ...PAGE_TABLES.de(),
    ...mailDe(),
    ...problemsDe(),
  }),
  fr: (): Words => ({
    ...PAGE_TABLES.fr(),
    ...mailFr(),
    ...problemsFr(),
  }),
  es: (): Words => ({
    ...PAGE_TABLES.es(),
    ...mailEs(),
    ...problemsEs(),
  }),
  ar: (): Words => ({
    ...PAGE_TABLES.ar(),
    ...mailAr(),
    ...problemsAr(),
    ...formsAr(),
  }),
};
const made = new Map<Language, Words>();

type Language = keyof typeof TABLES;

/** The languages that are here. An application brings others along by `accounts.words`. */
export const WORDS: { readonly en: English } & Readonly<Record<Language, Words>> = {
  get en() {
    return english();
  },
  get de() {
    return wordsIn('de');
  },
  get fr() {
    return wordsIn('fr');
  },
  get es() {
    return wordsIn('es');
  },
  get ar() {
    return wordsIn('ar');
  },
};

/** The table of a language, whatever its region: that of `de` for `de-AT`. */
export function tableOf(language: string): Words | undefined {
  const [primary = ''] = language.split('-');
  return Object.hasOwn(WORDS, primary) ? WORDS[primary as keyof typeof WORDS] : undefined;
}

function wordsIn(language: Language): Words {
  const known = made.get(language) ?? TABLES[language]();
  made.set(language, known);
  return known;
}
