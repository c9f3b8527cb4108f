import type { Mode } from '../../core/guard.ts';
import { mode } from '../../core/mode.ts';
import type { OptionTable } from '../../core/options.ts';
import { type Rate, rateReader, type RateText } from '../../core/rate.ts';
import { integer, text } from '../../core/readers.ts';

/** How many requests are taken from one client. Tighter limits of single routes are under `routes`. */
export interface RateLimitOptions {
  /** `enforce` (default), `observe` or `off`. The limits of routes follow it too. */
  mode?: Mode;
  /** One limit per client over everything it asks for, unknown paths and static files included. */
  perClient?: RateText;
  /** How many clients are remembered at a time, rounded up to a power of two; 18 bytes each. */
  capacity?: number;
  /** The body field that names the account, for routes limited by account that name no other. */
  accountField?: string;
}

/** {@link RateLimitOptions}, read. */
export interface RateLimitSettings {
  readonly mode: Mode;
  readonly perClient: Rate;
  readonly capacity: number;
  readonly accountField: string;
}

/** The defaults and why. */
export const rateLimitOptions: OptionTable<RateLimitSettings> = {
  mode: {
    default: 'enforce',
    read: mode,
    reason: 'A client over its limit is refused, not only noticed.',
    source: 'OWASP Denial of Service Cheat Sheet; ASVS v5.0.0-2.4.1',
    example: "rateLimit: { mode: 'observe' }",
  },
  perClient: {
    default: { count: 200, windowMs: 60_000 },
    shown: '200/minute',
    read: rateReader,
    reason:
      'A person with a page of many parts stays well below it; a scanner, a scraper or a flood does not. It slides, so no edge of a window lets twice as many through.',
    source: 'ASVS v5.0.0-2.4.1',
    example: "rateLimit: { perClient: '200/minute' }",
  },
  capacity: {
    default: 131_072,
    read: integer(1024, 2 ** 24),
    reason:
      'Memory that an attacker cannot grow: 131,072 clients at a time in 2,359,296 bytes, taken once at start-up. Raise it where more clients than that are active within a minute.',
    source: 'OWASP Denial of Service Cheat Sheet; CWE-770',
    example: 'rateLimit: { capacity: 1_000_000 }',
  },
  accountField: {
    default: 'email',
    read: text(/^[A-Za-z][\w-]{0,63}$/, "the name of a body field, such as 'email'"),
    reason: 'The field of a sign-in form that browsers and password managers know best.',
    source: 'HTML, autofill: the field name `email`',
    example: "rateLimit: { accountField: 'username' }",
  },
};
