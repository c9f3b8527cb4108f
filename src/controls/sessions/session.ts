/** Which session a request belongs to, and whether it still does when the answer leaves. */
import { errorName, StoreDownError } from '../../core/errors.ts';
import { CREDENTIAL, type Exchange, header, NOT_PROVED, SIGNED, UNKNOWN_WHO } from '../../core/exchange.ts';
import { withoutCookies } from '../../core/forward-head.ts';
import type { Guard } from '../../core/guard.ts';
import {
  CORE_EVENTS,
  SESSION_OVER,
  SESSION_REPLACED,
  type Refusal,
  sessionsUnavailable,
  type Verdict,
} from '../../core/verdict.ts';
import { MovedSessions } from './moved-sessions.ts';
import { SESSION_COOKIE } from './session-cookie.ts';
import { knownState, stateOf } from './session-state.ts';
import { NO_ROOM } from './session-room.ts';
import type { FoundSession, Sessions } from './sessions.ts';

/** What says whether a request comes from the device that its session is bound to: the room device-bound has one. */
export interface DeviceJudge {
  judge(
    exchange: Exchange,
    found: Exclude<FoundSession, undefined>,
  ): 'proved' | 'unproved' | { readonly keptOut: Refusal; readonly atOnce: boolean };
}

/**
 * The guard. Runs before `csrf` and `access`, which ask who is there; always, since they do.
 *
 * @param ownCookies - names of other cookies that open something of ours, and that no upstream needs to see
 * @param devices - none: no session is bound to any
 */
export function sessionGuard(
  sessions: Sessions,
  ownCookies: readonly string[] = [],
  devices?: DeviceJudge,
): Guard {
  const stripped = new Set([SESSION_COOKIE, ...ownCookies].map((name) => name.toLowerCase()));
  const moved = new MovedSessions((...event) => sessions.audit(...event));
  const enter = (exchange: Exchange, found: FoundSession): Verdict => {
    if (found === undefined) {
      if (exchange.hasSessionCookie) expireDeadCookie(sessions, exchange);
      return undefined;
    }
    const judged = devices?.judge(exchange, found);
    const state = stateOf(sessions, exchange);
    if (found === 'replaced') state.supersede();
    else if (typeof judged === 'object') {
      state.keepOut(judged.keptOut);
      if (judged.atOnce) return judged.keptOut;
    } else {
      if (judged === 'proved' && found.device !== undefined) state.prove(found.device);
      // Just looked up: a second look at the clock says nothing more.
      state.adopt(found, state.madeAt);
      moved.note(exchange, found);
    }
    return undefined;
  };
  return {
    name: 'session',
    mode: 'enforce',
    derives: true,
    onRequest(exchange) {
      // A visitor without a cookie costs no store anything. A program's cookies are not read: its token is what counts.
      const { cookie } = exchange.request.headers;
      const isKnown = exchange.get(CREDENTIAL) !== undefined || exchange.get(SIGNED) !== undefined;
      if (cookie === undefined || isKnown) return undefined;
      try {
        const found = sessions.use(exchange);
        if (!(found instanceof Promise)) return enter(exchange, found);
        return found.then(
          (session) => enter(exchange, session),
          (error: unknown) => fail(sessions, exchange, error),
        );
      } catch (error) {
        return fail(sessions, exchange, error);
      }
    },
    onAnswer(exchange, head) {
      // A handler that failed because its store is gone: come back later, not "something went wrong".
      const failure = exchange.get(UNKNOWN_WHO);
      if (failure !== undefined && head.statusCode === 500) return sessionsUnavailable(failure);
      // As ERR_BULWARK_FORBIDDEN: whoever let the error of a sign-in pass has answered by it.
      const full = exchange.get(NO_ROOM);
      if (full !== undefined && head.statusCode === 500) return full;
      const state = knownState(exchange);
      if (state === undefined || !state.needsCheck()) return undefined;
      const { record } = state;
      if (record !== undefined) {
        try {
          // A store across a network cannot answer before the head leaves: there only a session that a write of this
          // exchange found ended is known to be over, and the next request finds out.
          const fate = sessions.fateNow(record.idHash, state.now());
          if (fate === undefined || fate === 'live') return undefined;
          state.lose(fate);
        } catch (error) {
          return sessionsUnavailable(error);
        }
      }
      // The cookie stays: by now the browser may have been given another one. The next page finds out.
      return state.over === 'replaced' ? (exchange.get(NOT_PROVED) ?? SESSION_REPLACED) : SESSION_OVER;
    },
    onForward(_exchange, head) {
      const cookies = head.get('cookie');
      if (cookies === undefined) return undefined;
      const left = withoutCookies(cookies, stripped);
      if (left === undefined) head.remove('cookie');
      else if (left !== cookies) head.set('Cookie', left);
      return undefined;
    },
    onResponse(exchange) {
      knownState(exchange)?.leaveLateDrop();
    },
  };
}

/**
 * Has the browser drop a cookie that opens nothing. Not a cookie that was replaced moments ago, and not in answers to
 * requests of scripts, images and the like: such a request may have left with the old id while another answer brought the
 * new one, and would take that away (expressjs/session#923).
 */
function expireDeadCookie(sessions: Sessions, exchange: Exchange): void {
  const mode = header(exchange.request, 'sec-fetch-mode');
  if (mode === undefined || mode === 'navigate') {
    stateOf(sessions, exchange).dropDeadCookie();
  }
}

/**
 * The store of sessions is gone. A page or a file that needs no session is still served, and a handler that looks at it gets
 * an error. A request that changes something is refused, since the guards behind this one cannot judge it.
 */
function fail(sessions: Sessions, exchange: Exchange, error: unknown): Verdict {
  const { method, headers } = exchange.request;
  if ((method !== 'GET' && method !== 'HEAD') || headers.upgrade !== undefined)
    return sessionsUnavailable(error);
  const told = error instanceof StoreDownError && error.told;
  if (!told) sessions.audit(CORE_EVENTS.storeUnavailable, { error: errorName(error) }, exchange);
  exchange.set(UNKNOWN_WHO, new StoreDownError('Sessions cannot be looked up.', true, { cause: error }));
  return undefined;
}
