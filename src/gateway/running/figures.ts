/** What one process of a gateway has done, in figures: those of several add up. */
import type { GuardCount } from '../../layer/layer.ts';
import type { StoreCount } from '../../layer/services.ts';
import type { MemberState } from '../upstream/member.ts';

/** Upper bounds of the classes that times of answers are counted in, in seconds. */
export const TIME_BOUNDS: readonly number[] = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** How many answers there were, by the first digit of their status and by how long they took. */
export interface AnswerFigures {
  /** From 1xx to 5xx; last, those that never had a status. */
  readonly byStatus: readonly number[];
  /** As many as {@link TIME_BOUNDS}, and one for all that took longer. Each answer is in one. */
  readonly byTime: readonly number[];
  readonly seconds: number;
}

/** The figures of one process. Their number does not grow with clients, paths or accounts. */
export interface Figures {
  readonly answers: AnswerFigures;
  /** Connections of clients. */
  readonly connections: number;
  /** WebSockets that are open. */
  readonly sockets: number;
  readonly spoolBytes: number;
  readonly guards: Readonly<Record<string, GuardCount>>;
  readonly stores: Readonly<Record<string, StoreCount>>;
  /** Reports of browsers, by what became of them. Empty where none are taken. */
  readonly reports: Readonly<Record<string, number>>;
  readonly upstreams: readonly MemberState[];
  readonly residentBytes: number;
  readonly cpuSeconds: number;
}

/** What only grows, of two processes: so that a counter goes on where one took the place of the other. */
export function addCounters(one: Figures, other: Figures): Figures {
  return {
    answers: {
      byStatus: sums(one.answers.byStatus, other.answers.byStatus),
      byTime: sums(one.answers.byTime, other.answers.byTime),
      seconds: one.answers.seconds + other.answers.seconds,
    },
    connections: 0,
    sockets: 0,
    spoolBytes: 0,
    guards: addGuards(one.guards, other.guards),
    reports: addCounts(one.reports, other.reports),
    stores: {},
    upstreams: addUpstreams([...one.upstreams, ...other.upstreams]),
    residentBytes: 0,
    cpuSeconds: one.cpuSeconds + other.cpuSeconds,
  };
}

function sums(one: readonly number[], other: readonly number[]): number[] {
  return one.map((count, at) => count + (other[at] ?? 0));
}

function addGuards(one: Figures['guards'], other: Figures['guards']): Figures['guards'] {
  const added: Record<string, GuardCount> = { ...one };
  for (const [name, { refused, observed }] of Object.entries(other)) {
    const before = added[name];
    added[name] = {
      refused: refused + (before?.refused ?? 0),
      observed: observed + (before?.observed ?? 0),
    };
  }
  return added;
}

function addCounts(one: Figures['reports'], other: Figures['reports']): Figures['reports'] {
  const added: Record<string, number> = { ...one };
  for (const [name, count] of Object.entries(other)) added[name] = count + (added[name] ?? 0);
  return added;
}

function addUpstreams(all: readonly MemberState[]): readonly MemberState[] {
  const byName = new Map<string, MemberState>();
  for (const { upstream, answers, faults } of all) {
    const before = byName.get(upstream);
    const added = Object.entries(faults).map(([kind, count]) => [
      kind,
      count + (before?.faults[kind as keyof typeof faults] ?? 0),
    ]);
    byName.set(upstream, {
      upstream,
      up: false,
      busy: 0,
      answers: answers + (before?.answers ?? 0),
      faults: Object.fromEntries(added) as MemberState['faults'],
    });
  }
  return [...byName.values()];
}

const NO_STATUS = 5;

/** Counts answers. */
export class AnswerCounter {
  readonly #byStatus: number[] = [0, 0, 0, 0, 0, 0];
  readonly #byTime: number[] = TIME_BOUNDS.map(() => 0).concat(0);
  #milliseconds = 0;

  /** @param status - 0 where the client left before there was one */
  count(status: number, milliseconds: number): void {
    const kind = status === 0 ? NO_STATUS : Math.floor(status / 100) - 1;
    this.#byStatus[kind] = (this.#byStatus[kind] ?? 0) + 1;
    let at = 0;
    while (at < TIME_BOUNDS.length && milliseconds > (TIME_BOUNDS[at] ?? 0) * 1000) at += 1;
    this.#byTime[at] = (this.#byTime[at] ?? 0) + 1;
    this.#milliseconds += milliseconds;
  }

  get figures(): AnswerFigures {
    return { byStatus: [...this.#byStatus], byTime: [...this.#byTime], seconds: this.#milliseconds / 1000 };
  }
}

/** To begin with. */
export const NOTHING_DONE: Figures = {
  answers: new AnswerCounter().figures,
  connections: 0,
  sockets: 0,
  spoolBytes: 0,
  guards: {},
  reports: {},
  stores: {},
  upstreams: [],
  residentBytes: 0,
  cpuSeconds: 0,
};
