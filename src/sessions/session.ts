/** Which session a request belongs to, and whether it still does when the answer leaves. */
import { type Exchange, header } from '../core/exchange.ts';
import type { Guard } from '../core/guard.ts';
import { type Refusal, unavailable } from '../core/verdict.ts';
import type { SessionRecord } from '../stores/ports.ts';
import { EXPIRED_SESSION_COOKIE } from './session-cookie.ts';
import { knownState, stateOf } from './session-state.ts';
import type { Sessions } from './sessions.ts';

/** The guard. Runs before `csrf` and `access`, which ask who is there; always, since they do. */
export function sessionGuard(sessions: Sessions): Guard {
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
        const found = sessions.use(exchange);
        if (!(found instanceof Promise)) return enter(exchange, found);
        return found.then((record) => enter(exchange, record)).catch(lookUpFailed);
      } catch (error) {
        return lookUpFailed(error);
      }
    },
    onAnswer(exchange, head) {
      const state = knownState(exchange);
      if (state === undefined) return undefined;
      // What a handler did not expect to fail is no fault of its own: come back later, not "something went wrong".
      if (state.failure !== undefined && head.statusCode === 500) return lookUpFailed(state.failure);
      if (!state.needsCheck()) return undefined;
      const { record } = state;
      if (record !== undefined) {
        try {
          // A store across a network cannot answer before the head leaves: there only a session that a write of this
          // exchange found ended is known to be over, and the next request finds out.
          if (sessions.isLiveNow(record.idHash, state.now()) !== false) return undefined;
        } catch (error) {
          return lookUpFailed(error);
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

function lookUpFailed(error: unknown): Refusal {
  return unavailable('Sessions cannot be looked up at the moment. Try again in a few seconds.', error);
}
