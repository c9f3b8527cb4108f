/**
 * Another session of a browser that stays signed in. It ends the one before it, whose cookie the browser lost: that one takes
 * room, stands in the list of devices as if it were another browser, and who ends it there signs out the browser at hand.
 */
import { admit, type Arrival, lookForRoom } from './session-room.ts';
import { type SessionStays, stayOf } from './session-stay.ts';
import type { Sessions } from './sessions.ts';

/** What is to begin. */
export interface ReturnOfStay extends Arrival {
  /** Told of each that ended as the browser had left it behind. */
  readonly left: (idHash: string) => void;
}

/** Why they ended. */
export const LEFT_BEHIND = 'its browser lost the cookie, stays signed in, and began another';
/** Of looks: between one and its write, another process may open the same browser, which is then what this one replaces. */
const TRIES = 4;

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
  const list = (): Promise<readonly string[]> =>
    stays.sessionsOf(record.account ?? '', stayOf(record.data) ?? '');
  for (let tries = 0; tries < TRIES; tries += 1) {
    const own = await list();
    const last = own.at(-1);
    // One that the browser shows is none that it lost.
    const lost = last !== undefined && (replaces === undefined || !own.includes(replaces)) ? last : undefined;
    const came = await lookForRoom(sessions, { ...arrival, replaces: lost ?? replaces });
    if (came === false && lost === undefined) return false;
    if (came !== true) continue;
    if (lost !== undefined) {
      left(lost);
      // A visitor's, with what they did before they came back: it takes no room, and what it held has gone along.
      if (replaces !== undefined) await store.revoke(replaces);
    }
    // Two processes that both found none: each ends all but the last, be it its own, so that they agree on which is left.
    for (const idHash of (await list()).slice(0, -1)) if (await store.revoke(idHash)) left(idHash);
    return true;
  }
  return admit(sessions, arrival);
}
