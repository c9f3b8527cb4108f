/** Until when a secret is to be used, and whether its end is near: what is changed in time is changed in peace. */
import { type DatedSecret, type SecretProvider } from './provider.ts';

const DAY_MS = 86_400_000;
/** A month, for somebody to find the time; a fifth of a short life. */
const NEAR_MS = 30 * DAY_MS;
const NEAR_PART = 5;

/** An end that is near, or over. */
export interface SecretEnd {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Whole days until then; less than 0 once it is over. */
  readonly days: number;
}

/** The end of the secret that is in use, where there is one and it is near. */
export function nearEnd(
  current: string | DatedSecret | undefined,
  { maxAgeMs }: Pick<SecretProvider, 'maxAgeMs'>,
  now: number,
): SecretEnd | undefined {
  if (typeof current !== 'object') return undefined;
  const { since, until = Infinity } = current;
  const isDated = since > 0;
  const at = Math.min(until, isDated && maxAgeMs !== undefined ? since + maxAgeMs : Infinity);
  const life = isDated ? at - since : Infinity;
  if (now < at - Math.min(NEAR_MS, life / NEAR_PART)) return undefined;
  return { at, days: Math.floor((at - now) / DAY_MS) };
}

/** Whether it has come to the age that its provider names. */
export function isDue(since: number, maxAgeMs: number, now: number): boolean {
  return now >= since + maxAgeMs;
}

/** The end of a day, `2027-06-30`, in UTC; undefined where the text is none. */
export function endOfDay(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  const start = Date.parse(`${text}T00:00:00Z`);
  // The 31st of a month that has none is read as a day of the next.
  return Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== text
    ? undefined
    : start + DAY_MS;
}
