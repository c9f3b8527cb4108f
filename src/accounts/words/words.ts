/** Every sentence of accounts, of their mails and their pages, a table for each language. */
import { accountAr } from './account.ar.ts';
import { accountDe } from './account.de.ts';
import { accountEs } from './account.es.ts';
import { accountFr } from './account.fr.ts';
import { credentialsAr } from './credentials.ar.ts';
import { credentialsDe } from './credentials.de.ts';
import { credentialsEs } from './credentials.es.ts';
import { credentialsFr } from './credentials.fr.ts';
import { factorsAr } from './factors.ar.ts';
import { factorsDe } from './factors.de.ts';
import { factorsEs } from './factors.es.ts';
import { factorsFr } from './factors.fr.ts';
import { formsAr } from './forms.ar.ts';
import { mailAr } from './mail.ar.ts';
import { mailDe } from './mail.de.ts';
import { mailEs } from './mail.es.ts';
import { mailFr } from './mail.fr.ts';
import { pageAr } from './page.ar.ts';
import { pageDe } from './page.de.ts';
import { pageEs } from './page.es.ts';
import { pageFr } from './page.fr.ts';
import { problemsAr } from './problems.ar.ts';
import { problemsDe } from './problems.de.ts';
import { problemsEs } from './problems.es.ts';
import { problemsFr } from './problems.fr.ts';
import { providersAr } from './providers.ar.ts';
import { providersDe } from './providers.de.ts';
import { providersEs } from './providers.es.ts';
import { providersFr } from './providers.fr.ts';
import { signInAr } from './sign-in.ar.ts';
import { signInDe } from './sign-in.de.ts';
import { signInEs } from './sign-in.es.ts';
import { signInFr } from './sign-in.fr.ts';
import { tokensAr } from './tokens.ar.ts';
import { tokensDe } from './tokens.de.ts';
import { tokensEs } from './tokens.es.ts';
import { tokensFr } from './tokens.fr.ts';
import { type English, english, type Words } from './english.ts';

/** What is put together once, when it is first asked for: a service speaks one of them, or two. */
const TABLES = {
  de: (): Words => ({
    ...pageDe(),
    ...signInDe(),
    ...credentialsDe(),
    ...accountDe(),
    ...factorsDe(),
    ...tokensDe(),
    ...providersDe(),
    ...mailDe(),
    ...problemsDe(),
  }),
  fr: (): Words => ({
    ...pageFr(),
    ...signInFr(),
    ...credentialsFr(),
    ...accountFr(),
    ...factorsFr(),
    ...tokensFr(),
    ...providersFr(),
    ...mailFr(),
    ...problemsFr(),
  }),
  es: (): Words => ({
    ...pageEs(),
    ...signInEs(),
    ...credentialsEs(),
    ...accountEs(),
    ...factorsEs(),
    ...tokensEs(),
    ...providersEs(),
    ...mailEs(),
    ...problemsEs(),
  }),
  ar: (): Words => ({
    ...pageAr(),
    ...signInAr(),
    ...credentialsAr(),
    ...accountAr(),
    ...factorsAr(),
    ...tokensAr(),
    ...providersAr(),
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
