/** What stands in the place of a request where a command acts on accounts. */
import { SessionHandle } from '../../controls/sessions/session-handle.ts';
import type { Sessions } from '../../controls/sessions/sessions.ts';
import { NO_BODY } from '../../core/body.ts';
import type { Audit } from '../../core/events.ts';
import { Exchange } from '../../core/exchange.ts';
import type { OperatorVisit } from './operator.ts';

/** What an account's history shows for the address: no browser of anybody. */
const PLACE = 'server';

/**
 * A visit of whoever holds the machine. It has no session and no browser.
 *
 * @param who - what the log calls them
 */
export function machineVisit(sessions: Sessions, audit: Audit, who: string): OperatorVisit {
  const exchange = new Exchange(
    {
      method: 'POST',
      target: '/',
      httpVersion: '1.1',
      rawHeaders: [],
      headers: {},
      peer: '127.0.0.1',
      encrypted: true,
    },
    sessions.clock(),
    NO_BODY,
  );
  return {
    machine: who,
    audit,
    session: new SessionHandle(sessions, exchange),
    client: { address: PLACE, key: PLACE },
    cookie: undefined,
    userAgent: '',
    setCookie: () => undefined,
  };
}
