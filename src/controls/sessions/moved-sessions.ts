/** Sessions that are used from another network than they began in: a stolen cookie is, and so is a telephone on its way. */
import { networkOf } from '../../audit/client-network.ts';
import type { Exchange } from '../../core/exchange.ts';
import { sessionRef } from '../../core/session-ref.ts';
import type { SessionRecord } from '../../stores/ports/sessions.ts';
import { SESSIONS_EVENTS } from './sessions.events.ts';
import type { SessionAudit } from './sessions.ts';

/** What one process remembers: an address of a session that it knows costs no more than a look into a set. */
const MOST_REMEMBERED = 20_000;

/** Tells the log of each network of a session once. It refuses nothing: people do change their network. */
export class MovedSessions {
  readonly #audit: SessionAudit;
  readonly #seen = new Set<string>();

  constructor(audit: SessionAudit) {
    this.#audit = audit;
  }

  /** Looks at a request of a session. Where its address is that of the sign-in nothing is done. */
  note(exchange: Exchange, { idHash, address }: SessionRecord): void {
    const now = exchange.client.address;
    if (now === address || address === '' || exchange.session?.principal === undefined) return;
    if (!this.#isNew(`${idHash} ${now}`)) return;
    const [from, to] = [networkOf(address), networkOf(now)];
    if (from === to || !this.#isNew(`${idHash} ${to}`)) return;
    this.#audit(SESSIONS_EVENTS.moved, { sessionRef: sessionRef(idHash), from, to }, exchange);
  }

  #isNew(key: string): boolean {
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    if (this.#seen.size > MOST_REMEMBERED) {
      const [oldest] = this.#seen;
      if (oldest !== undefined) this.#seen.delete(oldest);
    }
    return true;
  }
}
