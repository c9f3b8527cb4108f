import { type Read, Unfit } from './options.ts';
import { parseDuration, showDuration } from './readers.ts';

/** A limit: so many in so long, sliding. */
export interface Rate {
  readonly count: number;
  readonly windowMs: number;
}

/** A limit as written in a policy: `'5/minute'`, `'200/1m'`, `'1000/day'`. */
export type RateText =
  `${number}/${'second' | 'minute' | 'hour' | 'day' | `${number}${'s' | 'm' | 'h' | 'd'}`}`;

const WINDOWS: Readonly<Record<string, number>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};
const LONGEST_WINDOW_MS = 7 * 86_400_000;
const MOST = 1_000_000;

/** Reads a rate, or undefined where the text is none. */
export function parseRate(text: string): Rate | undefined {
  const match = /^(\d{1,7})\/([a-z0-9]{1,12})$/.exec(text);
  const count = Number(match?.[1]);
  const unit = match?.[2];
  if (unit === undefined || count < 1 || count > MOST) return undefined;
  const windowMs = Object.hasOwn(WINDOWS, unit) ? WINDOWS[unit] : parseDuration(unit);
  if (windowMs === undefined || windowMs < 1000 || windowMs > LONGEST_WINDOW_MS) return undefined;
  return { count, windowMs };
}

/** Reads a rate such as `'5/minute'`. */
export const rateReader: Read<Rate> = (value) => {
  const rate = typeof value === 'string' ? parseRate(value) : undefined;
  if (rate === undefined) {
    throw new Unfit("a rate of 1 to 1000000 in 1s to 7d, such as '5/minute', '200/1m' or '1000/day'");
  }
  return rate;
};

/** A rate as a person writes it. */
export function showRate(rate: Rate): string {
  const word = Object.keys(WINDOWS).find((name) => WINDOWS[name] === rate.windowMs);
  return `${rate.count}/${word ?? showDuration(rate.windowMs)}`;
}
