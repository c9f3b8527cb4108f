/** The account a request body names, read so that no other parser behind the layer can read another one out of it. */
import { isUtf8 } from 'node:buffer';
import { domainToASCII, domainToUnicode } from 'node:url';
import type { BodyKind } from '../../core/body.ts';
import { parseJson } from '../../core/parse-json.ts';

/** Longer than any email address (RFC 5321 4.5.3.1: 64 + 1 + 255). In UTF-16 units. */
const MAX_NAME_LENGTH = 320;

/**
 * The account named by a body's field, in the one form it is counted under. Undefined where the body is malformed,
 * names the field not exactly once, or names no text of at most 320 characters.
 */
export function readAccountName(body: Buffer, kind: BodyKind, field: string): string | undefined {
  if (!isUtf8(body)) return undefined;
  const text = body.toString('utf8');
  const value = kind === 'form' ? fromForm(text, field) : fromJson(text, field);
  if (value === undefined || value.length > MAX_NAME_LENGTH) return undefined;
  return foldAccountName(value);
}

// What Unicode says to leave out of comparisons: soft hyphens, joiners, variation selectors, fillers. And controls, which
// have no weight in any collation.
const IGNORABLE = /[\p{Default_Ignorable_Code_Point}\p{Cc}]/gu;
/** Marks on a letter: MySQL's default collations, and others of the kind `ai`, leave them out of comparisons. */
const MARKS = /[\p{Script=Inherited}&&\p{M}]/gv;
/** Letters that Unicode does not take apart, and that collations compare as these all the same (CLDR root, DUCET). */
const LETTERS: Readonly<Record<string, string>> = {
  '\u00e6': 'ae',
  '\u00f0': 'd',
  '\u00f8': 'o',
  '\u0111': 'd',
  '\u0127': 'h',
  '\u0142': 'l',
  '\u0153': 'oe',
  '\u03c2': '\u03c3',
};
const APART = new RegExp(`[${Object.keys(LETTERS).join('')}]`, 'gu');

/**
 * The one form of a name. It must fold at least as much as the application's own look-up of accounts: two spellings
 * that it finds one account by, and that were counted as two, would be a limit without end. So: NFKC, no ignorable
 * characters, what follows the last `@` as the DNS has it (UTS 46), where it is a domain at all, and all of it without
 * case and marks, since that is how databases compare unless they are told otherwise.
 */
export function foldAccountName(value: string): string {
  const name = value.normalize('NFKC').replaceAll(IGNORABLE, '').trim().toLowerCase();
  const at = name.lastIndexOf('@') + 1;
  const domain = at === 0 ? '' : domainToUnicode(domainToASCII(name.slice(at)));
  return foldLetters(domain === '' ? name : name.slice(0, at) + domain);
}

/** Upper case first: it takes apart what lower case keeps as one letter, as in `stra\u00dfe`. */
function foldLetters(text: string): string {
  const bare = text.normalize('NFKD').replaceAll(MARKS, '').toUpperCase().toLowerCase();
  return bare.replaceAll(APART, (letter) => LETTERS[letter] ?? letter);
}

function fromForm(text: string, field: string): string | undefined {
  let named = 0;
  // Some parsers split at `;` as well: what they would see counts, although the value is read the standard way.
  for (const name of new URLSearchParams(text.replaceAll(';', '&')).keys()) {
    if (foldName(name) === foldName(field)) named += 1;
  }
  if (named !== 1) return undefined;
  return new URLSearchParams(text).get(field) ?? undefined;
}

function fromJson(text: string, field: string): string | undefined {
  let parsed: unknown;
  try {
    parsed = parseJson(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || !Object.hasOwn(parsed, field)) return undefined;
  if (countKeys(text, field) !== 1) return undefined;
  const value = (parsed as Readonly<Record<string, unknown>>)[field];
  return typeof value === 'string' ? value : undefined;
}

/**
 * A field's name as the loosest parser would take it: some ignore case, some trim, some cut at `[` or NUL, some turn
 * dots and spaces into underscores. An attacker with a second name that is not counted could guess
 * at one account under the count of another.
 */
function foldName(name: string): string {
  const end = name.search(/[[\0]/);
  return (end === -1 ? name : name.slice(0, end)).trim().toLowerCase().replaceAll(/[. ]/g, '_');
}

/**
 * How often the outermost object of a JSON text names a field. JSON.parse keeps the last of two equal keys, other
 * parsers the first. The text is known to parse, so strings and brackets are all there is to follow.
 */
function countKeys(text: string, field: string): number {
  const folded = foldName(field);
  let count = 0;
  let depth = 0;
  let isKey = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') {
      const end = endOfString(text, at);
      if (isKey && depth === 1 && foldName(JSON.parse(text.slice(at, end + 1)) as string) === folded)
        count += 1;
      isKey = false;
      at = end;
    } else if (char === '{' || char === '[') {
      depth += 1;
      isKey = char === '{';
    } else if (char === '}' || char === ']') {
      depth -= 1;
    } else if (char === ',') {
      isKey = true;
    }
  }
  return count;
}

/** Where the string that opens at `start` closes. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
