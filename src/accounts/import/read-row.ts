/** One row as an account, or why it is none. Reasons hold nothing of the row: they go to logs. */
import { randomId } from '../../core/random.ts';
import { describeHash } from '../../passwords/describe-hash.ts';
import type { HashFormat } from '../../passwords/foreign/format.ts';
import type { AccountRecord } from '../../stores/account-ports.ts';
import { parseEmailAddress } from '../email-address.ts';
import type { ColumnName, Columns } from './columns.ts';

/** What is the same for every row. */
export interface RowRules {
  readonly columns: Columns;
  /** Whether an account whose hash cannot be verified is made without a password. */
  readonly withoutPassword: boolean;
  /** Whether the pepper that a hash names is there. */
  readonly hasPepper: (keyId: string) => boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A row that was read. */
export type ReadRow =
  | {
      readonly ok: true;
      readonly record: AccountRecord;
      readonly format: HashFormat;
      /** Why the account has no password, where it has none. */
      readonly lost: string | undefined;
    }
  | { readonly ok: false; readonly reason: string };

const ACCOUNT_ID_BYTES = 16;
const MAX_ROLES = 50;
const ROLE = /^\w[\w:.-]{0,63}$/;
/** A spreadsheet that lists the accounts one day would run it: OWASP CSV Injection. */
const FORMULA = /^\s*[=+@-]/;
const DAY_MS = 86_400_000;

/** Reads the fields of a row that is as wide as the first one. */
export function readRow(fields: readonly string[], rules: RowRules): ReadRow {
  const { columns, now } = rules;
  const field = (name: ColumnName): string | undefined => {
    const at = columns.at[name];
    return at === undefined ? undefined : (fields[at] ?? '').trim();
  };
  const text = field('email') ?? '';
  const email = parseEmailAddress(text);
  if (FORMULA.test(text)) return refused('the address begins with =, +, - or @, as formulas do');
  if (email === undefined) return refused(text === '' ? 'there is no address' : 'the address is none');
  const roles = readRoles(field('roles'));
  if (roles === undefined) {
    return refused('a role has other characters than letters, digits, _ : . -, or there are too many');
  }
  const createdAt = readTime(field('created'), now);
  if (createdAt === undefined) return refused('the time it was made is no ISO 8601 or Unix time in the past');
  const [active, disabled] = [readYesNo(field('active'), true), readYesNo(field('disabled'), false)];
  if (active === undefined || disabled === undefined) {
    return refused('whether it is active is told by neither yes nor no (true, t, 1, false, f, 0)');
  }
  const { format, reason } = readHash(field('password'), rules.hasPepper);
  if (reason !== undefined && !rules.withoutPassword) return refused(`the password cannot move: ${reason}`);
  const record: AccountRecord = {
    id: randomId(ACCOUNT_ID_BYTES),
    email: email.shown,
    emailKey: email.key,
    passwordHash: reason === undefined ? field('password') : undefined,
    roles,
    createdAt,
    disabledAt: active && !disabled ? undefined : now,
    version: 1,
  };
  return { ok: true, record, format, lost: reason };
}

function refused(reason: string): ReadRow {
  return { ok: false, reason };
}

function readHash(
  stored: string | undefined,
  hasPepper: (keyId: string) => boolean,
): { readonly format: HashFormat; readonly reason: string | undefined } {
  if (stored === undefined || stored === '') return { format: 'no-password', reason: 'there is none' };
  const { format, verifiable, reason = 'it cannot be verified', keyId } = describeHash(stored);
  if (!verifiable) return { format, reason };
  const isPeppered = keyId !== undefined && !hasPepper(keyId);
  return { format, reason: isPeppered ? 'the secret of its pepper is not in the policy' : undefined };
}

function readRoles(text: string | undefined): readonly string[] | undefined {
  const roles = (text ?? '')
    .split(/[;|]/)
    .map((role) => role.trim())
    .filter((role) => role !== '');
  return roles.length <= MAX_ROLES && roles.every((role) => ROLE.test(role))
    ? [...new Set(roles)]
    : undefined;
}

const YES = new Set(['1', 't', 'true', 'y', 'yes']);
const NO = new Set(['0', 'f', 'false', 'n', 'no']);

/** Undefined where it is neither: a NULL must not let somebody in who was shut out. */
function readYesNo(text: string | undefined, absent: boolean): boolean | undefined {
  if (text === undefined) return absent;
  const word = text.toLowerCase();
  if (YES.has(word)) return true;
  return NO.has(word) ? false : undefined;
}

const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))? ?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;
const UNIX = /^\d{1,15}(?:\.\d{1,9})?$/;
/** In seconds it is the year 5138, in milliseconds 1973. */
const LEAST_MILLISECONDS = 1e11;

/** Milliseconds since 1970; a time without a zone is in UTC. Nothing is the time of the import. */
function readTime(text: string | undefined, now: number): number | undefined {
  if (text === undefined || text === '') return now;
  const time = UNIX.test(text) ? fromUnix(Number(text)) : fromIso(text);
  // Clocks of two machines differ; a day covers zones too.
  return time >= 0 && time <= now + DAY_MS ? time : undefined;
}

function fromUnix(value: number): number {
  return Math.floor(value < LEAST_MILLISECONDS ? value * 1000 : value);
}

function fromIso(text: string): number {
  const [, day = '', time = '00:00', fraction = '', zone = 'Z'] = ISO.exec(text) ?? [];
  // Date.parse takes the 31st of February for the 3rd of March.
  const midnight = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day)) return Number.NaN;
  const seconds = time.length === 5 ? `${time}:00` : time;
  const hours = zone.replace(
    /^([+-]\d\d):?(\d\d)?$/,
    (_, hour: string, minute = '00') => `${hour}:${minute}`,
  );
  return Date.parse(`${day}T${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}${hours}`);
}
