/**
 * What account pages are, as data: what their routes ask for, as a policy writes it, and what they say. The policy reads it, and
 * loads no page: whatever is here is read by every application as it starts, so that tables of words are functions.
 */
import { accountAr } from '../words/account.ar.ts';
import { accountDe } from '../words/account.de.ts';
import { accountEn } from '../words/account.en.ts';
import { accountEs } from '../words/account.es.ts';
import { accountFr } from '../words/account.fr.ts';
import { credentialsAr } from '../words/credentials.ar.ts';
import { credentialsDe } from '../words/credentials.de.ts';
import { credentialsEn } from '../words/credentials.en.ts';
import { credentialsEs } from '../words/credentials.es.ts';
import { credentialsFr } from '../words/credentials.fr.ts';
import { factorsAr } from '../words/factors.ar.ts';
import { factorsDe } from '../words/factors.de.ts';
import { factorsEn } from '../words/factors.en.ts';
import { factorsEs } from '../words/factors.es.ts';
import { factorsFr } from '../words/factors.fr.ts';
import { pageAr } from '../words/page.ar.ts';
import { pageDe } from '../words/page.de.ts';
import { pageEn } from '../words/page.en.ts';
import { pageEs } from '../words/page.es.ts';
import { pageFr } from '../words/page.fr.ts';
import { providersAr } from '../words/providers.ar.ts';
import { providersDe } from '../words/providers.de.ts';
import { providersEn } from '../words/providers.en.ts';
import { providersEs } from '../words/providers.es.ts';
import { providersFr } from '../words/providers.fr.ts';
import { signInAr } from '../words/sign-in.ar.ts';
import { signInDe } from '../words/sign-in.de.ts';
import { signInEn } from '../words/sign-in.en.ts';
import { signInEs } from '../words/sign-in.es.ts';
import { signInFr } from '../words/sign-in.fr.ts';
import { tokensAr } from '../words/tokens.ar.ts';
import { tokensDe } from '../words/tokens.de.ts';
import { tokensEn } from '../words/tokens.en.ts';
import { tokensEs } from '../words/tokens.es.ts';
import { tokensFr } from '../words/tokens.fr.ts';

/** The rules of one pattern. */
export interface PageRule {
  readonly require?: 'anyone' | 'signed-in' | { readonly fresh: `${number}m` };
  readonly limit?: `${number}/minute` | `${number}/hour`;
  readonly by?: readonly ['client'];
  readonly bodyLimit?: `${number}KB`;
  readonly prefetch?: false;
  readonly private?: true;
}

const FORM = { bodyLimit: '64KB' } as const;
const OWN = { ...FORM, require: 'signed-in' } as const;
/** What opens the account: whoever found a signed-in browser gets no further. */
const FRESH = { ...FORM, require: { fresh: '15m' } } as const;
// By client only: the account is counted by the sign-in itself, which knows the browsers of its owner.
const TRIES = { ...FORM, require: 'anyone', limit: '20/minute', by: ['client'] } as const;
/** Each is told to the owner by mail. */
const CHANGES = { ...FRESH, limit: '60/hour', by: ['client'] } as const;
const MAIL_LIMIT = { limit: '30/hour', by: ['client'] } as const;
/** A key stands in its address: no index of links may keep it, wherever its mail was forwarded or shown. */
const KEYED = { private: true } as const;
const MAILS = { ...FORM, require: 'anyone', ...MAIL_LIMIT } as const;

/** The rules of the account pages: the policy adds them to its routes. */
export const ACCOUNT_RULES: Readonly<Record<string, PageRule>> = {
  '/login/**': { require: 'anyone' },
  'POST /login/**': TRIES,
  // Back by GET. Each answer may ask the provider something, and has words of its own for one that is gone.
  // An answer works once, and a look ahead must not use it up.
  '/login/with/**': { ...TRIES, prefetch: false },
  '/login/again': OWN,
  // Asked by the page itself: whoever pressed its button twice comes under an id that was just replaced, and is led on.
  'POST /login/again': TRIES,
  'POST /login/again/passkey/**': { ...OWN, limit: '20/minute', by: ['client'] },
  '/logout': { require: 'anyone' },
  '/signed-out': { require: 'anyone' },
  '/register/**': { require: 'anyone' },
  '/register/confirm': KEYED,
  'POST /register': MAILS,
  'POST /register/confirm': MAILS,
  '/reset/**': { require: 'anyone' },
  '/reset/confirm': KEYED,
  'POST /reset': MAILS,
  'POST /reset/confirm': MAILS,
  '/account/**': OWN,
  '/.well-known/change-password': { require: 'anyone' },
  'POST /account/password': { ...FORM, require: 'anyone' },
  '/account/email': FRESH,
  'POST /account/email': { ...FRESH, ...MAIL_LIMIT },
  '/account/totp/**': FRESH,
  'POST /account/totp/**': CHANGES,
  '/account/recovery-codes': FRESH,
  'POST /account/recovery-codes': CHANGES,
  '/account/passkeys/**': FRESH,
  'POST /account/passkeys/**': CHANGES,
  '/account/identities/**': FRESH,
  'POST /account/identities/**': CHANGES,
  // Whoever found a signed-in browser must not put its owner out of all others (ASVS v5.0.0-7.5.2).
  '/account/sessions/**': FRESH,
  // All of it in one file: not for whoever found a signed-in browser.
  'POST /account/export': { ...FRESH, limit: '20/hour', by: ['client'] },
  '/account/delete': FRESH,
  'POST /account/delete': CHANGES,
  '/account/deleted': { require: 'anyone' },
  // To end one takes no proof: whoever sees a token that they do not know must not be held up.
  '/account/tokens/new': FRESH,
  'POST /account/tokens/new': CHANGES,
  // A mailed link is opened wherever the mail is read.
  '/account/email/confirm': { ...FORM, ...KEYED, require: 'anyone' },
  '/account/passkeys.js': { require: 'anyone' },
  '/account/proof-of-work.js': { require: 'anyone' },
  '/dev/mail': { require: 'anyone' },
};

/** What they say in English: what is put into a sentence is known from its text. */
export type EnglishPages = ReturnType<typeof pageEn> &
  ReturnType<typeof signInEn> &
  ReturnType<typeof credentialsEn> &
  ReturnType<typeof accountEn> &
  ReturnType<typeof factorsEn> &
  ReturnType<typeof tokensEn> &
  ReturnType<typeof providersEn>;

/** The sentences of the pages in one language other than English. */
export type PageWords = Readonly<Record<keyof EnglishPages, string>>;

/** The sentences of the pages, a table for each group of them. */
export const PAGE_TABLES = {
  en: (): EnglishPages => ({
    ...pageEn(),
    ...signInEn(),
    ...credentialsEn(),
    ...accountEn(),
    ...factorsEn(),
    ...tokensEn(),
    ...providersEn(),
  }),
  de: (): PageWords => ({
    ...pageDe(),
    ...signInDe(),
    ...credentialsDe(),
    ...accountDe(),
    ...factorsDe(),
    ...tokensDe(),
    ...providersDe(),
  }),
  fr: (): PageWords => ({
    ...pageFr(),
    ...signInFr(),
    ...credentialsFr(),
    ...accountFr(),
    ...factorsFr(),
    ...tokensFr(),
    ...providersFr(),
  }),
  es: (): PageWords => ({
    ...pageEs(),
    ...signInEs(),
    ...credentialsEs(),
    ...accountEs(),
    ...factorsEs(),
    ...tokensEs(),
    ...providersEs(),
  }),
  ar: (): PageWords => ({
    ...pageAr(),
    ...signInAr(),
    ...credentialsAr(),
    ...accountAr(),
    ...factorsAr(),
    ...tokensAr(),
    ...providersAr(),
  }),
} as const;
