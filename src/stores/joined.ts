/** A state in two places, seen as one: whoever uses a `State` need not know. */
import type { State, StoreHealth } from './ports/state.ts';

/** A state in two places: what every request asks for in one, what must never be lost in the other. */
export interface StatePlaces {
  /** Sessions and counters, such as `await redis(client)`. What else it keeps is not used. */
  readonly shared: State;
  /** Second factors, accounts, rows of files and reports, such as `await postgres(pool)`. What else it keeps is not used. */
  readonly records: State;
}

/** One state of two. It reaches as far as the shared one: that is what has to be seen by every process. */
export function joinStates({ shared, records }: StatePlaces): State {
  if (shared === records) return shared;
  const { reach, sessions, counters } = shared;
  const { factors, accounts, files, reports = shared.reports } = records;
  const places = [shared, records];
  return {
    reach,
    sessions,
    counters,
    ...(factors !== undefined && { factors }),
    ...(accounts !== undefined && { accounts }),
    ...(files !== undefined && { files }),
    ...(reports !== undefined && { reports }),
    onHealth: (listener) => tellOfBoth(places, listener),
    close: () => closeBoth(places),
  };
}

/** Two of one kind have one name, and under that name both are back before anyone is told so. */
function tellOfBoth(places: readonly State[], listener: (health: StoreHealth) => void): void {
  const gone = new Map<State, string>();
  for (const place of places) {
    place.onHealth?.((health) => {
      if (health.up) gone.delete(place);
      else gone.set(place, health.store);
      if (!health.up || ![...gone.values()].includes(health.store)) listener(health);
    });
  }
}

/** Both, whatever comes of either: a connection that stays open keeps a process from ending. */
async function closeBoth(places: readonly State[]): Promise<void> {
  const closed = await Promise.allSettled(places.map(async (place) => place.close()));
  const errors = closed.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  if (errors.length > 1) throw new AggregateError(errors, 'neither place of the state could be closed');
  if (errors.length === 1) throw errors[0];
}
