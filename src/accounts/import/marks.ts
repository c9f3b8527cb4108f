/** Times, and marks of yes and no, as databases write them into a file. */

const YES = new Set(['1', 't', 'true', 'y', 'yes', 'on']);
const NO = new Set(['0', 'f', 'false', 'n', 'no', 'off']);

/** Undefined where it is neither: a NULL must not let somebody in who was shut out. */
export function readMark(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (YES.has(word)) return true;
  return NO.has(word) ? false : undefined;
}

/** The same for what may be told by the time at which it became so: a time is a yes, and none is a no. */
export function readMarkOrTime(text: string): boolean | undefined {
  if (text === '') return false;
  const mark = readMark(text);
  if (mark !== undefined) return mark;
  // A small number is a state that only its application knows.
  return parseTime(text) >= LEAST_TIME ? true : undefined;
}

const DAY_MS = 86_400_000;
/** In 1973: no table of users is older. */
const LEAST_TIME = 1e11;

/** Milliseconds since 1970; a time without a zone is in UTC. Nothing is the time of the import, undefined no time. */
export function readTime(text: string, now: number): number | undefined {
  if (text === '') return now;
  const time = parseTime(text);
  // Clocks of two machines differ; a day covers zones too.
  return time >= 0 && time <= now + DAY_MS ? Math.min(time, now) : undefined;
}

const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))? ?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;
const UNIX = /^\d{1,15}(?:\.\d{1,9})?$/;
/** In seconds it is the year 5138, in milliseconds 1973. */
const LEAST_MILLISECONDS = 1e11;

function parseTime(text: string): number {
  return UNIX.test(text) ? fromUnix(Number(text)) : fromIso(text);
}

function fromUnix(value: number): number {
  return Math.floor(value < LEAST_MILLISECONDS ? value * 1000 : value);
}

function fromIso(text: string): number {
  const [, day = '', time = '00:00', fraction = '', zone = 'Z'] = ISO.exec(text) ?? [];
  // Date.parse takes the 31st of February for the 3rd of March.
  const midnight = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day)) return Number.NaN;
  const seconds = time.length === 5 ? `${time}:00` : time;
  const hours = zone.replace(
    /^([+-]\d\d):?(\d\d)?$/,
    (_, hour: string, minute = '00') => `${hour}:${minute}`,
  );
  return Date.parse(`${day}T${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}${hours}`);
}

/** Whether a time up to which somebody is shut out is still to come. Undefined where it is no time. */
export function readUntil(text: string, now: number): boolean | undefined {
  if (text === '' || text.toLowerCase() === '-infinity') return false;
  // PostgreSQL's for ever.
  if (text.toLowerCase() === 'infinity') return true;
  const mark = UNIX.test(text) ? undefined : readMark(text);
  if (mark !== undefined) return mark;
  const time = parseTime(text);
  return Number.isNaN(time) ? undefined : time > now;
}
