/** A visitor with a cookie jar. */
import { type Answer, headerValues, type Probe } from '../../core/answer.ts';
import type { Visitor } from '../../core/rule.ts';
import { isDeleted, readCookie } from '../../core/seen-cookies.ts';

/** Far more than browsers keep of one site: a server that sets cookies without end fills nothing. */
const MOST_COOKIES = 100;

/**
 * Somebody new.
 *
 * @param send - sends a request with a Cookie line
 * @param begin - cookies that the visitor comes with
 * @param onCookie - told each value that is kept, so that no report shows it
 */
export function newVisitor(
  send: (probe: Probe, cookie: string) => Promise<Answer>,
  onCookie: (value: string) => void,
  begin: ReadonlyMap<string, string> = new Map(),
): Visitor {
  const cookies = new Map<string, string>(begin);
  const answers: Answer[] = [];
  return {
    cookies,
    answers,
    async ask(probe = {}) {
      const line = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await send(probe, line);
      answers.push(answer);
      for (const text of headerValues(answer, 'set-cookie')) keep(cookies, text, onCookie);
      return answer;
    },
  };
}

function keep(cookies: Map<string, string>, text: string, onCookie: (value: string) => void): void {
  const cookie = readCookie(text);
  const pair = text.split(';', 1)[0] ?? '';
  const value = pair.slice(pair.indexOf('=') + 1).trim();
  if (cookie.name === '' || !pair.includes('=')) return;
  if (isDeleted(cookie)) {
    cookies.delete(cookie.name);
    return;
  }
  if (!cookies.has(cookie.name) && cookies.size >= MOST_COOKIES) return;
  cookies.set(cookie.name, value);
  onCookie(value);
}
