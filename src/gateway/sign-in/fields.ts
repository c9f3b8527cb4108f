/** The fields of a small body as one flat list, whatever carried them, so that nothing behind the gateway can read others. */
import { isUtf8 } from 'node:buffer';
import { countNames } from '../../core/json-names.ts';
import { EscapedNameError, parseJson } from '../../core/parse-json.ts';
import { readMultipart } from './multipart.ts';

/** One field, as often as it is there. Nested ones are written as forms write them: `user[email]`. */
export interface Field {
  readonly name: string;
  /** Undefined where it is no text, or where only a lenient parser sees the field at all. */
  readonly value: string | undefined;
}

const MOST_FIELDS = 1000;
const DEEPEST = 6;
const LONGEST_KEY = 200;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json[ \t]*(?:;[ \t]*charset="?utf-8"?)?$/i;
const FORM_TYPE = /^application\/x-www-form-urlencoded[ \t]*(?:;[ \t]*charset="?utf-8"?)?$/i;

/**
 * The fields of a body by its Content-Type. Undefined: it is none of these, or not well formed. JSON in which a key is there
 * twice has no values: JSON.parse keeps the last, and other parsers the first. So has JSON with a name that V8 may misread.
 */
export function readFields(type: string, bytes: Buffer): readonly Field[] | undefined {
  if (!isUtf8(bytes)) return undefined;
  const fields = read(type.trim(), bytes.toString('utf8'));
  return fields === undefined || fields.length > MOST_FIELDS ? undefined : fields;
}

function read(type: string, text: string): readonly Field[] | undefined {
  if (FORM_TYPE.test(type)) return readForm(text);
  if (JSON_TYPE.test(type)) return readJson(text);
  return readMultipart(type, text);
}

/** The fields of a form, or of a query. */
export function readForm(text: string): readonly Field[] {
  const fields = [...new URLSearchParams(text)].map(([name, value]) => ({ name, value }));
  if (!text.includes(';')) return fields;
  // Some parsers split at `;` as well. Browsers never send one that is not escaped.
  const seen = new Map<string, number>();
  for (const { name } of fields) seen.set(name, (seen.get(name) ?? 0) + 1);
  const hidden = [...new URLSearchParams(text.replaceAll(';', '&')).keys()].filter((name) => {
    const left = seen.get(name) ?? 0;
    seen.set(name, left - 1);
    return left <= 0;
  });
  return [...fields, ...hidden.map((name) => ({ name, value: undefined }))];
}

function readJson(text: string): readonly Field[] | undefined {
  let parsed: unknown;
  let isExact = true;
  try {
    parsed = parseJson(text);
  } catch (error) {
    // Of a form that nobody declared, what is not read would be no attempt at all.
    if (!(error instanceof EscapedNameError)) return undefined;
    parsed = error.rest;
    isExact = false;
  }
  const fields: Field[] = [];
  const keys = flatten(parsed, '', 0, fields);
  if (Number.isNaN(keys)) return undefined;
  return isExact && keys === countNames(Buffer.from(text))
    ? fields
    : fields.map(({ name }) => ({ name, value: undefined }));
}

/** Adds the fields of a value. Returns how many keys it has in all; NaN where it is too deep to be a form. */
function flatten(value: unknown, name: string, depth: number, into: Field[]): number {
  if (typeof value !== 'object' || value === null) {
    if (name !== '') into.push({ name, value: typeof value === 'string' ? value : undefined });
    return 0;
  }
  if (depth > DEEPEST) return Number.NaN;
  let keys = 0;
  for (const [key, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) keys += 1;
    if (into.length > MOST_FIELDS || key.length > LONGEST_KEY) return Number.NaN;
    keys += flatten(inner, name === '' ? key : `${name}[${key}]`, depth + 1, into);
  }
  return keys;
}

/** What a field says: its one value; that it is not there; or that two readers may find two values. */
export type FieldValue = { readonly value: string } | 'absent' | 'unclear';

/** Reads one field as the most lenient parser would look for it: a second one under another spelling makes it unclear. */
export function fieldOf(fields: readonly Field[], name: string): FieldValue {
  const wanted = foldField(name);
  const found = fields.filter((field) => isSpelling(foldField(field.name), wanted));
  if (found.length === 0) return 'absent';
  const value = found[0]?.value;
  // In the address too, as in a link that fills in the name: the same one.
  const isOne = found.every((field) => field.name === name && field.value === value);
  return isOne && value !== undefined ? { value } : 'unclear';
}

/** Some ignore case, some trim, some cut at NUL, some turn dots and spaces into underscores, some make a list of `[]`. */
function foldField(name: string): string {
  const end = name.indexOf('\0');
  const text = (end === -1 ? name : name.slice(0, end)).trim().toLowerCase().replaceAll(/[. ]/g, '_');
  return text.replace(/\[\d{0,9}\]$/, '');
}

function isSpelling(folded: string, wanted: string): boolean {
  return folded === wanted || (!wanted.includes('[') && folded.startsWith(`${wanted}[`));
}
