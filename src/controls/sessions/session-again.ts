/**
 * Another session of a browser that stays signed in. It ends the one before it, whose cookie the browser lost: that one takes
 * room, stands in the list of devices as if it were another browser, and who ends it there signs out the browser at hand.
 */
import { oldestFirst } from '../../stores/oldest-first.ts';
import { admit, type Arrival, findPlace, noRoom } from './session-room.ts';
import { type SessionsByStay, type SessionStays, stayOf } from './session-stay.ts';
import type { Sessions } from './sessions.ts';

/** What is to begin. */
export interface ReturnOfStay extends Arrival {
  /** Told of each that ended as the browser had left it behind. */
  readonly left: (idHash: string) => void;
}

/** Why they ended. */
export const LEFT_BEHIND = 'its browser lost the cookie, stays signed in, and began another';
/**
 * Of looks: between one and its write, another tab may open the same browser, which is then what this one replaces. Of those
 * that come at once one gets through at each look, so this is how many tabs may come in the same moment.
 */
const TRIES = 32;

/**
 * Keeps it in place of the one before it, in one step. False: the one that it was to replace otherwise is over.
 *
 * @throws BulwarkError ERR_BULWARK_SESSIONS_FULL where other browsers have all the room
 */
export async function admitAgain(
  sessions: Sessions,
  stays: SessionStays,
  arrival: ReturnOfStay,
): Promise<boolean> {
  const { record, replaces, left } = arrival;
  const { store } = sessions;
  const account = record.account ?? '';
  const stay = stayOf(record.data) ?? '';
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { own, others } = await stays.sessionsOf(account, stay);
    const last = own.at(-1);
    // One that the browser shows is none that it lost.
    const lost = last !== undefined && (replaces === undefined || !own.includes(replaces)) ? last : undefined;
    // The store ends nobody for it: what it takes for another browser may be this one, come in another tab just now.
    const came = await findPlace(sessions, { ...arrival, replaces: lost ?? replaces }, false);
    if (came === false && lost === undefined) return false;
    if (came === 'full') await makeRoom(sessions, arrival, { own, others });
    if (came !== true) continue;
    if (lost !== undefined) {
      left(lost);
      // A visitor's, with what they did before they came back: it takes no room, and what it held has gone along.
      if (replaces !== undefined) await store.revoke(replaces);
    }
    // Two processes that both found none: each ends all but the last, be it its own, so that they agree on which is left.
    const now = await stays.sessionsOf(account, stay);
    for (const idHash of now.own.slice(0, -1)) if (await store.revoke(idHash)) left(idHash);
    return true;
  }
  if (sessions.settings.perAccount === undefined) return admit(sessions, arrival);
  throw noRoom(sessions, arrival);
}

/** Ends who must go for it, by the sessions of other browsers alone: however many tabs come at once, they end the same ones. */
async function makeRoom(
  sessions: Sessions,
  arrival: ReturnOfStay,
  { own, others }: SessionsByStay,
): Promise<void> {
  const { store, settings } = sessions;
  const { replaces, ended, left } = arrival;
  const inTheWay = others.filter(({ idHash }) => idHash !== replaces);
  const tooMany = inTheWay.length + 1 - (settings.perAccount ?? Infinity);
  if (tooMany > 0 && settings.whenFull !== 'end-oldest') throw noRoom(sessions, arrival);
  if (tooMany > 0) {
    for (const idHash of oldestFirst(inTheWay).slice(0, tooMany))
      if (await store.revoke(idHash)) ended(idHash);
  }
  for (const idHash of own.slice(0, -1))
    if (idHash !== replaces && (await store.revoke(idHash))) left(idHash);
}
