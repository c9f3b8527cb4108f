/** The languages of one service, and which of them somebody reads. */
import type { AccountsSettings } from '../accounts.options.ts';
import { chooseLanguage } from './accept-language.ts';
import { tableOf, WORDS } from './words.ts';
import { Wording } from './wording.ts';

/** What a service says, in each of its languages. */
export class Wordings {
  /** That of whoever asks for none of the others, and of what is told where nobody asks. */
  readonly first: Wording;
  /** Whether what is answered depends on what a browser asks for. */
  readonly areSeveral: boolean;
  readonly #byLanguage: ReadonlyMap<string, Wording>;
  readonly #languages: readonly string[];

  constructor({ language, words }: Pick<AccountsSettings, 'language' | 'words'>) {
    const all = language.map((one) => {
      const table = { ...(tableOf(one) ?? WORDS.en), ...words.all, ...words.by.get(one) };
      return new Wording(one, table);
    });
    const [first = new Wording('en', WORDS.en)] = all;
    this.first = first;
    this.areSeveral = all.length > 1;
    this.#languages = language;
    this.#byLanguage = new Map(all.map((one) => [one.language, one]));
  }

  /** The language of somebody. @param acceptLanguage - what their browser asks for, in that header */
  of(acceptLanguage: string | undefined): Wording {
    if (!this.areSeveral || acceptLanguage === undefined) return this.first;
    return this.#byLanguage.get(chooseLanguage(acceptLanguage, this.#languages)) ?? this.first;
  }
}

const made = new WeakMap<object, Wordings>();

/** Those of a policy that was read, made once. */
export function wordingsOf(settings: Pick<AccountsSettings, 'language' | 'words'>): Wordings {
  const known = made.get(settings) ?? new Wordings(settings);
  made.set(settings, known);
  return known;
}
