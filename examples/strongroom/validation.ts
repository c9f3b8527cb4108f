/** What people type, parsed: a value that may be used, or the sentence that tells them what to change. */
import { domainToASCII } from 'node:url';

/** An address someone can be reached at. */
export interface EmailAddress {
  /** As it was written. */
  readonly shown: string;
  /** What two spellings of one address have in common. */
  readonly key: string;
}

/** A value, or what to tell the person who typed it. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string };

/** The longest note, in UTF-16 units as the browser's `maxlength` counts them. */
export const MAX_NOTE_LENGTH = 4000;

const MAX_EMAIL_LENGTH = 254;
const MAX_LOCAL_LENGTH = 64;
// RFC 5321 dot-atom. ASCII alone: two accounts whose names look or fold alike are how one takes over the other
// (CVE-2019-19844). Each class is followed by a character outside it, so that matching takes linear time.
const LOCAL_PART = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/u;
const DOMAIN_LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

/** Reads one field of a form. Parsers hand out arrays and objects for `email[]=` and `email=a&email=b`: those are none. */
export function field(body: unknown, name: string): string {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return '';
  const value: unknown = (body as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : '';
}

/** Reads an address. Case and surrounding blanks tell no two apart; a domain may be written in any script. */
export function parseEmail(text: string): Parsed<EmailAddress> {
  const shown = text.trim();
  if (shown === '') return refuse('Enter your email address.');
  const at = shown.lastIndexOf('@');
  if (shown.length > MAX_EMAIL_LENGTH || at < 1 || at > MAX_LOCAL_LENGTH) return refuse(NOT_AN_ADDRESS);
  const local = shown.slice(0, at);
  // Soft hyphens and their like vanish in a domain: an address has one spelling, not one for each place to put one.
  if (IGNORABLE.test(shown)) return refuse(NOT_AN_ADDRESS);
  const domain = domainToASCII(shown.slice(at + 1));
  const labels = domain.split('.');
  if (!LOCAL_PART.test(local) || labels.length < 2 || !labels.every((label) => DOMAIN_LABEL.test(label))) {
    return refuse(NOT_AN_ADDRESS);
  }
  return { ok: true, value: { shown, key: `${local.toLowerCase()}@${domain}` } };
}

const NOT_AN_ADDRESS = 'Enter an email address in full, such as anna@example.com.';

/** Reads a note: some text, line ends made one kind, no more of it than {@link MAX_NOTE_LENGTH}. */
export function parseNote(text: string): Parsed<string> {
  const note = text.replaceAll('\r\n', '\n').trim();
  if (note === '') return refuse('Write something first.');
  if (note.length > MAX_NOTE_LENGTH) {
    const excess = note.length - MAX_NOTE_LENGTH;
    return refuse(
      `That is ${excess} character${excess === 1 ? '' : 's'} too long. A note holds ${MAX_NOTE_LENGTH}.`,
    );
  }
  // A NUL ends the text for SQLite's own functions, and nobody types one.
  return note.includes('\0')
    ? refuse('That note has characters that cannot be kept.')
    : { ok: true, value: note };
}

/**
 * The page to go to after signing in: a path of this site, or `fallback`. Browsers read `//host`, `/\host` and a
 * tab or newline inside either as another site (CWE-601).
 */
export function parseNextPath(text: string, fallback: string): string {
  if (!/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,500}$/.test(text)) return fallback;
  const url = new URL(text, BASE);
  // What the parser made of it: `/.//host` becomes the path `//host`.
  return url.origin === BASE && !url.pathname.startsWith('//') ? url.pathname + url.search : fallback;
}

const BASE = 'http://strongroom.invalid';

function refuse(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message };
}
