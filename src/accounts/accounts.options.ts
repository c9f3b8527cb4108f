import { type OptionTable, type Read, Unfit } from '../core/options.ts';
import { parseRate, type Rate, type RateText } from '../core/rate.ts';
import type { Problems } from '../core/problems.ts';
import {
  duration,
  type Duration,
  integer,
  listOf,
  oneOf,
  optional,
  showDuration,
  text,
} from '../core/readers.ts';
import type { State } from '../stores/ports/state.ts';
import { DevelopmentMail } from './mail/development-mail.ts';
import type { MailTransport } from './mail/mail.ts';
import type { OnDelete } from './flows/deletion.ts';
import { languages, NO_OWN_WORDS, type OwnWords, ownWords, type OwnWordsOption } from './words/own-words.ts';

/** Accounts: who may make one, how long mailed links work, how often a password may be guessed. */
export interface AccountsOptions {
  /** The service's name, in mails and on pages. Default: the host of the origin. */
  name?: string;
  /** `open`: whoever can read mail at an address may make an account. `closed`: only operators make them. */
  registration?: 'open' | 'closed';
  /** Roles of an account that was made by registering. */
  roles?: readonly string[];
  /** Sign-ins tried for one name, from browsers that the account does not know. Known ones are counted each for itself. */
  attempts?: RateText;
  /** Wrong passwords in a row for one account, from browsers it does not know, before its password must be reset. */
  failures?: number;
  /** How long the link to confirm an address works, at registration and after a change of address. */
  confirmFor?: Duration;
  /** How long the link to choose a new password works. */
  resetFor?: Duration;
  /** How long an operator's request to reset second factors waits for another operator's word. */
  secondWordFor?: Duration;
  /**
   * Lets people stay signed in in a browser, for so long from the sign-in in which they ask for it. Left out: nobody does, and
   * the sign-in page has no such box.
   */
  staySignedIn?: Duration;
  /**
   * Lets owners remove their account: it is signed out everywhere at once, and removed after so long, unless they sign in and
   * keep it. Left out: they cannot.
   */
  deleteAfter?: Duration;
  /**
   * Removes what the application has of an account, before the account goes. Called once or, where a process ended in the
   * middle or it threw, again: what is gone already is fine.
   */
  onDelete?: OnDelete;
  /** Mails that can be asked for to one address, for each purpose; and changes of address, by one account. */
  mails?: RateText;
  /**
   * What sends mails: `smtp(...)`. Must be given in production; in development the default shows mails at `/dev/mail`.
   */
  mail?: MailTransport;
  /**
   * The language of pages and mails: `en`, `de`, `fr`, `es` and `ar` are here. Of several, a browser gets the one that it
   * asks for (`Accept-Language`), and the first otherwise. One that is not here has all of its sentences in `words`.
   */
  language?: string | readonly string[];
  /**
   * Sentences in the place of ours, by name: `{ 'mail.reset.subject': 'A new password for {service}' }`; of several
   * languages by language first: `{ de: { 'signIn.title': 'Willkommen' } }`.
   */
  words?: OwnWordsOption;
}

/** {@link AccountsOptions}, read. Durations are milliseconds. */
export interface AccountsSettings {
  readonly name: string | undefined;
  readonly registration: 'open' | 'closed';
  readonly roles: readonly string[];
  readonly attempts: Rate;
  readonly failures: number;
  readonly confirmFor: number;
  readonly resetFor: number;
  readonly secondWordFor: number;
  readonly staySignedIn: number | undefined;
  readonly deleteAfter: number | undefined;
  readonly onDelete: OnDelete | undefined;
  readonly mails: Rate;
  readonly mail: MailTransport | undefined;
  /** At least one. */
  readonly language: readonly string[];
  readonly words: OwnWords;
}

const MAIL_LINE = "accounts: { mail: smtp(transporter, 'App <no-reply@example.com>') }";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const rate =
  (most: Rate, shown: string): Read<Rate> =>
  (value) => {
    const given = typeof value === 'string' ? parseRate(value) : undefined;
    if (given === undefined) throw new Unfit(`a rate, such as '${shown}'`);
    if (given.count / given.windowMs > most.count / most.windowMs) {
      throw new Unfit(`at most '${most.count}/${most.windowMs / MINUTE}m'`, true);
    }
    return given;
  };

const onDelete: Read<OnDelete | undefined> = (value) => {
  if (value !== undefined && typeof value !== 'function') {
    throw new Unfit('a function that is given the id of an account: (account) => files.removeAllOf(account)');
  }
  return value as OnDelete | undefined;
};

/** The defaults and why. */
export const accountsOptions: OptionTable<AccountsSettings> = {
  name: {
    default: undefined,
    shown: "the origin's host",
    read: optional(text(/^[^\p{Cc}\p{Cf}]{1,64}$/u, 'a name of at most 64 characters')),
    reason: 'A mail about an account must say whose it is.',
    source: 'OWASP Forgot Password Cheat Sheet',
    example: "accounts: { name: 'Strongroom' }",
  },
  registration: {
    default: 'open',
    read: oneOf('open', 'closed'),
    reason: 'Most services let people in by themselves; one for invited people says so.',
    source: 'ASVS v5.0.0-6.1.1',
    example: "accounts: { registration: 'closed' }",
  },
  roles: {
    default: [],
    shown: '[]',
    read: listOf(text(/^[\w:.-]{1,64}$/, 'a role: letters, digits, _ : . -'), 'a list of roles'),
    reason: 'Whoever has just registered has no rights but those over what is theirs.',
    source: 'ASVS v5.0.0-8.2.1; CWE-1188',
    example: "accounts: { roles: ['client'] }",
  },
  attempts: {
    default: { count: 5, windowMs: MINUTE },
    shown: '5/minute',
    read: rate({ count: 60, windowMs: MINUTE }, '5/minute'),
    reason: 'A person mistypes twice; a program has thousands to try.',
    source: 'NIST SP 800-63B-4 3.2.2; ASVS v5.0.0-6.3.1',
    example: "accounts: { attempts: '5/minute' }",
  },
  failures: {
    default: 100,
    read: integer(10, 100),
    reason: 'After so many the password is being guessed, slowly: then only its owner, by mail, goes on.',
    source: 'NIST SP 800-63B-4 3.2.2: no more than 100 consecutive failures',
    example: 'accounts: { failures: 100 }',
  },
  confirmFor: {
    default: DAY,
    shown: '24h',
    read: duration(10 * MINUTE, 3 * DAY),
    reason: 'Mail is read the same day; a link that lies in a mailbox for weeks is found by others.',
    source: 'NIST SP 800-63A-4 3.8: 24 hours for a code sent to a validated email address',
    example: "accounts: { confirmFor: '24h' }",
  },
  resetFor: {
    default: 20 * MINUTE,
    shown: '20m',
    read: duration(5 * MINUTE, DAY),
    reason: 'Whoever asks for it is waiting for it, and it opens the account.',
    source: 'OWASP Forgot Password Cheat Sheet; ASVS v5.0.0-6.4.3',
    example: "accounts: { resetFor: '20m' }",
  },
  secondWordFor: {
    default: 4 * HOUR,
    shown: '4h',
    read: duration(10 * MINUTE, 3 * DAY),
    reason:
      'Two operators work the same half day; what waits longer is confirmed by somebody who knows nothing of it.',
    source: 'ASVS v5.0.0-2.3.5; NIST SP 800-53 AC-3(2)',
    example: "accounts: { secondWordFor: '4h' }",
  },
  staySignedIn: {
    default: undefined,
    shown: 'nobody does',
    read: optional(duration(HOUR, 90 * DAY)),
    reason: 'A browser that is left open, sold or stolen is signed in to for as long.',
    source: 'NIST SP 800-63B-4 2.1.3: 30 days at most at its first level; ASVS v5.0.0-7.3.2',
    example: "accounts: { staySignedIn: '30d' }",
  },
  deleteAfter: {
    default: undefined,
    shown: 'owners cannot',
    read: optional(duration(HOUR, 90 * DAY)),
    reason: 'Whoever found a signed-in browser, or has a bad hour, must not remove for good what took years.',
    source: 'GDPR, articles 12 and 17: within a month; ASVS v5.0.0-7.5.1',
    example: "accounts: { deleteAfter: '7d' }",
  },
  onDelete: {
    default: undefined,
    shown: 'nothing',
    read: onDelete,
    reason: 'What an application keeps under the id of an account is known to it alone.',
    source: 'GDPR, article 17',
    example: 'accounts: { onDelete: (account) => files.removeAllOf(account) }',
  },
  mails: {
    default: { count: 5, windowMs: HOUR },
    shown: '5/hour',
    read: rate({ count: 60, windowMs: HOUR }, '5/hour'),
    reason: 'Forms that send mail to any address are used to flood the mailbox of someone else.',
    source: 'OWASP Forgot Password Cheat Sheet',
    example: "accounts: { mails: '5/hour' }",
  },
  mail: {
    default: undefined,
    shown: 'none; in development they are shown',
    read: mailTransport,
    reason: 'Addresses are confirmed and passwords reset by mail, and nobody can guess by which server.',
    source: 'ASVS v5.0.0-6.4.1',
    example: MAIL_LINE,
  },
  language: {
    default: ['en'],
    shown: "'en'",
    read: languages,
    reason: 'A page or mail that its reader does not understand looks like one of a swindler.',
    source: 'WCAG 2.2, 3.1.1',
    example: "accounts: { language: 'de' }",
  },
  words: {
    default: NO_OWN_WORDS,
    shown: '{}',
    read: ownWords,
    reason: 'A service may speak in a voice of its own; what it does not say is said as the language has it.',
    source: 'WCAG 2.2, 3.1.5',
    example: "accounts: { words: { 'mail.reset.subject': 'A new password for {service}' } }",
  },
};

function mailTransport(...[value, path, problems]: Parameters<Read<MailTransport>>): MailTransport {
  const sends = typeof value === 'object' && value !== null && 'send' in value;
  if (!sends || typeof value.send !== 'function') {
    throw new Unfit("what sends mails: smtp(transporter, 'App <no-reply@example.com>')");
  }
  if (value instanceof DevelopmentMail && problems.environment === 'production') {
    const reason = 'it shows the mails of all accounts to whoever asks, and sends none.';
    problems.refuse('ERR_BULWARK_UNSAFE_OPTION', path, reason, MAIL_LINE);
  }
  return value as MailTransport;
}

/** What accounts ask of the policy as a whole, where it declares them. */
export function checkAccounts(
  given: AccountsOptions,
  state: Pick<State, 'accounts' | 'factors'> | undefined,
  problems: Problems,
): void {
  if (given.mail === undefined && problems.environment === 'production') {
    const reason = 'there is none: no address could be confirmed, and no password reset.';
    problems.refuse('ERR_BULWARK_INVALID_OPTION', 'accounts.mail', reason, MAIL_LINE);
  }
  if (state === undefined || (state.accounts !== undefined && state.factors !== undefined)) return;
  const reason = 'it keeps no accounts, or no second factors.';
  const fix =
    "state: sqlite('data/'), or state: { shared: await redis(client), records: await postgres(pool) }";
  problems.refuse('ERR_BULWARK_INVALID_OPTION', 'state', reason, fix);
}

/** What the application removes is removed where owners can remove their accounts. */
export function checkDeletion({ deleteAfter, onDelete: hook }: AccountsSettings, problems: Problems): void {
  if (hook === undefined || deleteAfter !== undefined || problems.isRefused('accounts.deleteAfter')) return;
  const reason = 'nobody calls it: accounts.deleteAfter, by which owners remove their accounts, is left out.';
  const fix = "accounts: { deleteAfter: '7d', onDelete: (account) => files.removeAllOf(account) }";
  problems.refuse('ERR_BULWARK_INVALID_OPTION', 'accounts.onDelete', reason, fix);
}

/** Staying signed in is for longer than a session lives. */
export function checkStay(
  stay: number | undefined,
  { absolute }: { readonly absolute: number },
  problems: Problems,
): void {
  if (stay === undefined || stay > absolute) return;
  const reason = `it is no longer than session.absolute (${showDuration(absolute)}), so that nobody would stay signed in by it.`;
  const fix = "accounts: { staySignedIn: '30d' }, or a shorter session.absolute";
  problems.refuse('ERR_BULWARK_INVALID_OPTION', 'accounts.staySignedIn', reason, fix);
}
