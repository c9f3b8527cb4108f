/** What one process of a gateway has done, in figures: those of several add up. */
import { addFamilies, type MetricFamily, type NumberFamily, TimeCounter } from '../../core/metrics.ts';
import type { MemberState } from '../upstream/member.ts';

/** Upper bounds of the classes that times of answers are counted in, in seconds. */
export const TIME_BOUNDS: readonly number[] = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

/** The figures of one process. Their number does not grow with clients, paths or accounts. */
export interface Figures {
  readonly held: Held;
  readonly families: readonly MetricFamily[];
}

/** What only grows, of two processes: so that a counter goes on where one took the place of the other. */
export function addCounters(one: Figures, other: Figures): Figures {
  const families = addFamilies([], [one.families, other.families]);
  return { held: NOTHING_DONE.held, families };
}

/** To begin with. */
export const NOTHING_DONE: Figures = {
  held: { connections: 0, sockets: 0, spoolBytes: 0, upstreams: [] },
  families: [],
};

const STATUS_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx', 'none'] as const;
const NO_STATUS = STATUS_CLASSES.length - 1;

/** Counts answers. */
export class AnswerCounter {
  readonly #byStatus: number[] = STATUS_CLASSES.map(() => 0);
  readonly #times = new TimeCounter(TIME_BOUNDS);

  /** @param status - 0 where the client left before there was one */
  count(status: number, milliseconds: number): void {
    const kind = status === 0 ? NO_STATUS : Math.floor(status / 100) - 1;
    this.#byStatus[kind] = (this.#byStatus[kind] ?? 0) + 1;
    this.#times.count(milliseconds);
  }

  get families(): readonly MetricFamily[] {
    return [
      {
        name: 'bulwark_answers',
        type: 'counter',
        help: 'Answers to clients, by the first digit of their status.',
        samples: STATUS_CLASSES.map((status, at) => [{ status }, this.#byStatus[at] ?? 0]),
      },
      {
        name: 'bulwark_answer_seconds',
        type: 'histogram',
        help: 'How long answers took, from head to end.',
        bounds: TIME_BOUNDS,
        samples: [[{}, this.#times.figures]],
      },
    ];
  }
}

/** What a process of a gateway holds at the moment. */
export interface Held {
  /** Connections of clients. */
  readonly connections: number;
  /** WebSockets that are open. */
  readonly sockets: number;
  readonly spoolBytes: number;
  readonly upstreams: readonly MemberState[];
}

const FAULTS = ['connect', 'busy', 'late', 'cut', 'malformed', 'left'] as const;

/** Figures of what a process holds, of its upstreams, and of the machine that it takes. */
export function heldFamilies({ connections, sockets, spoolBytes, upstreams }: Held): readonly MetricFamily[] {
  const { user, system } = process.cpuUsage();
  return [
    gauge('bulwark_connections', 'Connections of clients.', [[{}, connections]]),
    gauge('bulwark_websockets', 'WebSockets that are open.', [[{}, sockets]]),
    gauge('bulwark_spool_bytes', 'What request bodies take at the moment.', [[{}, spoolBytes]]),
    gauge(
      UPSTREAM_UP,
      'How many workers find an upstream there.',
      upstreams.map(({ upstream, up }) => [{ upstream }, Number(up)]),
    ),
    gauge(
      'bulwark_upstream_busy',
      'Connections that carry a request.',
      upstreams.map(({ upstream, busy }) => [{ upstream }, busy]),
    ),
    {
      name: 'bulwark_upstream_answers',
      type: 'counter',
      help: 'Answers of an upstream.',
      samples: upstreams.map(({ upstream, answers }) => [{ upstream }, answers]),
    },
    {
      name: 'bulwark_upstream_faults',
      type: 'counter',
      help: 'Requests that an upstream did not answer, by why.',
      samples: upstreams.flatMap(({ upstream, faults }) =>
        FAULTS.map((kind) => [{ upstream, kind }, faults[kind]] as const),
      ),
    },
    gauge('bulwark_resident_bytes', 'Memory of all workers.', [[{}, process.memoryUsage.rss()]]),
    {
      name: 'bulwark_cpu_seconds',
      type: 'counter',
      help: 'Processor time of all workers.',
      samples: [[{}, (user + system) / 1e6]],
    },
  ];
}

/** Of those that take requests alone: one that ends with its last connection dials nobody any more. */
export const UPSTREAM_UP = 'bulwark_upstream_up';

function gauge(name: string, help: string, samples: NumberFamily['samples']): MetricFamily {
  return { name, type: 'gauge', help, samples };
}
