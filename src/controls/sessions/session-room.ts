/** Whether there is room for one more session of an account. */
import { BulwarkError } from '../../core/errors.ts';
import type { Exchange } from '../../core/exchange.ts';
import { type MaybePromise, whenReady } from '../../core/maybe-promise.ts';
import { type Slot, slot } from '../../core/slot.ts';
import type { Refusal } from '../../core/verdict.ts';
import type { SessionRecord } from '../../stores/ports/sessions.ts';
import { SESSION_PROBLEMS, SESSIONS_EVENTS } from './sessions.events.ts';
import type { Sessions } from './sessions.ts';

/** The answer to a sign-in that found no room, logged already. A 500 that comes of it leaves as this refusal. */
export const NO_ROOM: Slot<Refusal> = slot();

const FULL: Refusal = {
  ...SESSION_PROBLEMS.full,
  detail: 'You were not signed in. Sign out in one of your other browsers first, then try again.',
};

/** A session that is to begin. */
export interface Arrival {
  readonly exchange: Exchange;
  readonly record: SessionRecord;
  readonly now: number;
  /** The session that ends in the same step. */
  readonly replaces: string | undefined;
  /** Told of each that ended for it. */
  readonly ended: (idHash: string) => void;
}

/**
 * Keeps a session of an account, within its cap. False: the one that it was to replace is over.
 *
 * @throws BulwarkError ERR_BULWARK_SESSIONS_FULL
 */
export function admit(sessions: Sessions, arrival: Arrival): MaybePromise<boolean> {
  const endsOldest = sessions.settings.whenFull === 'end-oldest';
  return whenReady(findPlace(sessions, arrival, endsOldest), (came) => {
    if (came === 'full') throw noRoom(sessions, arrival);
    return came;
  });
}

/** As {@link admit}, for who may still be let in another way: `full` is told to nobody. */
export function findPlace(
  { store, settings }: Sessions,
  { record, now, replaces, ended }: Arrival,
  endsOldest: boolean,
): MaybePromise<boolean | 'full'> {
  const { perAccount } = settings;
  if (perAccount === undefined) {
    if (replaces !== undefined) return store.replace(replaces, record, now);
    return whenReady(store.create(record), () => true);
  }
  const cap = { most: perAccount, endsOldest, ...(replaces !== undefined && { replaces }) };
  return whenReady(store.createWithin(record, cap, now), (came) => {
    if (came === 'over') return false;
    if (came === 'full') return came;
    for (const idHash of came) ended(idHash);
    return true;
  });
}

/** Logs that there is none, and says what is answered. */
export function noRoom(sessions: Sessions, { exchange, record }: Arrival): BulwarkError {
  const limit = sessions.settings.perAccount ?? 0;
  sessions.audit(SESSIONS_EVENTS.full, { account: record.account ?? '', limit }, exchange);
  exchange.set(NO_ROOM, FULL);
  return new BulwarkError(
    'ERR_BULWARK_SESSIONS_FULL',
    'The account has as many sessions as session.perAccount lets it have; nobody was signed in. Answer 403.',
  );
}
