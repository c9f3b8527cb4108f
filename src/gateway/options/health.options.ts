/** How the gateway finds out whether an upstream is there. */
import type { OptionTable } from '../../core/options.ts';
import { type Duration, duration, integer, text } from '../../core/readers.ts';

/** How upstreams are looked after. One that takes no connection gets no requests, whatever stands here, until it does again. */
export interface HealthOptions {
  /** A path that is asked for every so often: an answer below 500 says that all is well. None by default. */
  path?: string;
  /** How often, and how often one that is gone is tried. */
  every?: Duration;
  /** How long an answer may take. */
  timeout?: Duration;
  /** After so many failures in a row an upstream is taken for gone. */
  failures?: number;
}

/** {@link HealthOptions}, read. Times are milliseconds. */
export interface HealthSettings {
  readonly path: string | undefined;
  readonly every: number;
  readonly timeout: number;
  readonly failures: number;
}

/** The defaults and why. */
export const healthOptions: OptionTable<HealthSettings> = {
  path: {
    default: undefined,
    shown: 'none: only one that is gone is tried, by a connection',
    read: text(/^\/[\w\-./~%?=&]{0,1000}$/, "a path, such as '/healthz'"),
    reason: 'Only you know which page costs nothing and says that the application works.',
    source: 'ASVS v5.0.0-13.1.3',
    example: "gateway: { health: { path: '/healthz' } }",
  },
  every: {
    default: 2_000,
    shown: '2s',
    read: duration(100, 600_000),
    reason: 'An upstream that is back is used again within two seconds.',
    source: 'HAProxy inter (2 s)',
    example: "gateway: { health: { every: '2s' } }",
  },
  timeout: {
    default: 2_000,
    shown: '2s',
    read: duration(50, 60_000),
    reason: 'What takes longer to say that it is well is not.',
    source: 'HAProxy timeout check; CWE-400',
    example: "gateway: { health: { timeout: '2s' } }",
  },
  failures: {
    default: 2,
    read: integer(1, 100),
    reason: 'One answer that was lost takes nobody out.',
    source: 'HAProxy fall (3), AWS ELB UnhealthyThresholdCount (2)',
    example: 'gateway: { health: { failures: 2 } }',
  },
};
