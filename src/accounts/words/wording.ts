/** Sentences, times and devices as the people of one application read them. */
import { deviceOf } from '../device-name.ts';
import { type Language, type WordKey, type Words, WORDS } from './words.ts';

const MINUTE = 60_000;

/** The words of one application. */
export class Wording {
  readonly #words: Words;
  readonly #minutes: Intl.NumberFormat;
  readonly #hours: Intl.NumberFormat;
  readonly #time: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;

  /** @param own - sentences in the place of ours */
  constructor(language: Language, own: Partial<Words> = {}) {
    this.#words = { ...WORDS[language], ...own };
    const unit = (name: string): Intl.NumberFormat =>
      new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'long' });
    this.#minutes = unit('minute');
    this.#hours = unit('hour');
    const locale = language === 'en' ? 'en-GB' : language;
    // The server does not know where its reader is: times are those of UTC, and say so.
    this.#time = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
    this.#day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
  }

  /** One sentence. */
  say(key: WordKey, values: Readonly<Record<string, string>> = {}): string {
    return this.#words[key].replaceAll(/\{(\w+)\}/g, (slot, name: string) => values[name] ?? slot);
  }

  /** How long something works, such as `20 minutes`. */
  life(ms: number): string {
    const minutes = Math.round(ms / MINUTE);
    return minutes < 120 ? this.#minutes.format(minutes) : this.#hours.format(Math.round(minutes / 60));
  }

  /** A moment, to the minute. Milliseconds since 1970, here and below. */
  time(at: number): string {
    return this.say('time.utc', { time: this.#time.format(at) });
  }

  day(at: number): string {
    return this.#day.format(at);
  }

  /** Such as `Firefox on Windows`. The text itself is never shown: it comes from whoever signed in, and says anything. */
  device(userAgent: string): string {
    const { browser, system } = deviceOf(userAgent);
    if (browser !== undefined && system !== undefined) return this.say('device.both', { browser, system });
    if (system !== undefined) return this.say('device.unknownBrowser', { system });
    return browser ?? this.say('device.unknown');
  }
}
