import { addedUp, keptFirst, type ReportRecord, type ReportStore } from '../ports/reports.ts';

/** Groups of reports in the memory of this process. */
export class MemoryReports implements ReportStore {
  readonly #groups = new Map<string, ReportRecord>();

  add(groups: readonly ReportRecord[], most: number): readonly string[] {
    const fresh: string[] = [];
    for (const group of groups) {
      const before = this.#groups.get(group.key);
      if (before === undefined) fresh.push(group.key);
      this.#groups.set(group.key, before === undefined ? { ...group } : addedUp(before, group));
    }
    if (this.#groups.size > most)
      for (const { key } of keptFirst(this.#groups.values(), most).slice(most)) this.#groups.delete(key);
    return fresh;
  }

  list(): readonly ReportRecord[] {
    return [...this.#groups.values()].sort((a, b) => b.lastAt - a.lastAt || (a.key < b.key ? -1 : 1));
  }

  forget(before: number): number {
    let forgotten = 0;
    for (const { key, lastAt } of this.#groups.values())
      if (lastAt < before && this.#groups.delete(key)) forgotten += 1;
    return forgotten;
  }
}
