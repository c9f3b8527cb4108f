/** Whether an answer to an attempt says yes or no. A failed sign-in to Flask is a 200: several signs are weighed. */
import { parseSetCookie } from '../../controls/cookies/set-cookie.ts';
import { isPageType } from '../../core/page.ts';
import { looksLikeSession } from '../../core/seen-cookies.ts';
import type { AnswerPattern } from '../options/sign-in.options.ts';
import { readFlaskSession } from '../vault/flask-user.ts';
import { changeOf } from '../vault/held-cookies.ts';
import { jsonSign } from './json-sign.ts';
import { signInForms } from './page-forms.ts';

/** What was asked. */
export interface Asked {
  readonly path: string;
  /** The Cookie line that the application got. */
  readonly cookies: string | undefined;
  /** Whether somebody who is sent to a path is asked to sign in there. */
  readonly isSignInPage: (path: string) => boolean;
  readonly told:
    | { readonly success: AnswerPattern | undefined; readonly failure: AnswerPattern | undefined }
    | undefined;
}

/** What was answered. */
export interface Answered {
  readonly status: number;
  /** Names and values in turn. */
  readonly lines: readonly string[];
  /** Of its beginning; undefined where it has none that could be read. */
  readonly body: string | undefined;
}

/** What an answer says, and by which signs. */
export interface Judgement {
  readonly outcome: 'success' | 'failure' | 'unknown';
  readonly signs: readonly string[];
}

/** One thing about an answer: above 0 it speaks for a success. */
export type Sign = readonly [said: string, weight: number];

const SUCCESS = 3;
const FAILURE = -2;
const REFUSED: ReadonlySet<number> = new Set([400, 401, 403, 404, 422, 423, 429]);
/** A longer value is a session of its own, sealed or signed, which changes with each answer. */
const LONGEST_ID = 128;
const SPEAKS_OF_FAILURE = /error|fail|invalid|denied|incorrect|wrong/i;

/** Judges an answer. What is not plain is unknown, and never a success. */
export function judgeAnswer(asked: Asked, answered: Answered): Judgement {
  const { success, failure } = asked.told ?? {};
  if (failure !== undefined && fits(failure, answered))
    return { outcome: 'failure', signs: ['as the policy says'] };
  if (success !== undefined) {
    const outcome = fits(success, answered) ? 'success' : 'failure';
    return { outcome, signs: ['as the policy says'] };
  }
  if (answered.status >= 500) return { outcome: 'unknown', signs: [`status ${answered.status}`] };
  const signs = [
    statusSign(answered),
    redirectSign(asked, answered),
    cookieSign(asked, answered),
    bodySign(answered),
  ];
  const found = signs.filter((sign) => sign !== undefined);
  const weight = found.reduce((sum, [, one]) => sum + one, 0);
  const said = found.map(([text]) => text);
  if (weight >= SUCCESS) return { outcome: 'success', signs: said };
  return { outcome: weight <= FAILURE ? 'failure' : 'unknown', signs: said };
}

function fits({ status, location, body, cookie }: AnswerPattern, answered: Answered): boolean {
  if (status !== undefined && status !== answered.status) return false;
  if (location !== undefined && valueOf(answered, 'location')?.startsWith(location) !== true) return false;
  if (body !== undefined && answered.body?.includes(body) !== true) return false;
  return cookie === undefined || cookiesSet(answered).some(({ name }) => name === cookie);
}

function statusSign({ status }: Answered): Sign | undefined {
  if (REFUSED.has(status)) return [`status ${status}`, -4];
  return status === 204 ? ['status 204', 1] : undefined;
}

function redirectSign({ path, isSignInPage }: Asked, answered: Answered): Sign | undefined {
  const location =
    answered.status >= 300 && answered.status < 400 ? valueOf(answered, 'location') : undefined;
  if (location === undefined) return undefined;
  const base = `http://here${path}`;
  const target = URL.canParse(location, base) ? new URL(location, base) : undefined;
  if (target === undefined) return undefined;
  // Whichever host it names: an absolute one is that of the site, or of another one, which is elsewhere.
  if (isSignInPage(target.pathname)) return ['sent back to the form', -4];
  if (SPEAKS_OF_FAILURE.test(target.pathname + target.search)) return ['sent to a page of errors', -4];
  return ['sent elsewhere', 1];
}

/** The cookie that says most. */
function cookieSign({ cookies }: Asked, answered: Answered): Sign | undefined {
  let best: Sign | undefined;
  const sent = sentCookies(cookies);
  for (const { name, value } of cookiesSet(answered)) {
    if (!looksLikeSession(name) || sent.get(name) === value) continue;
    const sign = sessionSign(value, sent.get(name));
    if (sign !== undefined && sign[1] > (best?.[1] ?? 0)) best = sign;
  }
  return best;
}

function sessionSign(value: string, before: string | undefined): Sign | undefined {
  const flask = readFlaskSession(value);
  // A message for the next page makes a session too, of nobody.
  if (flask !== undefined && flask.user === undefined) return undefined;
  if (flask !== undefined) {
    const isNew = before === undefined || readFlaskSession(before)?.user !== flask.user;
    return isNew ? ['a user in the session', 5] : ['the same user in the session', 2];
  }
  const isRenewed = before !== undefined && before.length <= LONGEST_ID && value.length <= LONGEST_ID;
  return isRenewed ? ['another session id', 4] : ['a new session cookie', 2];
}

function bodySign({ status, body, lines }: Answered): Sign | undefined {
  if (body === undefined || status >= 300) return undefined;
  const type = valueOf({ lines }, 'content-type') ?? '';
  if (isPageType(type)) return signInForms(body).length > 0 ? ['the form again', -3] : undefined;
  return /[/+]json\b/i.test(type) ? jsonSign(body) : undefined;
}

/** The cookies that an answer sets; those that it takes away are left out. */
function cookiesSet({
  lines,
}: Pick<Answered, 'lines'>): readonly { readonly name: string; readonly value: string }[] {
  const now = Date.now();
  return lines.flatMap((name, at) => {
    if (at % 2 === 1 || name.toLowerCase() !== 'set-cookie') return [];
    const cookie = parseSetCookie(lines[at + 1] ?? '');
    if (typeof cookie === 'string') return [];
    const { value } = changeOf(cookie, now);
    return value === undefined || value === '' ? [] : [{ name: cookie.name, value }];
  });
}

function sentCookies(header: string | undefined): ReadonlyMap<string, string> {
  const pairs = (header ?? '').split(';').map((pair): [string, string] => {
    const equals = pair.indexOf('=');
    return [pair.slice(0, Math.max(equals, 0)).trim(), pair.slice(equals + 1).trim()];
  });
  return new Map(pairs);
}

/** What a line of an answer says, the first of its name. */
export function valueOf({ lines }: Pick<Answered, 'lines'>, wanted: string): string | undefined {
  const at = lines.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === wanted);
  return at === -1 ? undefined : lines[at + 1];
}
