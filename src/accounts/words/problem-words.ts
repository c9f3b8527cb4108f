/**
 * What pages of errors say, in each language that is here. These few are apart from the other sentences: the layer says
 * them, before anybody has loaded the pages of accounts.
 */
import { problemsAr } from './problems.ar.ts';
import { problemsDe } from './problems.de.ts';
import { problemsEn } from './problems.en.ts';
import { problemsEs } from './problems.es.ts';
import { problemsFr } from './problems.fr.ts';

/** Those of one language. */
export type ProblemWords = Readonly<Record<keyof ReturnType<typeof problemsEn>, string>>;

const TABLES = { en: problemsEn, de: problemsDe, fr: problemsFr, es: problemsEs, ar: problemsAr };

/** Those of a language, whatever its region, made anew for each that asks; nothing where no sentence is in that language. */
export function problemWords(language: string): ProblemWords | undefined {
  const [primary = ''] = language.split('-');
  return Object.hasOwn(TABLES, primary) ? TABLES[primary as keyof typeof TABLES]() : undefined;
}
