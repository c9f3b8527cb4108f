/** Addresses that others look at without being told of them (RFC 8615): answered here, before anybody asks who is there. */
import type { SecurityEvent } from '../../core/events.ts';
import { eventOf } from '../../core/events.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Guard } from '../../core/guard.ts';
import { PROBLEMS } from '../../core/problem-types.ts';
import type { Refusal, Verdict } from '../../core/verdict.ts';
import { SECURITY_TXT, type SecurityTxt, writeSecurityTxt } from './security-txt.ts';
import { WELL_KNOWN_EVENTS } from './well-known.events.ts';
import { ENDS_SOON, type WellKnownSettings } from './well-known.options.ts';

/** What the guard stands on. */
export interface WellKnownSurroundings {
  /** The origins of this application, the public one first. */
  readonly origins: readonly string[];
  /** Origins of others that may use the passkeys of this one. */
  readonly relatedOrigins: readonly string[];
  readonly tell: (exchange: Exchange, event: SecurityEvent) => void;
}

const DAY = 86_400_000;

/** The guard. It has no mode: an address that is not to be answered is left out. Only what the policy speaks of is answered, to GET and HEAD; all else is the application's. */
export function wellKnownGuard(settings: WellKnownSettings, around: WellKnownSurroundings): Guard {
  const answers = answersOf(settings, around);
  if (answers.size === 0) return { name: 'well-known', mode: 'enforce' };
  return {
    name: 'well-known',
    mode: 'enforce',
    onRequest(exchange) {
      const answer = answers.get(exchange.path);
      if (answer === undefined) return undefined;
      const { method } = exchange.request;
      return method === 'GET' || method === 'HEAD' ? answer(exchange) : undefined;
    },
  };
}

type AnswerOf = (exchange: Exchange) => Verdict;

function answersOf(
  { securityTxt, changePassword, disallow }: WellKnownSettings,
  { origins, relatedOrigins, tell }: WellKnownSurroundings,
): ReadonlyMap<string, AnswerOf> {
  const answers = new Map<string, AnswerOf>();
  if (securityTxt !== undefined) {
    const txt = 'text' in securityTxt ? securityTxt : writeSecurityTxt(securityTxt, origins);
    answers.set(SECURITY_TXT, whileItHolds(txt, tell));
  }
  if (changePassword !== undefined) {
    const headers = [['Location', changePassword]] as const;
    const detail = 'Passwords are changed on another page.';
    const led: Refusal = { ...PROBLEMS.redirect, detail, headers };
    answers.set('/.well-known/change-password', () => led);
  }
  if (relatedOrigins.length > 0) {
    // Without a redirect, and as this type, or browsers take it for none (WebAuthn Level 3, 5.11).
    const body = JSON.stringify({ origins: relatedOrigins });
    const related = content('application/json', body, '3600');
    answers.set('/.well-known/webauthn', () => related);
  }
  if (disallow.length > 0) {
    const lines = disallow.map((path) => `Disallow: ${path}\n`).join('');
    const robots = content('text/plain; charset=utf-8', `User-agent: *\n${lines}`, '86400');
    answers.set('/robots.txt', () => robots);
  }
  return answers;
}

/** Past its end it is none: whoever still wrote to that address would believe that somebody reads it. */
function whileItHolds(txt: SecurityTxt, tell: WellKnownSurroundings['tell']): AnswerOf {
  const holds = (left: number): Refusal =>
    content('text/plain; charset=utf-8', txt.text, String(Math.floor(left / 1000)));
  const forADay = holds(DAY);
  const gone: Refusal = { ...PROBLEMS.notFound, detail: 'What was here no longer holds.' };
  const expires = new Date(txt.expires).toISOString();
  let nextAt = 0;
  return (exchange) => {
    const left = txt.expires - exchange.now;
    if (left < ENDS_SOON && exchange.now >= nextAt) {
      nextAt = exchange.now + DAY;
      tell(exchange, eventOf(WELL_KNOWN_EVENTS.ending, { expires, days: Math.floor(left / DAY) }));
    }
    if (left <= 0) return gone;
    // No cache has it for longer than it holds.
    return left < DAY ? holds(left) : forADay;
  };
}

/** The same for everyone, and for as long as it says: nobody has to be asked for it at each visit. */
function content(type: string, body: string, seconds: string): Refusal {
  return {
    type: 'well-known',
    title: 'Found',
    status: 200,
    detail: '',
    content: { type, body },
    headers: [['Cache-Control', `public, max-age=${seconds}`]],
  };
}
