/** Sentences, times, amounts and devices as the people of one language read them. */
import { deviceOf } from '../device-name.ts';
import { directionOf } from './direction.ts';
import { type Counted, type English, slotsOf, type SlotsOf, type WordKey, type Words } from './english.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What is put into a sentence. A number stands as the language writes it. */
export type Value = string | number;

/** What has to be put into one sentence: nothing, or something for each name in its braces. */
export type Values<Key extends WordKey, Piece = Value> = [SlotsOf<English[Key]>] extends [never]
  ? []
  : [values: Readonly<Record<SlotsOf<English[Key]>, Piece>>];

/** The words of one language. Times are milliseconds since 1970; days are those of UTC, since the server does not know where its reader is. */
export class Wording {
  readonly language: string;
  /** Which way it is written. */
  readonly direction: 'ltr' | 'rtl';
  readonly #words: Words;
  readonly #locale: string;
  // Each is made when it is asked for: to make one takes longer than to write a page.
  readonly #formats = new Map<string, Format>();

  constructor(language: string, words: Words) {
    this.language = language;
    this.#words = words;
    // In Britain, days stand before months, as they do almost everywhere.
    this.#locale = language === 'en' ? 'en-GB' : language;
    this.direction = directionOf(this.#locale);
  }

  /** One sentence. Bound, so that a template can take it apart from this. */
  readonly say = <Key extends WordKey>(key: Key, ...values: Values<Key>): string => {
    const [given] = values as readonly [values?: Readonly<Record<string, Value>>];
    return given === undefined ? this.#words[key] : this.fill(key, given);
  };

  /** The same, where more may be handed in than is in it. */
  fill(key: WordKey, values: Readonly<Record<string, Value>>): string {
    return this.#formFor(key, values).replaceAll(SLOT, (slot, name: string) => {
      const value = values[name];
      if (value === undefined) return slot;
      return typeof value === 'number' ? this.#number(value) : this.apart(value);
    });
  }

  /**
   * What is put into a sentence, set apart where letters run from the right (Unicode Standard Annex 9, FSI and PDI): an
   * address such as `2001:db8::1` would otherwise be shown in another order than it has. Not a link: programs that make one
   * of a text would take the mark at its end for a part of it.
   */
  apart(value: string): string {
    const isWhole = this.direction === 'ltr' || value === '' || /^https?:/.test(value);
    return isWhole ? value : `\u2068${value}\u2069`;
  }

  /** A sentence in pieces, of which each second one is the name of what is put in there. */
  pieces(key: WordKey): readonly string[] {
    return this.#words[key].split(SLOT);
  }

  /** Whether there is a sentence of a name. */
  has(key: string): key is WordKey {
    return Object.hasOwn(this.#words, key);
  }

  /** A sentence about one or several. */
  count(stem: Counted, count: number): string {
    const key = `${stem}.${this.#plural(count)}`;
    return this.fill(this.has(key) ? key : `${stem}.other`, { count });
  }

  /** How long something works, such as `20 minutes`. */
  life(ms: number): string {
    const minutes = Math.round(ms / MINUTE);
    return minutes < 120 ? this.#unit('minute', minutes) : this.#unit('hour', Math.round(minutes / 60));
  }

  /** The same of what works for days, such as `30 days`. */
  days(ms: number): string {
    return ms % DAY === 0 ? this.#unit('day', ms / DAY) : this.#unit('hour', Math.round(ms / HOUR));
  }

  /** How long to wait, such as `30 seconds` or `3 minutes`. */
  wait(ms: number): string {
    const seconds = Math.max(1, Math.ceil(ms / SECOND));
    return seconds < 60 ? this.#unit('second', seconds) : this.#unit('minute', Math.ceil(seconds / 60));
  }

  /** A moment, to the minute. */
  time(at: number): string {
    return this.say('time.utc', { time: this.#date('time', { dateStyle: 'long', timeStyle: 'short' }, at) });
  }

  /** The same where there is little room, such as `14 Mar 2026, 09:30 UTC`. */
  exact(at: number): string {
    return this.say('time.utc', {
      time: this.#date('exact', { dateStyle: 'medium', timeStyle: 'short' }, at),
    });
  }

  /** Such as `14 March 2026`. */
  day(at: number): string {
    return this.#date('day', { dateStyle: 'long' }, at);
  }

  /** Such as `14 Mar 2026`. */
  shortDay(at: number): string {
    return this.#date('short day', { dateStyle: 'medium' }, at);
  }

  /** Such as `just now`, `5 minutes ago` or, past a week, the day. */
  ago(at: number, now: number): string {
    const age = now - at;
    if (age < MINUTE) return this.say('time.justNow');
    if (age >= 7 * DAY) return this.day(at);
    const format = this.#format('ago', () => new Intl.RelativeTimeFormat(this.#locale));
    if (age < HOUR) return format.format(-Math.floor(age / MINUTE), 'minute');
    return age < DAY
      ? format.format(-Math.floor(age / HOUR), 'hour')
      : format.format(-Math.floor(age / DAY), 'day');
  }

  /** Such as `Firefox on Windows`. The text itself is never shown: it comes from whoever signed in, and says anything. */
  device(userAgent: string): string {
    const { browser, system } = deviceOf(userAgent);
    if (browser !== undefined && system !== undefined) return this.say('device.both', { browser, system });
    if (system !== undefined) return this.say('device.unknownBrowser', { system });
    return browser ?? this.say('device.unknown');
  }

  /** A sentence in the form that its number asks for. Most languages have one form for all that stand in one. */
  #formFor(key: WordKey, values: Readonly<Record<string, Value>>): string {
    const text = this.#words[key];
    for (const slot of slotsOf(text)) {
      const value = values[slot];
      if (typeof value !== 'number') continue;
      const form = `${key}.${this.#plural(value)}`;
      return this.has(form) ? this.#words[form] : text;
    }
    return text;
  }

  #plural(value: number): Intl.LDMLPluralRule {
    return this.#format('plural', () => new Intl.PluralRules(this.#locale)).select(value);
  }

  #number(value: number): string {
    return this.#format('number', () => new Intl.NumberFormat(this.#locale)).format(value);
  }

  #unit(unit: 'second' | 'minute' | 'hour' | 'day', amount: number): string {
    const options = { style: 'unit', unit, unitDisplay: 'long' } as const;
    return this.#format(`unit ${unit}`, () => new Intl.NumberFormat(this.#locale, options)).format(amount);
  }

  #date(name: string, options: Intl.DateTimeFormatOptions, at: number): string {
    const make = (): Intl.DateTimeFormat =>
      new Intl.DateTimeFormat(this.#locale, { ...options, timeZone: 'UTC' });
    return this.#format(`date ${name}`, make).format(at);
  }

  #format<Kind extends Format>(name: string, make: () => Kind): Kind {
    const known = this.#formats.get(name) ?? make();
    this.#formats.set(name, known);
    return known as Kind;
  }
}

type Format = Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat | Intl.PluralRules;

const SLOT = /\{(\w+)\}/g;
