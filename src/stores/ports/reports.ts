/** What browsers reported, in groups with counts: never one row a report, which anybody may send as often as they like. */
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { keep, pass, type Rules } from '../rules.ts';

/** Reports that say the same of the same page. */
export interface ReportRecord {
  /** A digest of what makes it one group. */
  readonly key: string;
  /** Which policy it was about. */
  readonly version: string;
  /** Such as `csp-violation`; `pages` counts pages that were sent under the policy. */
  readonly kind: string;
  /** What it says, as JSON: that of the first report. */
  readonly facts: string;
  /** Reports, those of every process. */
  readonly count: number;
  /**
   * Who sent it, as 30 bits and {@link OURS}, of which each client sets one: how many there were can be estimated, and who they were cannot be
   * told from it.
   */
  readonly clients: number;
  /** Milliseconds since 1970. */
  readonly firstAt: number;
  readonly lastAt: number;
}

/** Bits of {@link ReportRecord.clients} that stand for clients. */
export const CLIENT_BITS = 30;

/** One bit more: it stands for nobody, and keeps a group that is ours from being taken for one client's. */
export const OURS: number = 2 ** CLIENT_BITS;

/** Groups of reports, shared by every process that shares the store. */
export interface ReportStore {
  /**
   * Adds to groups that are there: counts are summed up, clients joined, the first facts and the ends of time kept. What
   * is over `most` goes, last in {@link keptFirst}: ours stays, then what is within the share of its clients, then what most
   * of them agree on. So one client's flood pushes out its own, and neither what many have sent nor what one visitor has.
   *
   * @param groups - each key once
   * @returns keys of those that were not there
   */
  add(groups: readonly ReportRecord[], most: number): MaybePromise<readonly string[]>;
  /** All of them, sent last first; of two at one time by their keys. */
  list(): MaybePromise<readonly ReportRecord[]>;
  /** Forgets those that were last sent before a time. Returns how many. */
  forget(before: number): MaybePromise<number>;
}

/** How many clients sent it, as far as can be told: those that share a bit count once, so that it is never too many. */
export function clientsOf({ clients }: Pick<ReportRecord, 'clients'>): number {
  let bits = 0;
  for (let left = clients & ~OURS; left !== 0; left &= left - 1) bits += 1;
  return bits;
}

/** How many groups of the very same clients are kept before those of others: four addresses cannot fill the store with theirs. */
export function shareOf(most: number): number {
  return Math.ceil(most / 20);
}

/** One that nobody else agrees with can be told by so many visitors, and what so many agree on is no flood: on a busy site most groups are of the same clients, which are all there are. */
export const MANY_CLIENTS = 10;

/** In the order in which they stay. */
export function keptFirst(groups: Iterable<ReportRecord>, most: number): readonly ReportRecord[] {
  const share = shareOf(most);
  const places = new Map<number, number>();
  return [...groups]
    .map((group) => ({ group, isOurs: group.clients >= OURS, agreed: clientsOf(group) }))
    .sort((a, b) => b.group.lastAt - a.group.lastAt || (a.group.key < b.group.key ? -1 : 1))
    .map((one) => {
      const { clients } = one.group;
      const place = (places.get(clients) ?? 0) + 1;
      places.set(clients, place);
      return Object.assign(one, { isWithin: one.agreed >= MANY_CLIENTS || place <= share });
    })
    .sort(
      (a, b) =>
        Number(b.isOurs) - Number(a.isOurs) || Number(b.isWithin) - Number(a.isWithin) || b.agreed - a.agreed,
    )
    .map(({ group }) => group);
}

/** What is the sum of a group and of what came to it. */
export function addedUp(before: ReportRecord, more: ReportRecord): ReportRecord {
  return {
    ...before,
    count: before.count + more.count,
    clients: before.clients | more.clients,
    firstAt: Math.min(before.firstAt, more.firstAt),
    lastAt: Math.max(before.lastAt, more.lastAt),
  };
}

export const reportRules: Rules<ReportStore> = { add: keep('report'), list: pass, forget: pass };
