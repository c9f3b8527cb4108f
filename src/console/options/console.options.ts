import { type OptionTable, Unfit } from '../../core/options.ts';
import { type Duration, duration, text } from '../../core/readers.ts';

/** Pages for operators: what happens now, what happened, and what the policy says. `true`: with every default. */
export interface ConsoleOptions {
  /** Where they stand. Default `/-/console`. */
  base?: string;
  /** Whom they are for. Default `operator`. */
  role?: string;
  /** How old a sign-in or second factor may be for whoever looks. Default 8 hours. */
  fresh?: Duration;
  /** And for whoever changes something. Default 15 minutes. */
  freshActs?: Duration;
  /** The database of SQLite in which events are found again. Default `data/console.db`. */
  index?: string;
  /** How long an event is found there. Default 90 days; the log itself is kept as long as its own rules say. */
  keep?: Duration;
}

/** {@link ConsoleOptions}, read. */
export interface ConsoleSettings {
  /** A path that does not end in a slash. */
  readonly base: string;
  readonly role: string;
  readonly fresh: number;
  readonly freshActs: number;
  readonly index: string;
  readonly keep: number;
}

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** The defaults and why. */
export const consoleOptions: OptionTable<ConsoleSettings> = {
  base: {
    default: '/-/console',
    read: (value) => {
      if (typeof value === 'string' && BASE.test(value)) return value.replace(/\/$/, '');
      throw new Unfit("a path of plain segments, such as '/admin'");
    },
    reason: 'No application has an address there.',
    source: 'ASVS v5.0.0-13.4.5',
    example: "console: { base: '/admin' }",
  },
  role: {
    default: 'operator',
    read: text(/^[\w:.-]{1,64}$/, 'the name of a role'),
    reason: 'Who runs a site is seldom who writes its texts: a role that nobody has yet lets nobody in.',
    source: 'ASVS v5.0.0-8.2.1; NIST SP 800-53 AC-6',
    example: "console: { role: 'admin' }",
  },
  fresh: {
    default: 8 * HOUR,
    shown: "'8h'",
    read: duration(60_000, 30 * DAY),
    reason: 'A working day: who comes back tomorrow proves anew who they are.',
    source: 'NIST SP 800-63B-4 2.2.3; ASVS v5.0.0-7.3.2',
    example: "console: { fresh: '1h' }",
  },
  freshActs: {
    default: 900_000,
    shown: "'15m'",
    read: duration(60_000, DAY),
    reason: 'Whoever found a signed-in browser silences no alert.',
    source: 'ASVS v5.0.0-7.5.3',
    example: "console: { freshActs: '5m' }",
  },
  index: {
    default: 'data/console.db',
    read: text(/^[^\0\n\r]{1,1000}$/, "a path, such as 'data/console.db'"),
    reason: 'It stands beside the rest of what is stored, and can be made anew from the log.',
    source: 'measured by npm run bench -- console',
    example: "console: { index: '/var/lib/app/console.db' }",
  },
  keep: {
    default: 90 * DAY,
    shown: "'90d'",
    read: duration(DAY, 3650 * DAY),
    reason: 'An attack is found out weeks after it began; what is older is in the log.',
    source: 'NIST SP 800-92 4.2; GDPR, Article 5(1)(e)',
    example: "console: { keep: '30d' }",
  },
};

// No segment of dots: browsers take those out of an address before they ask.
const BASE = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)+\/?$/;
