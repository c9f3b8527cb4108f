/** Turns anything into one bounded line of JSON, without secrets, and without ever throwing. */
import { types } from 'node:util';
import { escapedJson } from './escaped-json.ts';
import { plainJson } from './plain-json.ts';
import { maskSecrets, REDACTED, type Redactor } from './redact.ts';

/** The most bytes a line can have, in UTF-8. */
export const MAX_LINE_BYTES = 8192;
/** Objects in objects, at most; what lies deeper is named and not shown. */
export const MAX_DEPTH = 6;
/** Entries of one object or list. */
export const MAX_ENTRIES = 50;
/** Characters of one text. */
export const MAX_TEXT = 1000;

// Longer texts are cut before they are searched for secrets, so that nothing outside decides how long that takes; and
// behind what will be shown, so that no secret is cut into something that is not recognised.
const MAX_SEARCHED = MAX_TEXT + 500;
const MAX_KEY = 100;
const CUT = '"[cut]"';
const REDACTED_JSON = JSON.stringify(REDACTED);
// Stands in JSON as it is, a byte a character: nearly all that is ever logged.
const PLAIN = /^[\w ./:@%*+-]{0,200}$/;
const HEADERS_WITH_SECRETS =
  /^(?:proxy-)?authorization$|^(?:set-)?cookie$|^x-(?:api-key|auth-token|csrf-token)$/i;

/**
 * One line of valid JSON for any value: no line break, control character or mark in raw form, at most
 * {@link MAX_LINE_BYTES}. Names and texts that look like secrets are redacted. What cannot be shown is named in
 * brackets: `[circular]`, `[deep]`, `[unreadable]`, `[function]`, `[cut]`. Never throws.
 */
export function safeJson(value: unknown, redactor: Redactor): string {
  const plain = plainJson(value, redactor);
  if (plain !== undefined && plain.length <= MAX_LINE_BYTES) return plain;
  const writer = new SafeWriter(redactor);
  writer.write(value, 0);
  return writer.text;
}

/**
 * Writes JSON against a budget of bytes. An object takes the bytes of both its brackets when it is opened, and an
 * entry is only begun where its name and the shortest value fit: whatever comes, the text can be closed.
 */
class SafeWriter {
  text = '';
  #left = MAX_LINE_BYTES;
  readonly #redactor: Redactor;
  readonly #open: object[] = [];

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  write(value: unknown, depth: number): void {
    switch (typeof value) {
      case 'string':
        return this.#writeText(value);
      case 'number':
        return Number.isFinite(value) ? this.#put(JSON.stringify(value)) : this.#put(`"${value}"`);
      case 'boolean':
        return this.#put(value ? 'true' : 'false');
      case 'bigint':
        // Decimal digits of a huge one take seconds.
        return this.#put(BigInt.asIntN(256, value) === value ? `"${value}"` : '"[bigint]"');
      case 'undefined':
        return this.#put('null');
      case 'symbol':
      case 'function':
        return this.#put(`"[${typeof value}]"`);
      case 'object':
        return value === null ? this.#put('null') : this.#writeObject(value, depth);
    }
  }

  #writeObject(value: object, depth: number): void {
    if (this.#open.includes(value)) return this.#put('"[circular]"');
    if (depth >= MAX_DEPTH) return this.#put('"[deep]"');
    this.#open.push(value);
    const shown = attempt(() => plainForm(value), '[unreadable]');
    if (typeof shown !== 'object') this.#writeText(shown);
    else if (shown.kind === 'json') this.write(shown.value, depth + 1);
    else if (shown.kind === 'list') this.#writeList(shown.items, shown.more, depth);
    else this.#writeEntries(shown.entries, shown.more, depth);
    this.#open.pop();
  }

  #writeList(items: readonly unknown[], more: number, depth: number): void {
    this.#left -= 2;
    this.text += '[';
    let written = 0;
    for (const [index, item] of items.entries()) {
      if (this.#left < CUT.length + 1) break;
      if (index > 0) this.#put(',');
      // Raw header lists: names and values in turn.
      const name = items[index - 1];
      if (index % 2 === 1 && typeof name === 'string' && HEADERS_WITH_SECRETS.test(name))
        this.#put(REDACTED_JSON);
      else this.write(item, depth + 1);
      written += 1;
    }
    const left = items.length - written + more;
    if (left > 0) this.#putIfFits(`${written > 0 ? ',' : ''}"[${left} more]"`);
    this.text += ']';
  }

  #writeEntries(entries: readonly (readonly [string, unknown])[], more: number, depth: number): void {
    this.#left -= 2;
    this.text += '{';
    let written = 0;
    for (const [key, value] of entries) {
      const name = `${written > 0 ? ',' : ''}${quoteKey(key)}:`;
      if (this.#left < Buffer.byteLength(name) + CUT.length) break;
      this.#put(name);
      if (!isBare(value) && this.#redactor.hides(key)) this.#put(REDACTED_JSON);
      else this.write(value, depth + 1);
      written += 1;
    }
    const left = entries.length - written + more;
    if (left > 0) this.#putIfFits(`${written > 0 ? ',' : ''}"[cut]":${left}`);
    this.text += '}';
  }

  #writeText(text: string): void {
    const masked = maskStart(text);
    if (PLAIN.test(masked) && masked.length + 2 <= this.#left) {
      this.text += `"${masked}"`;
      this.#left -= masked.length + 2;
      return;
    }
    let length = MAX_TEXT;
    let json = escapedJson(shorten(masked, length, text.length));
    while (Buffer.byteLength(json) > this.#left && length > 8) {
      length = Math.floor(length / 2);
      json = escapedJson(shorten(masked, length, text.length));
    }
    this.#put(json);
  }

  /** Writes a token, or the shortest one where it does not fit; the caller has seen to it that this one does. */
  #put(json: string): void {
    const bytes = Buffer.byteLength(json);
    const [token, cost] = bytes <= this.#left ? [json, bytes] : [CUT, CUT.length];
    this.text += token;
    this.#left -= cost;
  }

  #putIfFits(json: string): void {
    if (json.length <= this.#left) this.#put(json);
  }
}

/** What an object is shown as: text, JSON of its own, a list, or entries. `more`: how many were left out. */
type PlainForm =
  | string
  | { kind: 'json'; value: unknown }
  | { kind: 'list'; items: readonly unknown[]; more: number }
  | { kind: 'entries'; entries: readonly (readonly [string, unknown])[]; more: number };

/** Runs code of the value itself (getters, proxies, toJSON): the caller must take what that throws. */
function plainForm(value: object): PlainForm {
  if (types.isProxy(value)) return ownEntries(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype && !('toJSON' in value)) return ownEntries(value);
  if (types.isDate(value)) return dateForm(value);
  if (types.isNativeError(value)) return errorForm(value);
  if (Array.isArray(value)) return listForm(value, value.length);
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return `[${value.byteLength} bytes]`;
  if (types.isMap(value)) return mapForm(value);
  if (types.isSet(value)) return listForm([...firstOf(value.values())], value.size);
  if (types.isPromise(value)) return '[promise]';
  if (types.isBoxedPrimitive(value)) return { kind: 'json', value: value.valueOf() };
  if (value instanceof URL) return `${value.protocol}//${value.host}${value.pathname}`;
  if (types.isRegExp(value)) return { kind: 'json', value: value.source };
  if ('toJSON' in value && typeof value.toJSON === 'function')
    return { kind: 'json', value: value.toJSON() as unknown };
  return ownEntries(value);
}

/** By the built-in methods: those of a subclass may answer with anything. */
function dateForm(date: Date): string {
  return Number.isNaN(Date.prototype.getTime.call(date))
    ? '[invalid date]'
    : Date.prototype.toISOString.call(date);
}

/** No stack: it tells paths of the file system, and is long. */
function errorForm(error: Error): PlainForm {
  const entries: [string, unknown][] = [];
  for (const key of ['name', 'message', 'code', 'cause'] as const) {
    const value = attempt(() => (error as Error & { code?: unknown })[key], '[unreadable]');
    if (value !== undefined) entries.push([key, value]);
  }
  return { kind: 'entries', entries, more: 0 };
}

function listForm(list: readonly unknown[], length: number): PlainForm {
  const items: unknown[] = [];
  const shown = Math.min(length, MAX_ENTRIES);
  for (let index = 0; index < shown; index += 1) items.push(attempt(() => list[index], '[unreadable]'));
  return { kind: 'list', items, more: length - shown };
}

function mapForm(map: ReadonlyMap<unknown, unknown>): PlainForm {
  const entries = [...firstOf(map.entries())].map(([key, value]): [string, unknown] => [keyText(key), value]);
  return { kind: 'entries', entries, more: map.size - entries.length };
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return key;
  return typeof key === 'number' || typeof key === 'boolean' ? `${key}` : `[${typeof key}]`;
}

function* firstOf<T>(items: Iterable<T>): Generator<T> {
  let count = 0;
  for (const item of items) {
    if (count >= MAX_ENTRIES) return;
    count += 1;
    yield item;
  }
}

function ownEntries(value: object): PlainForm {
  const keys = Object.keys(value);
  const entries: [string, unknown][] = [];
  for (const key of keys.slice(0, MAX_ENTRIES)) {
    const entry: unknown = attempt(() => (value as Record<string, unknown>)[key], '[unreadable]');
    if (entry !== undefined) entries.push([key, entry]);
  }
  return { kind: 'entries', entries, more: Math.max(0, keys.length - MAX_ENTRIES) };
}

/** That there is a password is no secret: `true` and `null` may stand under any name. */
function isBare(value: unknown): boolean {
  return value === null || typeof value === 'boolean';
}

function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

/** As much of a text as is looked at, without secrets: the one place where texts are cut, names of fields too. */
function maskStart(text: string): string {
  return maskSecrets(text.length > MAX_SEARCHED ? text.slice(0, MAX_SEARCHED) : text);
}

/** At most so many characters, no pair of surrogates cut in two, and how many are missing. */
function shorten(text: string, length: number, whole: number = text.length): string {
  if (text.length <= length && whole <= MAX_SEARCHED) return text;
  const end = /[\ud800-\udbff]/.test(text.charAt(length - 1)) ? length - 1 : length;
  return `${text.slice(0, end)}[+${Math.max(whole, text.length) - end}]`;
}

function quoteKey(key: string): string {
  const masked = maskStart(key);
  return PLAIN.test(masked) && masked.length <= MAX_KEY
    ? `"${masked}"`
    : escapedJson(shorten(masked, MAX_KEY));
}
