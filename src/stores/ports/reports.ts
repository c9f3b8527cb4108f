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
   * is over `most` goes: of a single client first, and of these what was sent longest ago, so that one client's flood
   * does not push out what many have sent.
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

/** Whether one client alone has sent it: what has to go, goes from among these first. */
export function isOfOne({ clients }: ReportRecord): boolean {
  // No bit is left where the lowest is taken away.
  return (clients & (clients - 1)) === 0;
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
