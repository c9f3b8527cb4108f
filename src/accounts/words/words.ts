/** Every sentence of accounts, a table for each language. */
import { nearest } from '../../core/nearest.ts';
import { isPlainObject, type Read, Unfit } from '../../core/options.ts';
import { mailDe } from './mail.de.ts';
import { mailEn } from './mail.en.ts';

/** The name of one sentence, such as `mail.reset.subject`. */
export type WordKey = keyof typeof mailEn;

/** All of them, in one language. What is in braces is put in. */
export type Words = Readonly<Record<WordKey, string>>;

/** The languages there are. */
export type Language = 'en' | 'de';

export const WORDS: Readonly<Record<Language, Words>> = { en: mailEn, de: mailDe };

/** Reads sentences of the application's own, in the place of ours: each by a name that there is, with what is put in there. */
export const ownWords: Read<Partial<Words>> = (value, path, problems) => {
  if (!isPlainObject(value))
    throw new Unfit("an object of sentences, by name: { 'mail.reset.subject': '...' }");
  const refuse = (key: string, reason: string, fix: string): void =>
    problems.refuse('ERR_BULWARK_INVALID_OPTION', `${path}['${key}']`, reason, fix);
  for (const [key, text] of Object.entries(value)) {
    const ours = (WORDS.en as Readonly<Record<string, string>>)[key];
    if (!Object.hasOwn(WORDS.en, key) || ours === undefined) {
      const guess = nearest(key, Object.keys(WORDS.en));
      const reason = 'there is no sentence of this name.';
      const fix = guess === undefined ? 'leave it out' : `did you mean '${guess}'?`;
      problems.refuse('ERR_BULWARK_UNKNOWN_OPTION', `${path}['${key}']`, reason, fix);
    } else if (typeof text !== 'string' || text.trim() === '') {
      refuse(key, 'it must be a text that is not empty.', `'${key}': '${ours}'`);
    } else {
      const unknown = slotsOf(text).find((slot) => !slotsOf(ours).includes(slot));
      if (unknown !== undefined)
        refuse(key, `there is nothing to put in for {${unknown}}.`, `'${key}': '${ours}'`);
    }
  }
  return value;
};

/** What is put into a text. */
export function slotsOf(text: string): readonly string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, slot]) => slot ?? '');
}
