/** What a site says of a binding, as the checker reads it (W3C's draft of Device Bound Session Credentials). */
import { type Answer, headerOf, headerValues } from '../../core/answer.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { Visitor } from '../../core/rule.ts';
import { isDeleted, readCookie, type SeenCookie } from '../../core/seen-cookies.ts';

/** What a sign-in offers. */
export interface Offer {
  readonly path: string;
  readonly challenge: string | undefined;
}

/** What a registration says. */
export interface Bound {
  readonly cookie: string;
  readonly refresh: string;
  readonly id: string;
  /** For the first refresh, where it came ahead. */
  readonly challenge: string | undefined;
}

/** Whether an answer took what was sent. */
export function isYes({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

/** The last offer of a sign-in, where a key as ours fits it. */
export function offerIn({ answers }: Visitor): Offer | undefined {
  for (const answer of answers.toReversed()) {
    const text = headerOf(answer, 'secure-session-registration');
    const [, algorithms = '', rest = ''] = /^\(([^()]{0,200})\)([^]{0,4000})/.exec(text ?? '') ?? [];
    const path = /;\s?path="(\/[^"]{0,1000})"/.exec(rest)?.[1];
    if (path === undefined || !algorithms.split(' ').includes('ES256')) continue;
    return { path, challenge: /;\s?challenge="([^"]{1,1000})"/.exec(rest)?.[1] };
  }
  return undefined;
}

/** What is to be signed next. */
export function challengeIn(answer: Answer): string | undefined {
  return /^"([^"]{1,1000})"/.exec(headerOf(answer, 'secure-session-challenge') ?? '')?.[1];
}

/** The instructions of a session, as far as they matter here. Undefined: they bind nothing that this site refreshes. */
export function boundBy(answer: Answer): Bound | undefined {
  if (!isYes(answer)) return undefined;
  const { session_identifier: id, refresh_url: refresh, credentials } = fieldsOf(answer);
  const [first] = Array.isArray(credentials) ? (credentials as readonly unknown[]) : [];
  const { name } = (first ?? {}) as { readonly name?: unknown };
  if (typeof id !== 'string' || typeof refresh !== 'string' || typeof name !== 'string') return undefined;
  const url = URL.parse(refresh, answer.url);
  if (url === null || url.origin !== new URL(answer.url).origin) return undefined;
  return { cookie: name, refresh: url.pathname + url.search, id, challenge: challengeIn(answer) };
}

/** Whether a refresh lets its browser go on: by its status, or by the cookie whatever the status. */
export function letsIn(answer: Answer, cookie: string): boolean {
  if (setLines(answer, cookie).some((line) => !isDeleted(line))) return true;
  // A session is ended by a yes as well.
  return isYes(answer) && fieldsOf(answer)['continue'] !== false;
}

/** What a thief may have of both cookies. The draft speaks of minutes. */
const MOST_LIFE_MS = 3_600_000;
/** A life that is told by a date is told by another clock. */
const SLACK_MS = 300_000;

/** The bound cookie where it is set for too long. Where binding sets none, that of before is the bound one. */
export function longLived(
  cookie: string,
  since: readonly Answer[],
  all: readonly Answer[],
): { readonly answer: Answer; readonly shown: string } | undefined {
  const setBy = (answers: readonly Answer[]): { answer: Answer; line: SeenCookie }[] =>
    answers.flatMap((answer) =>
      setLines(answer, cookie).flatMap((line) => (isDeleted(line) ? [] : [{ answer, line }])),
    );
  const own = setBy(since);
  const long = (own.length === 0 ? setBy(all).slice(-1) : own).find(({ line }) => !isShort(line));
  return long === undefined ? undefined : { answer: long.answer, shown: long.line.shown };
}

/** As browsers do it: Max-Age goes before Expires, and what is no number or date is not there. */
function isShort({ attributes }: SeenCookie): boolean {
  const age = attributes.get('max-age') ?? '';
  if (/^-?\d+$/.test(age)) return Number(age) * 1000 <= MOST_LIFE_MS;
  return Date.parse(attributes.get('expires') ?? '') - Date.now() <= MOST_LIFE_MS + SLACK_MS;
}

function setLines(answer: Answer, cookie: string): readonly SeenCookie[] {
  return headerValues(answer, 'set-cookie')
    .map(readCookie)
    .filter(({ name }) => name === cookie);
}

function fieldsOf({ body }: Answer): Readonly<Record<string, unknown>> {
  try {
    return (parseJson(body) ?? {}) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
