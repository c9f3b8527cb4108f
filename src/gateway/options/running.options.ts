/** How a gateway runs: processes, what it says of itself, and how it ends. */
import { availableParallelism } from 'node:os';
import type { OptionSpec, OptionTable, Read } from '../../core/options.ts';
import { type Duration, duration, integer, oneOf } from '../../core/readers.ts';
import { listenAddress, type Place } from './listen-address.ts';

const count = integer(1, 256);
const readWorkers: Read<number> = (value, path, problems) =>
  value === 'auto' ? availableParallelism() : count(value, path, problems);

/** Processes that serve. */
export const workers: OptionSpec<number> = {
  default: 1,
  read: readWorkers,
  reason:
    'A gateway uses a tenth of what the application behind it does; `auto` takes every core where that is not so.',
  source: 'measured: docs/performance.md',
  example: "gateway: { workers: 'auto' }",
};

/** Where the gateway listens. */
export const listen: OptionSpec<Place> = {
  default: { host: '127.0.0.1', port: 8080 },
  shown: '127.0.0.1:8080',
  read: listenAddress,
  reason: 'This machine alone, until it is said otherwise.',
  source: 'ASVS v5.0.0-13.2.4',
  example: "gateway: { listen: '127.0.0.1:8080' }",
};

/** Where plain http is sent to https. */
export const httpListen: OptionSpec<Place | undefined> = {
  default: undefined,
  shown: 'none',
  read: listenAddress,
  reason: "A port below 1024 is nobody's to take unasked.",
  source: 'RFC 6797 7.2',
  example: "gateway: { httpListen: '0.0.0.0:80' }",
};

/** Where health, readiness and metrics are answered. */
export const management: OptionSpec<Place | undefined> = {
  default: undefined,
  shown: 'none',
  read: listenAddress,
  reason: 'What it says is for operators: it has a listener of its own, and visitors never reach it.',
  source: 'ASVS v5.0.0-13.4.5; Kubernetes probes',
  example: "gateway: { management: '127.0.0.1:9090' }",
};

/** Whether each answer has a line in a log. */
export const accessLog: OptionSpec<'off' | 'stdout' | 'stderr'> = {
  default: 'off',
  read: oneOf('off', 'stdout', 'stderr'),
  reason: 'Where somebody is, and when, is personal data: it is written where it is wanted.',
  source: 'GDPR 5(1)(c); ASVS v5.0.0-14.2.4',
  example: "gateway: { accessLog: 'stdout' }",
};

/** How a gateway ends. */
export interface DrainOptions {
  /**
   * How long it still serves, once it was told to end, while `/-/ready` says no already: for what spreads requests over
   * several gateways. `none` by default.
   */
  delay?: Duration | 'none';
  /** How long requests that are under way may take from then on. */
  limit?: Duration;
}

/** {@link DrainOptions}, read: milliseconds. */
export interface DrainSettings {
  readonly delay: number;
  readonly limit: number;
}

const delay = duration(100, 600_000);

/** The defaults and why. */
export const drainOptions: OptionTable<DrainSettings> = {
  delay: {
    default: 0,
    shown: 'none',
    read: (value, path, problems) => (value === 'none' ? 0 : delay(value, path, problems)),
    reason: 'Alone, it has nobody who would have to notice first.',
    source: 'Kubernetes, termination of pods',
    example: "gateway: { drain: { delay: '5s' } }",
  },
  limit: {
    default: 30_000,
    shown: '30s',
    read: duration(100, 3_600_000),
    reason: 'As long as a worker of gunicorn may take; whoever ends services kills them after 90.',
    source: 'gunicorn --graceful-timeout (30 s); systemd TimeoutStopSec (90 s)',
    example: "gateway: { drain: { limit: '30s' } }",
  },
};
