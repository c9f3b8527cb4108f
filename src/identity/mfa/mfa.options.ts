import { type OptionTable, type Read, Unfit } from '../../core/options.ts';
import { parseOrigin } from '../../core/origin.ts';
import { parseRate, type Rate, type RateText } from '../../core/rate.ts';
import type { Problems } from '../../core/problems.ts';
import { duration, type Duration, integer, listOf, optional, text } from '../../core/readers.ts';
import { isAbove } from './relying-party.ts';

/** Second factors: what the service is called, how long things work, how often one may guess. */
export interface MfaOptions {
  /** What people see in their authenticator app and when they make a passkey. Default: that of the accounts. */
  name?: string;
  /** Codes of an authenticator app that are tried for one account, right ones included. */
  attempts?: RateText;
  /** Time steps of 30 seconds before and after the current one whose codes are taken too: 0 or 1. */
  drift?: number;
  /** How long an authenticator app waits for its first code. */
  pendingFor?: Duration;
  /** How long a person may take over the browser's passkey dialog. */
  challengeFor?: Duration;
  /** How long a device that was remembered need not prove a second factor again. No use makes it longer. */
  rememberFor?: Duration;
  /**
   * The domain that passkeys belong to: the origin's host (default) or a domain above it, such as `example.com` for
   * `https://app.example.com`. Whoever runs another subdomain can then ask for them too. Passkeys made under one
   * domain do not work under another.
   */
  rpId?: string;
  /**
   * Other origins of yours whose pages may use these passkeys too, such as `['https://example.de']`: browsers ask for the
   * list at `/.well-known/webauthn`, and it is answered there. Five registrable names at most. Default none.
   */
  relatedOrigins?: readonly string[];
}

/** {@link MfaOptions}, read. */
export interface MfaSettings {
  readonly name: string | undefined;
  readonly attempts: Rate;
  readonly drift: number;
  /** Milliseconds. */
  readonly pendingFor: number;
  readonly challengeFor: number;
  readonly rememberFor: number;
  readonly rpId: string | undefined;
  readonly relatedOrigins: readonly string[];
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const attempts: Read<Rate> = (value) => {
  const rate = typeof value === 'string' ? parseRate(value) : undefined;
  if (rate === undefined) throw new Unfit("a rate, such as '10/hour'");
  // Three codes of a million work at a time: at 100 an hour, chances are even after 96 days.
  if (rate.count / rate.windowMs > 100 / (60 * MINUTE)) throw new Unfit("at most '100/hour'", true);
  return rate;
};

/** The defaults and why. */
export const mfaOptions: OptionTable<MfaSettings> = {
  name: {
    default: undefined,
    shown: 'accounts.name',
    read: optional(text(/^[^\p{Cc}\p{Cf}:]{1,64}$/u, 'a name of at most 64 characters, without a colon')),
    reason: 'A person with many accounts in one app must see which is whose.',
    source: 'Key Uri Format of Google Authenticator; W3C WebAuthn 5.4.2',
    example: "mfa: { name: 'Strongroom' }",
  },
  attempts: {
    default: { count: 10, windowMs: 60 * MINUTE },
    shown: '10/hour',
    read: attempts,
    reason:
      'Who knows the password and guesses codes, three of a million of which work, needs a year for a chance of one in four. The owner has other factors meanwhile.',
    source: 'RFC 6238 5.2 and RFC 4226 7.3; ASVS v5.0.0-6.3.1',
    example: "mfa: { attempts: '10/hour' }",
  },
  drift: {
    default: 1,
    read: integer(0, 1),
    reason: 'Clocks of phones are off by seconds, and people take some to type.',
    source: 'RFC 6238 5.2: one time step at most',
    example: 'mfa: { drift: 0 }',
  },
  pendingFor: {
    default: 10 * MINUTE,
    shown: '10m',
    read: duration(MINUTE, 60 * MINUTE),
    reason: 'A secret that was shown and never confirmed is one that someone else may have seen.',
    source: 'ASVS v5.0.0-6.4.1',
    example: "mfa: { pendingFor: '10m' }",
  },
  challengeFor: {
    default: 5 * MINUTE,
    shown: '5m',
    read: duration(30_000, 10 * MINUTE),
    reason: 'Long enough to find the phone, too short to keep an answer for later.',
    source: 'W3C WebAuthn 15.1: 300 seconds',
    example: "mfa: { challengeFor: '5m' }",
  },
  rememberFor: {
    default: 30 * DAY,
    shown: '30d',
    read: duration(60 * MINUTE, 90 * DAY),
    reason: 'A device that is asked once a month is one whose owner still has the second factor.',
    source: 'NIST SP 800-63B-4 2.1.3: 30 days',
    example: "mfa: { rememberFor: '7d' }",
  },
  rpId: {
    default: undefined,
    shown: "the origin's host",
    read: optional(text(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, "a domain in lower case, such as 'example.com'")),
    reason: 'Passkeys work on this host and nowhere else.',
    source: 'W3C WebAuthn 13.4.9',
    example: "mfa: { rpId: 'example.com' }",
  },
  relatedOrigins: {
    default: [],
    shown: 'none',
    read: (value, path, problems) => {
      const read = ORIGINS(value, path, problems);
      // Browsers look at five registrable names of the list, and at none behind these.
      if (new Set(read.map(labelOf)).size > 5) throw new Unfit('of five names at most');
      return read;
    },
    reason: 'Whoever runs a page of such an origin can ask for the passkeys of people who know this one.',
    source: 'W3C WebAuthn Level 3, 5.11',
    example: "mfa: { relatedOrigins: ['https://example.de'] }",
  },
};

const httpsOrigin: Read<string> = (value) => {
  const parsed = typeof value === 'string' ? parseOrigin(value) : undefined;
  if (parsed?.scheme !== 'https')
    throw new Unfit("an https origin without path, such as 'https://example.de'");
  return parsed.origin;
};

const ORIGINS = listOf(httpsOrigin, "a list of origins, such as ['https://example.de']");

/** The name of an origin without what stands before it and the last part: what browsers count by, as near as it goes. */
function labelOf(origin: string): string {
  const labels = new URL(origin).hostname.split('.');
  return labels.at(-2) ?? origin;
}

/** Browsers refuse passkeys of a domain that is not the page's or above it. */
export function checkMfa({ rpId }: MfaSettings, hostname: string, problems: Problems): void {
  if (rpId === undefined || isAbove(rpId, hostname)) return;
  problems.refuse(
    'ERR_BULWARK_INVALID_OPTION',
    'mfa.rpId',
    `it must be ${hostname} or a domain above it: browsers refuse passkeys of any other.`,
    `mfa: { rpId: '${hostname}' }`,
  );
}
