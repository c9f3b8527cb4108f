import { type OptionTable, type Read, Unfit } from '../../../core/options.ts';
import { type Duration, duration, integer, oneOf } from '../../../core/readers.ts';

/** A service that is asked for all breached hashes with the same beginning. */
export interface RangeServiceOptions {
  /** Where; five hex digits go behind it. https, or http on this machine. */
  url?: string;
  /** How long the answer may take, connection and all. */
  timeout?: Duration;
  /** What becomes of a new password where nothing can be asked. */
  whenUnreachable?: 'accept' | 'refuse';
  /** How long nothing is asked after a failure. */
  retryAfter?: Duration;
  /** How often a password must have been seen to be refused. */
  atLeast?: number;
}

/** {@link RangeServiceOptions}, read. */
export interface RangeServiceSettings {
  readonly url: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly whenUnreachable: 'accept' | 'refuse';
  /** Milliseconds. */
  readonly retryAfter: number;
  readonly atLeast: number;
}

/** The defaults and why. */
export const rangeServiceOptions: OptionTable<RangeServiceSettings> = {
  url: {
    default: 'https://api.pwnedpasswords.com/range/',
    read: serviceUrl,
    reason: 'The largest public list; it is told five hex digits, which hundreds of passwords share.',
    source: 'ASVS v5.0.0-6.2.12; the interface of Have I Been Pwned',
    example: "rangeService({ url: 'https://ranges.example.com/range/' })",
  },
  timeout: {
    default: 1000,
    shown: '1s',
    read: duration(10, 30_000),
    reason: 'Someone waits before a form for it.',
    source: 'ASVS v5.0.0-13.2.6',
    example: "rangeService({ timeout: '1s' })",
  },
  whenUnreachable: {
    default: 'accept',
    read: oneOf('accept', 'refuse'),
    reason:
      'Otherwise whoever takes the service down closes the sign-up, and the change of a password that has leaked. The other rules still hold, and an event tells of it.',
    source: 'NIST SP 800-63B-4 3.1.1.2 asks for the check; whom its failure hurts is yours to say',
    example: "rangeService({ whenUnreachable: 'refuse' })",
  },
  retryAfter: {
    default: 10_000,
    shown: '10s',
    read: duration(1, 3_600_000),
    reason: 'While the service is gone nobody waits for it.',
    source: 'ASVS v5.0.0-13.2.6',
    example: "rangeService({ retryAfter: '10s' })",
  },
  atLeast: {
    default: 1,
    read: integer(1, 1_000_000_000),
    reason: 'What was seen once is in every list that guessing programs use.',
    source: 'ASVS v5.0.0-6.2.12',
    example: 'rangeService({ atLeast: 1 })',
  },
};

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

function serviceUrl(...[value]: Parameters<Read<string>>): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url === undefined || !isWeb || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new Unfit("an https URL without query or user, such as 'https://ranges.example.com/range/'");
  }
  if (url.protocol === 'http:' && !LOOPBACK.has(url.hostname)) {
    throw new Unfit('https: whoever listens on the way would learn what is asked', true);
  }
  return `${url.origin}${url.pathname}${url.pathname.endsWith('/') ? '' : '/'}`;
}
