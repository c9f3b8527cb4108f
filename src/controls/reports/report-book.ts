/** Reports in groups, and how many pages were sent: gathered in this process, and added to what all of them have. */
import { hash } from 'node:crypto';
import { CLIENT_BITS, OURS, type ReportRecord, type ReportStore } from '../../stores/ports/reports.ts';
import type { Report } from './read-report.ts';

/** What became of reports, for metrics. */
export type ReportFate = 'taken' | 'foreign' | 'noise' | 'unknown' | 'dropped';

/** What a book is kept by. */
export interface ReportBookParts {
  readonly store: ReportStore;
  /** How long a group is kept after its last report, in milliseconds. */
  readonly keep: number;
  /** Told of groups that no process had seen. */
  readonly onNew: (report: Report, group: ReportRecord) => void;
  /** Told once, until it works again: what could not be kept is lost. */
  readonly onFault: (error: unknown) => void;
}

/** Groups in the store. Whoever makes up more finds theirs gone first. */
export const MOST_GROUPS = 1_000;
/** Groups that wait to be kept: what comes beyond them within a second is a flood. */
const MOST_WAITING = 200;
const KEEP_EVERY_MS = 1_000;
const FORGET_EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** A page costs two additions and a short hash, and no request waits for a store. */
export class ReportBook {
  /** Of this process since its start. */
  readonly fates: Record<ReportFate, number> = { taken: 0, foreign: 0, noise: 0, unknown: 0, dropped: 0 };
  readonly #parts: ReportBookParts;
  readonly #waiting = new Map<string, { group: ReportRecord; report: Report | undefined }>();
  #pages:
    | { version: string; day: number; count: number; clients: number; first: number; last: number }
    | undefined;
  #timer: NodeJS.Timeout | undefined;
  #keeping: Promise<void> = Promise.resolve();
  #isFailing = false;
  #forgotAt = 0;

  constructor(parts: ReportBookParts) {
    this.#parts = parts;
  }

  /** Counts a page that was sent under a policy. */
  notePage(version: string, client: string, now: number): void {
    const day = Math.floor(now / DAY_MS) * DAY_MS;
    const known = this.#pages;
    if (known?.version === version && known.day === day) {
      known.count += 1;
      known.last = now;
      known.clients |= bitOf(client);
    } else {
      this.#movePages();
      this.#pages = { version, day, count: 1, clients: OURS | bitOf(client), first: now, last: now };
    }
    this.#keepSoon();
  }

  /** Counts a report. */
  note(report: Report, version: string, client: string, now: number): void {
    const { kind, facts } = report;
    const { line: _line, message: _message, ...named } = facts;
    const key = digest([version, kind, named]);
    const before = this.#waiting.get(key)?.group;
    if (before === undefined && this.#waiting.size >= MOST_WAITING) {
      this.fates.dropped += 1;
      return;
    }
    this.fates.taken += 1;
    const clients = (before?.clients ?? 0) | bitOf(client);
    const group: ReportRecord = {
      key,
      version,
      kind,
      facts: before?.facts ?? JSON.stringify(facts),
      count: (before?.count ?? 0) + 1,
      clients,
      firstAt: before?.firstAt ?? now,
      lastAt: now,
    };
    this.#waiting.set(key, { group, report });
    this.#keepSoon();
  }

  /** Keeps what has gathered: at the end, and where somebody looks. */
  async flush(): Promise<void> {
    this.#keep();
    await this.#keeping;
  }

  #keepSoon(): void {
    this.#timer ??= setTimeout(() => this.#keep(), KEEP_EVERY_MS).unref();
  }

  #movePages(): void {
    const pages = this.#pages;
    this.#pages = undefined;
    if (pages === undefined) return;
    const { version, day, count, clients, first, last } = pages;
    const group = {
      key: digest([version, 'pages', day]),
      version,
      kind: 'pages',
      facts: '{}',
      count,
      clients,
      firstAt: first,
      lastAt: last,
    };
    this.#waiting.set(group.key, { group, report: undefined });
  }

  #keep(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#movePages();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    if (waiting.length === 0) return;
    this.#keeping = this.#keeping.then(async () => await this.#add(waiting));
  }

  async #add(waiting: readonly { group: ReportRecord; report: Report | undefined }[]): Promise<void> {
    const { store, keep, onNew, onFault } = this.#parts;
    try {
      const groups = waiting.map(({ group }) => group);
      const fresh = new Set(await store.add(groups, MOST_GROUPS));
      this.#isFailing = false;
      for (const { group, report } of waiting)
        if (report !== undefined && fresh.has(group.key)) onNew(report, group);
      const now = Math.max(...groups.map(({ lastAt }) => lastAt));
      if (now - this.#forgotAt < FORGET_EVERY_MS) return;
      this.#forgotAt = now;
      await store.forget(now - keep);
    } catch (error) {
      this.fates.dropped += waiting.length;
      if (!this.#isFailing) onFault(error);
      this.#isFailing = true;
    }
  }
}

function digest(parts: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22);
}

/** One bit of 30 for a client: how many there were is told, and not who. */
function bitOf(client: string): number {
  let sum = 0x811c9dc5;
  for (let at = 0; at < client.length; at += 1) sum = Math.imul(sum ^ client.charCodeAt(at), 0x01000193);
  return 1 << ((sum >>> 8) % CLIENT_BITS);
}
