/** Which session a request belongs to, and whether it still does when the answer leaves. */
import { type Exchange, header } from '../core/exchange.ts';
import type { Guard } from '../core/guard.ts';
import type { Refusal, Verdict } from '../core/verdict.ts';
import type { SessionRecord } from '../stores/ports.ts';
import { EXPIRED_SESSION_COOKIE } from './session-cookie.ts';
import { knownState, stateOf } from './session-state.ts';
import type { SessionSettings } from './session.options.ts';
import { errorName, type Sessions } from './sessions.ts';

const RETRY_AFTER_SECONDS = '5';

/** The guard. Runs before `csrf` and `access`, which ask who is there; always, since they do. */
export function sessionGuard(sessions: Sessions, settings: SessionSettings): Guard {
  const enter = (exchange: Exchange, record: SessionRecord | undefined): undefined => {
    if (record !== undefined) stateOf(sessions, exchange).adopt(record);
    else if (exchange.hasSessionCookie) expireDeadCookie(sessions, exchange);
  };
  return {
    name: 'session',
    mode: 'enforce',
    derives: true,
    onRequest(exchange) {
      // A visitor without a cookie costs no store anything.
      if (exchange.request.headers.cookie === undefined) return undefined;
      try {
        const found = sessions.use(exchange, settings.touchEvery);
        if (!(found instanceof Promise)) return enter(exchange, found);
        return found.then((record) => enter(exchange, record)).catch(unavailable);
      } catch (error) {
        return unavailable(error);
      }
    },
    onAnswer(exchange) {
      const state = knownState(exchange);
      if (state === undefined || !state.needsCheck()) return undefined;
      const { record } = state;
      if (record !== undefined) {
        try {
          // A store across a network cannot answer before the head leaves: there only a session that a write of this
          // exchange found ended is known to be over, and the next request finds out.
          if (sessions.isLiveNow(record.idHash, state.now()) !== false) return undefined;
        } catch (error) {
          return unavailable(error);
        }
        state.lose();
      }
      expireDeadCookie(sessions, exchange);
      return SESSION_OVER;
    },
  };
}

/**
 * Has the browser drop a cookie that opens nothing. Not in answers to what scripts and pages load on the side: such
 * a request may have left with the old id while another was given the new one, and would take that away.
 */
function expireDeadCookie(sessions: Sessions, exchange: Exchange): void {
  const mode = header(exchange.request, 'sec-fetch-mode');
  if (mode === undefined || mode === 'navigate') {
    stateOf(sessions, exchange).sendCookie(EXPIRED_SESSION_COOKIE);
  }
}

const SESSION_OVER: Refusal = {
  status: 401,
  type: 'session-over',
  detail: 'Your session has ended. Sign in again.',
  event: 'session_use_after_expire',
};

// Closed, and never a silent sign-out: a person whose session cannot be looked up is told to come back.
function unavailable(error: unknown): Verdict {
  return {
    status: 503,
    type: 'unavailable',
    detail: 'Sessions cannot be looked up at the moment. Try again in a few seconds.',
    event: 'sys_store_unavailable',
    evidence: { error: errorName(error) },
    headers: [['Retry-After', RETRY_AFTER_SECONDS]],
  };
}
