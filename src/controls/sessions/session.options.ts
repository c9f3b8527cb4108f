import type { Mode } from '../../core/guard.ts';
import { mode } from '../../core/mode.ts';
import type { OptionTable } from '../../core/options.ts';
import type { Problems } from '../../core/problems.ts';
import { type Duration, duration, integer, oneOf, optional, showDuration } from '../../core/readers.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long sessions live, and when browsers send their cookie. */
export interface SessionOptions {
  /** A session that is not used for so long is over. Default `'30m'`. */
  idle?: Duration;
  /** A session is over after so long, however much it is used. Default `'12h'`. */
  absolute?: Duration;
  /**
   * `lax` (default): a link on another site opens a page here signed in. `strict`: not even that; the person looks
   * signed out until the next click.
   */
  sameSite?: 'lax' | 'strict';
  /** How exactly the last use is kept: at most one write to the store in this time. Default `'1m'`. */
  touchEvery?: Duration;
  /**
   * Binds the session of an account to the device that it begins on, where the browser can (Chromium does): its cookie is
   * worth nothing elsewhere. `observe`: what would be refused is told and let be. Default `'off'`.
   */
  deviceBound?: Mode;
  /** How long a browser is believed that has proved its device, before it has to do so again. Default `'10m'`. */
  proofLife?: Duration;
  /** How many sessions one account may have at once, from 1 to 1000. Left out: any number. */
  perAccount?: number;
  /**
   * What becomes of one more. `end-oldest` (default): the session that began first ends. `refuse`: nobody signs in, 403, until
   * one of the others has ended.
   */
  whenFull?: 'end-oldest' | 'refuse';
}

/** {@link SessionOptions}, read. Times in milliseconds. */
export interface SessionSettings {
  readonly idle: number;
  readonly absolute: number;
  readonly sameSite: 'lax' | 'strict';
  readonly touchEvery: number;
  readonly deviceBound: Mode;
  readonly proofLife: number;
  readonly perAccount: number | undefined;
  readonly whenFull: 'end-oldest' | 'refuse';
}

/** The defaults and why. */
export const sessionOptions: OptionTable<SessionSettings> = {
  idle: {
    default: 30 * MINUTE,
    shown: '30m',
    read: duration(SECOND, 30 * DAY),
    reason: 'A session left open on a shared machine ends before the next person sits down.',
    source: 'OWASP Session Management Cheat Sheet; NIST SP 800-63B 5.2; ASVS v5.0.0-7.3.1',
    example: "session: { idle: '30m' }",
  },
  absolute: {
    default: 12 * HOUR,
    shown: '12h',
    read: duration(SECOND, 30 * DAY),
    reason: 'A stolen session that its thief keeps alive ends within a working day.',
    source: 'OWASP Session Management Cheat Sheet; NIST SP 800-63B 5.2; ASVS v5.0.0-7.3.2',
    example: "session: { absolute: '12h' }",
  },
  sameSite: {
    default: 'lax',
    read: oneOf('lax', 'strict'),
    reason: 'Forms of other sites come without the cookie, links from mails still arrive signed in.',
    source: 'RFC 6265bis 5.6.7; ASVS v5.0.0-3.3.2',
    example: "session: { sameSite: 'lax' }",
  },
  touchEvery: {
    default: MINUTE,
    shown: '1m',
    read: duration(SECOND, HOUR),
    reason: 'A page view writes nothing to the store; the idle end is exact to this much.',
    source: 'Measured: a write costs ten times a read, and a thousand where a disk is slow.',
    example: "session: { touchEvery: '1m' }",
  },
  deviceBound: {
    default: 'off',
    read: mode,
    reason: 'It is a draft, which one family of browsers has; others go on without it, unbound.',
    source: 'W3C Device Bound Session Credentials (draft)',
    example: "session: { deviceBound: 'enforce' }",
  },
  proofLife: {
    default: 10 * MINUTE,
    shown: '10m',
    read: duration(5 * MINUTE, HOUR),
    reason:
      'Both cookies, stolen together, are worth something for so long. Browsers renew it two minutes ahead, and sign six times in nine minutes at most.',
    source: 'W3C Device Bound Session Credentials (draft); seen in Chromium 156',
    example: "session: { deviceBound: 'enforce', proofLife: '5m' }",
  },
  perAccount: {
    default: undefined,
    shown: 'any number',
    read: optional(integer(1, 1000)),
    reason: 'A cap lets a thief push the owner out; the list of devices shows every session.',
    source: 'ASVS v5.0.0-7.1.2: how many, and what becomes of one more, is for the application to say.',
    example: 'session: { perAccount: 5 }',
  },
  whenFull: {
    default: 'end-oldest',
    read: oneOf('end-oldest', 'refuse'),
    reason: 'A browser that was lost, or a session left open elsewhere, must not keep its owner out.',
    source: 'ASVS v5.0.0-7.1.2; OWASP Session Management Cheat Sheet',
    example: "session: { perAccount: 1, whenFull: 'refuse' }",
  },
};

/** What the options ask of each other. */
export function checkSession(settings: SessionSettings, problems: Problems): void {
  const { idle, absolute, touchEvery } = settings;
  if (idle > absolute) {
    problems.refuse(
      'ERR_BULWARK_INVALID_OPTION',
      'session.idle',
      `it is longer than session.absolute (${showDuration(absolute)}), so that no session would ever end by lying idle.`,
      `session: { idle: '${showDuration(absolute)}' }, or a longer absolute`,
    );
  }
  // A session whose uses are noted later than its idle end would end in the middle of its use.
  if (touchEvery * 2 > idle) {
    problems.refuse(
      'ERR_BULWARK_INVALID_OPTION',
      'session.touchEvery',
      `it is more than half of session.idle (${showDuration(idle)}), so that sessions would end while they are used.`,
      `session: { touchEvery: '${showDuration(Math.max(SECOND, Math.floor(idle / 2)))}' }, or a longer idle`,
    );
  }
  const isUnbounded = settings.perAccount === undefined && !problems.isRefused('session.perAccount');
  if (isUnbounded && settings.whenFull === 'refuse') {
    problems.refuse(
      'ERR_BULWARK_INVALID_OPTION',
      'session.whenFull',
      'nothing is ever full: session.perAccount, which says how many there may be, is left out.',
      "session: { perAccount: 5, whenFull: 'refuse' }, or no whenFull",
    );
  }
}
