import type { OptionTable } from '../../core/options.ts';
import type { Problems } from '../../core/problems.ts';
import { type Duration, duration, integer, showDuration, type Size, size } from '../../core/readers.ts';

/** How long a connection may take, and how many there may be. */
export interface TimeoutOptions {
  /** From the first byte of a request to the end of its headers. Default `'10s'`. */
  headers?: Duration;
  /** From the first byte of a request to the end of its body. Default `'60s'`. */
  request?: Duration;
  /** How long an idle connection is kept for the next request. Default `'5s'`. */
  keepAlive?: Duration;
  /** The time in which a client has to take `slowReaderBytes` of an answer that waits for it. Default `'60s'`. */
  slowReader?: Duration;
  /** What has to be taken in that time, or the connection is cut. Default `'16KB'`. */
  slowReaderBytes?: Size;
  /** How often all this is looked at. Default `'500ms'`. */
  checkEvery?: Duration;
  /** Connections one client may have open; trusted proxies are not counted. Default 256. */
  connectionsPerClient?: number;
  /** Connections there may be at all. Default 10000. */
  maxConnections?: number;
}

/** {@link TimeoutOptions}, read: milliseconds, bytes and counts. */
export interface TimeoutSettings {
  readonly headers: number;
  readonly request: number;
  readonly keepAlive: number;
  readonly slowReader: number;
  readonly slowReaderBytes: number;
  readonly checkEvery: number;
  readonly connectionsPerClient: number;
  readonly maxConnections: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** The defaults and why. */
export const timeoutOptions: OptionTable<TimeoutSettings> = {
  headers: {
    default: 10 * SECOND,
    shown: "'10s'",
    read: duration(100, 2 * MINUTE),
    reason: 'A browser sends its headers in one packet; who drips them holds a connection for nothing.',
    source: 'Slowloris (2009), CWE-400; Node.js allows 60 s',
    example: "timeouts: { headers: '20s' }",
  },
  request: {
    default: MINUTE,
    shown: "'60s'",
    read: duration(100, 60 * MINUTE),
    reason: 'Holds 10 MB at 1.4 Mbit/s. Raise it where slow lines bring large files.',
    source: 'R-U-Dead-Yet (2010), CWE-400; Node.js allows 300 s',
    example: "timeouts: { request: '5m' }",
  },
  keepAlive: {
    default: 5 * SECOND,
    shown: "'5s'",
    read: duration(100, 10 * MINUTE),
    reason:
      'Long enough for the next click of a page that loads, short enough that idle visitors hold nothing.',
    source: 'Node.js (5 s); a proxy in front must close its idle connections sooner than this',
    example: "timeouts: { keepAlive: '65s' }",
  },
  slowReader: {
    default: MINUTE,
    shown: "'60s'",
    read: duration(100, 10 * MINUTE),
    reason:
      'Node.js keeps an answer forever for a client that does not read it. Not less: kernels take megabytes at a time, and a throttled download shows no progress for half a minute.',
    source: 'Slow Read (2012), CWE-400; nginx send_timeout (60 s)',
    example: "timeouts: { slowReader: '30s' }",
  },
  slowReaderBytes: {
    default: 16 * 1024,
    shown: "'16KB'",
    read: size(1, 1024 ** 2),
    reason: 'About 270 bytes a second: the worst mobile line does better, one byte at a time does not.',
    source: 'ASP.NET Core MinResponseDataRate (240 bytes a second)',
    example: "timeouts: { slowReaderBytes: '4KB' }",
  },
  checkEvery: {
    default: 500,
    shown: "'500ms'",
    read: duration(50, 5 * SECOND),
    reason: 'At the 30 s of Node.js a limit of 2 s fires after 30.',
    source: 'Node.js connectionsCheckingInterval, measured',
    example: "timeouts: { checkEvery: '1s' }",
  },
  connectionsPerClient: {
    default: 256,
    read: integer(1, 100_000),
    reason:
      'A browser opens 6: an office of 40 behind one address fits, one machine that opens thousands does not.',
    source: 'ASVS v5.0.0-15.2.2; CWE-770',
    example: 'timeouts: { connectionsPerClient: 512 }',
  },
  maxConnections: {
    default: 10_000,
    read: integer(1, 1_000_000),
    reason: 'Some 200 MB at worst; past that a new visitor is turned away and those inside are served.',
    source: 'ASVS v5.0.0-15.2.2; CWE-770',
    example: 'timeouts: { maxConnections: 2000 }',
  },
};

/** Refuses settings that contradict each other. For the policy reader, once all are read. */
export function checkTimeouts(settings: TimeoutSettings, problems: Problems): void {
  if (settings.headers > settings.request) {
    problems.refuse(
      'ERR_BULWARK_INVALID_OPTION',
      'timeouts.headers',
      'it must be no longer than timeouts.request, of which the headers are a part.',
      `timeouts: { headers: '${showDuration(settings.request)}' }`,
    );
  }
  if (settings.connectionsPerClient > settings.maxConnections) {
    problems.refuse(
      'ERR_BULWARK_INVALID_OPTION',
      'timeouts.connectionsPerClient',
      'it must be no more than timeouts.maxConnections, or one client can take every connection.',
      `timeouts: { connectionsPerClient: ${Math.ceil(settings.maxConnections / 4)} }`,
    );
  }
}
