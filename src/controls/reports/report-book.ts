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
/** Groups that wait to be kept: what comes beyond them within a second is a flood, and of one client sooner. */
const MOST_WAITING = 200;
const MOST_OF_ONE = 50;
/** Of these some may be about policies that only the store can know of. */
const MOST_UNSURE = 20;
/** How often the store is asked for policies that other processes send: a made-up name has it read no sooner. */
const ASK_EVERY_MS = 5_000;
const KEEP_EVERY_MS = 1_000;
const FORGET_EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;

interface Waiting {
  readonly group: ReportRecord;
  readonly report: Report | undefined;
  /** Reports about a policy that this process does not know of: whether one was ever sent is seen when they are kept. */
  readonly unsure: number;
}

/** A page costs two additions and a short hash, and no request waits for a store. */
export class ReportBook {
  /** Of this process since its start. */
  readonly fates: Record<ReportFate, number> = { taken: 0, foreign: 0, noise: 0, unknown: 0, dropped: 0 };
  readonly #parts: ReportBookParts;
  readonly #waiting = new Map<string, Waiting>();
  /** Policies that this process sends, and those that any process has sent within the days that are kept. */
  readonly #own = new Set<string>();
  #known: ReadonlySet<string> = new Set();
  /** Whether addresses that pages name bear the policy: then none without it is of a browser. */
  #isNamed = false;
  #askedAt = -Infinity;
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

  /** Told at the start which policy the addresses of reports bear. What bears one that was never sent is made up. */
  sends(version: string): void {
    this.#own.add(version);
    this.#isNamed = true;
  }

  /** Counts a page that was sent under a policy. */
  notePage(version: string, client: string, now: number): void {
    this.#own.add(version);
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
    const waiting = this.#waiting.get(key);
    const before = waiting?.group;
    const isSure = this.#isKnown(version);
    // Other processes may send it: the store knows, and was asked a moment ago.
    if (!isSure && (version === '' || now - this.#askedAt < ASK_EVERY_MS)) {
      this.fates.unknown += 1;
      return;
    }
    if (before === undefined && !this.#hasRoom(bitOf(client), isSure)) {
      this.fates.dropped += 1;
      return;
    }
    if (isSure) this.fates.taken += 1;
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
    this.#waiting.set(key, { group, report, unsure: (waiting?.unsure ?? 0) + (isSure ? 0 : 1) });
    this.#keepSoon();
  }

  #isKnown(version: string): boolean {
    return version === '' ? !this.#isNamed : this.#own.has(version) || this.#known.has(version);
  }

  /** One client's groups leave room for those of others, and so do made-up policies. */
  #hasRoom(bit: number, isSure: boolean): boolean {
    if (this.#waiting.size >= MOST_WAITING) return false;
    let [ofOne, unsure] = [0, 0];
    for (const waiting of this.#waiting.values()) {
      if (waiting.group.clients === bit) ofOne += 1;
      if (waiting.unsure > 0) unsure += 1;
    }
    return ofOne < MOST_OF_ONE && (isSure || unsure < MOST_UNSURE);
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
    this.#waiting.set(group.key, { group, report: undefined, unsure: 0 });
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

  async #add(gathered: readonly Waiting[]): Promise<void> {
    const { store, keep, onNew, onFault } = this.#parts;
    const last = Math.max(...gathered.map(({ group }) => group.lastAt));
    let waiting = gathered;
    try {
      waiting = await this.#sentOnly(gathered, last);
      if (waiting.length === 0) return;
      const groups = waiting.map(({ group }) => group);
      const fresh = new Set(await store.add(groups, MOST_GROUPS));
      this.#isFailing = false;
      for (const { group, report } of waiting)
        if (report !== undefined && fresh.has(group.key)) onNew(report, group);
      if (last - this.#forgotAt < FORGET_EVERY_MS) return;
      this.#forgotAt = last;
      await store.forget(last - keep);
      // What is forgotten is known no more.
      this.#known = new Set();
      this.#askedAt = -Infinity;
    } catch (error) {
      this.fates.dropped += waiting.length;
      if (!this.#isFailing) onFault(error);
      this.#isFailing = true;
    }
  }

  /** Without what is about policies that no process has sent: each counts pages in the store, within a second. */
  async #sentOnly(gathered: readonly Waiting[], now: number): Promise<readonly Waiting[]> {
    if (!gathered.some(({ unsure }) => unsure > 0)) return gathered;
    if (now - this.#askedAt >= ASK_EVERY_MS) {
      this.#askedAt = now;
      const all = await this.#parts.store.list();
      this.#known = new Set(all.flatMap(({ kind, version }) => (kind === 'pages' ? [version] : [])));
    }
    return gathered.filter(({ group: { version }, unsure }) => {
      const isSent = unsure === 0 || this.#isKnown(version);
      this.fates[isSent ? 'taken' : 'unknown'] += unsure;
      return isSent;
    });
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
