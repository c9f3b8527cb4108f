/** Cookies of answers, as rules of the checker look at them. */
import { type Answer, headerValues } from './answer.ts';

/** One Set-Cookie line. */
export interface SeenCookie {
  readonly name: string;
  /** Attribute names in lower case, with their values in lower case. The last of a name counts. */
  readonly attributes: ReadonlyMap<string, string>;
  /** As it was sent. */
  readonly line: string;
  /** The line without its value: reports are passed on. */
  readonly shown: string;
}

/** Names by which frameworks and people call what signs somebody in. */
const SESSION_NAME = /sess|sid$|^sid|auth|token|jwt|remember|log_?in/i;
/** A token that a page's script sends back is meant to be read by it. */
const FOR_SCRIPTS = /csrf|xsrf/i;

/** The cookies that answers set, each name once. Those that are deleted are left out: that gives nothing away. */
export function cookiesSet(answers: readonly Answer[]): readonly SeenCookie[] {
  const byName = new Map<string, SeenCookie>();
  for (const line of answers.flatMap((answer) => headerValues(answer, 'set-cookie'))) {
    const cookie = readCookie(line);
    if (!isDeleted(cookie)) byName.set(cookie.name, cookie);
  }
  return [...byName.values()];
}

/** Whether a name is what people give to the cookie of a session. */
export function looksLikeSession(name: string): boolean {
  return SESSION_NAME.test(name) && !FOR_SCRIPTS.test(name);
}

/** Whether a name is what people give to a token for a page's script. */
export function isForScripts(name: string): boolean {
  return FOR_SCRIPTS.test(name);
}

/** Takes a line apart, whatever is in it. */
export function readCookie(line: string): SeenCookie {
  const [pair = '', ...rest] = line.split(';');
  const name = pair.split('=', 1)[0]?.trim() ?? '';
  const attributes = rest.map((part): [string, string] => {
    const [key = '', value = ''] = part.split('=', 2);
    return [key.trim().toLowerCase(), value.trim().toLowerCase()];
  });
  return {
    name,
    attributes: new Map(attributes),
    line,
    shown: `Set-Cookie: ${[`${name}=...`, ...rest].join(';')}`,
  };
}

/** Whether a line takes a cookie away. */
export function isDeleted({ attributes, line }: SeenCookie): boolean {
  if (/^(?:0|-\d+)$/.test(attributes.get('max-age') ?? '')) return true;
  const expires = Date.parse(attributes.get('expires') ?? '');
  if (!attributes.has('max-age') && expires <= Date.now()) return true;
  return /^[^=;]*=\s*(?:;|$)/.test(line);
}
