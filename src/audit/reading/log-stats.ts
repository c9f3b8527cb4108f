/** What a log holds, in numbers: how many of what, when, and by whom. In a memory that strangers cannot fill. */
import type { AuditEvent } from '../audit-event.ts';

/** How often something came. */
export type Counted = readonly (readonly [value: string, count: number])[];

/** A log in numbers. */
export interface LogStats {
  readonly events: number;
  readonly others: number;
  readonly first: string | undefined;
  readonly last: string | undefined;
  readonly byLevel: Counted;
  readonly byEvent: Counted;
  readonly byGuard: Counted;
  readonly byDay: Counted;
  /** The commonest; where there were too many to count each, about so many. */
  readonly clients: Counted;
  readonly accounts: Counted;
}

const MOST_VALUES = 10_000;

/** Counts events one by one. */
export class StatsCounter {
  readonly #tables = {
    byLevel: new Counts(),
    byEvent: new Counts(),
    byGuard: new Counts(),
    byDay: new Counts(),
    clients: new Counts(),
    accounts: new Counts(),
  };
  #events = 0;
  #others = 0;
  #first: string | undefined;
  #last: string | undefined;

  /** @param event - undefined: a line that is none */
  add(event: AuditEvent | undefined): void {
    if (event === undefined) {
      this.#others += 1;
      return;
    }
    this.#events += 1;
    const { time, level, event: name, guard, client, account } = event;
    if (this.#first === undefined || time < this.#first) this.#first = time;
    if (this.#last === undefined || time > this.#last) this.#last = time;
    this.#tables.byLevel.add(level);
    this.#tables.byEvent.add(name);
    this.#tables.byGuard.add(guard);
    this.#tables.byDay.add(time.slice(0, 10));
    this.#tables.clients.add(client);
    this.#tables.accounts.add(account);
  }

  /** @param top - how many clients and accounts */
  stats(top: number): LogStats {
    const { byLevel, byEvent, byGuard, byDay, clients, accounts } = this.#tables;
    return {
      events: this.#events,
      others: this.#others,
      first: this.#first,
      last: this.#last,
      byLevel: byLevel.top(),
      byEvent: byEvent.top(),
      byGuard: byGuard.top(),
      byDay: byDay.top().toSorted(([one], [other]) => (one < other ? -1 : 1)),
      clients: clients.top(top),
      accounts: accounts.top(top),
    };
  }
}

/** Where the table is full, the half that came least often makes room: a flood of addresses pushes out none that is common. */
class Counts {
  readonly #counts = new Map<string, number>();

  add(value: string | undefined): void {
    if (value === undefined) return;
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
    if (this.#counts.size > MOST_VALUES)
      for (const [rare] of this.top().slice(MOST_VALUES / 2)) this.#counts.delete(rare);
  }

  top(most = MOST_VALUES + 1): Counted {
    return [...this.#counts].toSorted(([, one], [, other]) => other - one).slice(0, most);
  }
}
