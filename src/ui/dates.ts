/** Times in words. The server does not know where its reader is: days are those of UTC, and the exact time says so. */
import { html, type Html } from './html.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const dayFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
const shortDayFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
const exactFormat = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
});
const agoFormat = new Intl.RelativeTimeFormat('en-GB');

/** Such as `14 March 2026`. Times are milliseconds since 1970, here and below. */
export function showDay(time: number): string {
  return dayFormat.format(time);
}

/** Such as `14 Mar 2026`, for where there is little room. */
export function showShortDay(time: number): string {
  return shortDayFormat.format(time);
}

/** As {@link showAgo}, with the exact time for who asks for it. */
export function showTime(time: number, now: number): Html {
  const machine = new Date(time).toISOString();
  return html`<time datetime="${machine}" title="${showExact(time)}">${showAgo(time, now)}</time>`;
}

/** Such as `14 Mar 2026, 09:30 UTC`. */
export function showExact(time: number): string {
  return `${exactFormat.format(time)} UTC`;
}

/** Such as `just now`, `5 minutes ago` or, past a week, the day. */
export function showAgo(time: number, now: number): string {
  const age = now - time;
  if (age < MINUTE) return 'just now';
  if (age < HOUR) return agoFormat.format(-Math.floor(age / MINUTE), 'minute');
  if (age < DAY) return agoFormat.format(-Math.floor(age / HOUR), 'hour');
  if (age < 7 * DAY) return agoFormat.format(-Math.floor(age / DAY), 'day');
  return showDay(time);
}
