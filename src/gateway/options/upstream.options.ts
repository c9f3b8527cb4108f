/** How the application is met: times, connections, and what request bodies may take before it is asked. */
import type { OptionSpec, OptionTable } from '../../core/options.ts';
import { type Duration, duration, integer, size, type Size } from '../../core/readers.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;
const MB = 1_048_576;

/** How long the application may take. */
export interface UpstreamTimesOptions {
  /** Until it takes a connection. */
  connect?: Duration;
  /** From a request to the first byte of its answer. */
  firstByte?: Duration;
  /** Between two pieces of an answer. */
  idle?: Duration;
}

/** {@link UpstreamTimesOptions}, read: milliseconds. */
export interface UpstreamTimes {
  readonly connect: number;
  readonly firstByte: number;
  readonly idle: number;
}

/** The defaults and why. */
export const upstreamTimes: OptionTable<UpstreamTimes> = {
  connect: {
    default: 2 * SECOND,
    shown: '2s',
    read: duration(50, 60 * SECOND),
    reason: 'On a network of your own it takes a millisecond; a visitor is told soon that nobody is there.',
    source: 'CWE-400; measured',
    example: "gateway: { times: { connect: '2s' } }",
  },
  firstByte: {
    default: 60 * SECOND,
    shown: '60s',
    read: duration(100, HOUR),
    reason: 'Longer than a worker of gunicorn may take (30 s), shorter than a visitor waits.',
    source: 'nginx proxy_read_timeout (60 s); CWE-400',
    example: "gateway: { times: { firstByte: '5m' } }",
  },
  idle: {
    default: 60 * SECOND,
    shown: '60s',
    read: duration(100, HOUR),
    reason: 'An answer that stops within itself is cut. Events that come more seldom need more.',
    source: 'nginx proxy_read_timeout (60 s); CWE-400',
    example: "gateway: { times: { idle: '5m' } }",
  },
};

/** What the bodies of requests may take until the application is asked. */
export interface SpoolOptions {
  /** One of more goes to a file without a name. */
  memory?: Size;
  /** All that are under way, in memory and in files. */
  total?: Size;
}

/** {@link SpoolOptions}, read: bytes. */
export interface SpoolSettings {
  readonly memory: number;
  readonly total: number;
}

/** The defaults and why. */
export const spoolOptions: OptionTable<SpoolSettings> = {
  memory: {
    default: 65_536,
    shown: '64KB',
    read: size(1_024, 16 * MB),
    reason: 'Holds any form; a thousand of them at once are 64 MB.',
    source: 'CWE-770; nginx client_body_buffer_size (16 KB)',
    example: "gateway: { spool: { memory: '64KB' } }",
  },
  total: {
    default: 1_024 * MB,
    shown: '1GB',
    read: size(MB, 1_048_576 * MB),
    reason: 'A disk that is full takes down more than uploads; one upload past it is answered with 507.',
    source: 'CWE-770',
    example: "gateway: { spool: { total: '10GB' } }",
  },
};

/** How many connections the application is asked over. */
export const connections: OptionSpec<number> = {
  default: 512,
  read: integer(1, 65_536),
  reason:
    'More than any server of processes or threads works on at once; the rest waits here, up to four times as many, for ten seconds.',
  source: 'CWE-770; gunicorn --backlog (2048)',
  example: 'gateway: { connections: 512 }',
};
