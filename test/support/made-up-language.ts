/**
 * A language that nobody speaks: each sentence has its number in brackets and no letter of its own, so that a letter on a
 * page is either something that was put in, or a text that is in no table. Dates and amounts are those of Japan, which have
 * no letters either.
 */
import type { WordKey, Words } from '../../src/accounts/words/english.ts';
import { WORDS } from '../../src/accounts/words/words.ts';
import type { Page } from './visitor.ts';

export const MADE_UP = 'ja';

const KEYS = Object.keys(WORDS.en) as readonly WordKey[];
const SLOT_OR_LETTER = /\{\w+\}|[a-z]/gi;
const SENTENCE = /\u27e6(\d+)\|/g;

/** All of its sentences. */
export const MADE_UP_WORDS: Words = Object.fromEntries(
  KEYS.map((key, index) => [
    key,
    `\u27e6${index}|${WORDS.en[key].replaceAll(SLOT_OR_LETTER, (one) => (one.length > 1 ? one : '#'))}\u27e7`,
  ]),
) as Words;

/** What of a tag people read, or are read: in the page at once, or by its script later. */
const READ =
  /\s(?:alt|aria-label|title|placeholder|download|data-(?:passkey|keep|proof-of-work)-(?:cancelled|failed|copied|selected|sending|progress|done))="([^"]*)"/g;
const TYPED = /<input(?![^>]*type="(?:hidden|checkbox)")[^>]*\svalue="([^"]*)"/g;
/** Secrets, names of headers and scopes: what is typed as it stands. */
const VERBATIM = /<(style|script|code|textarea|pre)\b[^]*?<\/\1>/g;

/** What a page has people keep as a file, but for the secrets in it, which stand behind an empty line. */
function filesOf(text: string): readonly string[] {
  const files = [...text.matchAll(/href="data:text\/plain;charset=utf-8,([^"]*)"/g)];
  const contents = files.map(([, file]) => decodeURIComponent(file ?? '').split('\r\n\r\n'));
  return contents.flatMap(([about = '', secrets]) => (secrets === undefined ? [] : [about]));
}

/** Texts of a page that are no sentence of a table: names, addresses, and what should not be there. */
export function lettersOf({ text }: Page): readonly string[] {
  const page = text.replaceAll(VERBATIM, ' ').replaceAll(/<!doctype html>/gi, '');
  const read = [...page.matchAll(READ), ...page.matchAll(TYPED)].map(([, value]) => value ?? '');
  const all = [page.replaceAll(/<[^>]*>/g, ' '), ...read, ...filesOf(text)].join('\n');
  return all.replaceAll(/&#?\w+;|https?:\/\/\S+|\{percent\}/g, ' ').match(/[A-Za-z](?:[\w.@:-]*\w)?/g) ?? [];
}

/** The sentences on a page, by name. */
export function sentencesOf({ text }: Page): readonly WordKey[] {
  const all = [text, ...filesOf(text)].join('\n');
  return [...all.matchAll(SENTENCE)]
    .map(([, index]) => KEYS[Number(index)])
    .filter((key) => key !== undefined);
}

/** Every name of a sentence. */
export function allSentences(): readonly WordKey[] {
  return KEYS;
}
