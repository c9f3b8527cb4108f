/** What guards in `observe` would have refused, read from the audit log and put together. */
import { withoutIds } from '../../core/masked-path.ts';

/** What one guard would have done on one route. */
export interface ObservedGroup {
  readonly guard: string;
  /** Method and path, with `*` in the place of what looks like an id. None for a request that had neither. */
  readonly route: string;
  /** How often, those that the log held back in a flood included. */
  readonly count: number;
  /** The status that it would have been, or none where a head would have been changed. */
  readonly status: number | undefined;
  /** The first of them, as it stands in the log. */
  readonly sample: Readonly<Record<string, unknown>>;
}

/** What was read. */
export interface ObservedSummary {
  readonly groups: readonly ObservedGroup[];
  /** Lines of the log that are of an observing guard. */
  readonly observed: number;
  /** Lines of events. */
  readonly events: number;
  /** Lines that are no events. */
  readonly others: number;
}

/** Routes that are told apart. What comes beyond them is one group for each guard. */
const MOST_GROUPS = 1_000;
const OTHERS = '(other routes)';

type Line = Readonly<Record<string, unknown>>;

/** Takes lines, in any order, of one log or several. */
export class ObservedReport {
  readonly #groups = new Map<string, { -readonly [K in keyof ObservedGroup]: ObservedGroup[K] }>();
  #observed = 0;
  #events = 0;
  #others = 0;

  /** Takes one line of the log. What is no event is counted and passed over: logs of a service hold other lines too. */
  add(text: string): void {
    const line = readLine(text);
    if (line === undefined) {
      if (text.trim() !== '') this.#others += 1;
      return;
    }
    this.#events += 1;
    const details = isObject(line['details']) ? line['details'] : {};
    if (details['observed'] !== true) return;
    this.#observed += 1;
    const guard = typeof line['guard'] === 'string' ? line['guard'] : '(no guard)';
    const { heldBack } = details;
    this.#count(guard, routeOf(line), 1 + (typeof heldBack === 'number' ? heldBack : 0), line);
  }

  get summary(): ObservedSummary {
    const groups = [...this.#groups.values()].toSorted((one, other) => other.count - one.count);
    return { groups, observed: this.#observed, events: this.#events, others: this.#others };
  }

  #count(guard: string, route: string, count: number, sample: Line): void {
    const key = `${guard} ${route}`;
    const group = this.#groups.get(key);
    if (group !== undefined) group.count += count;
    else if (this.#groups.size >= MOST_GROUPS && route !== OTHERS) this.#count(guard, OTHERS, count, sample);
    else {
      const status = typeof sample['status'] === 'number' ? sample['status'] : undefined;
      this.#groups.set(key, { guard, route, count, status, sample });
    }
  }
}

function routeOf({ method, path }: Line): string {
  if (typeof method !== 'string' || typeof path !== 'string') return '';
  return `${method} ${withoutIds(path, '*')}`;
}

/** An event of ours. A line may have the time, and the name of the service, of whatever collects it in front. */
function readLine(text: string): Line | undefined {
  const start = text.indexOf('{');
  if (start === -1) return undefined;
  try {
    const value: unknown = JSON.parse(text.slice(start));
    return isObject(value) && typeof value['event'] === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
