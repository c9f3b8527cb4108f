import { MANY_CLIENTS, OURS, type ReportRecord, type ReportStore, shareOf } from '../ports/reports.ts';
import { type RedisLine, strangeReply } from './redis-line.ts';
import { FORGET_REPORTS, REPORT_ADD } from './report-scripts.ts';

/** Groups of reports in Redis: one hash, of a bounded number of fields, since a script looks at all of them. */
export class RedisReports implements ReportStore {
  readonly #redis: RedisLine;
  readonly #key: string;

  constructor(redis: RedisLine) {
    this.#redis = redis;
    this.#key = redis.key('d', 'reports');
  }

  async add(groups: readonly ReportRecord[], most: number): Promise<readonly string[]> {
    const values = groups.flatMap(({ key, version, kind, facts, count, clients, firstAt, lastAt }) => [
      key,
      JSON.stringify([version, kind, facts]),
      count,
      clients,
      firstAt,
      lastAt,
    ]);
    const fresh = await this.#redis.run(
      REPORT_ADD,
      [this.#key],
      most,
      shareOf(most),
      MANY_CLIENTS,
      OURS,
      ...values,
    );
    if (!Array.isArray(fresh)) throw strangeReply();
    return fresh.map(String);
  }

  async list(): Promise<readonly ReportRecord[]> {
    const all = await this.#redis.send('HVALS', this.#key);
    if (!Array.isArray(all)) throw strangeReply();
    const groups = all.map((one) => readGroup(String(one)));
    return groups.sort((a, b) => b.lastAt - a.lastAt || (a.key < b.key ? -1 : 1));
  }

  async forget(before: number): Promise<number> {
    return Number(await this.#redis.run(FORGET_REPORTS, [this.#key], before));
  }
}

/** Four numbers with a blank behind each, the key, and on a line of its own the rest as JSON, which has no end of line in it. */
function readGroup(stored: string): ReportRecord {
  const [, count, clients, firstAt, lastAt, rest = ''] =
    /^(\d+) (\d+) (-?\d+) (-?\d+) ([\s\S]*)$/.exec(stored) ?? [];
  const at = rest.lastIndexOf('\n');
  const [version, kind, facts] = JSON.parse(rest.slice(at + 1)) as [string, string, string];
  return {
    key: rest.slice(0, at),
    version,
    kind,
    facts,
    count: Number(count),
    clients: Number(clients),
    firstAt: Number(firstAt),
    lastAt: Number(lastAt),
  };
}
