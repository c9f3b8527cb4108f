/** One row as an account, or why it is none. Reasons and fixes hold nothing of the row: they go to logs. */
import { randomId } from '../../core/random.ts';
import { describeHash } from '../../identity/passwords/describe-hash.ts';
import { markFlaskSecurity } from '../../identity/passwords/foreign/flask-security.ts';
import type { HashFormat } from '../../identity/passwords/foreign/format.ts';
import type { AccountRecord } from '../../stores/ports/accounts.ts';
import { parseEmailAddress } from '../email-address.ts';
import type { ColumnName, Columns } from './columns.ts';
import { readMark, readMarkOrTime, readTime, readUntil } from './marks.ts';

/** What is the same for every row. */
export interface RowRules {
  readonly columns: Columns;
  /** Roles of rows that name none. */
  readonly roles: readonly string[];
  /** Whether an account whose hash cannot be verified is made without a password. */
  readonly withoutPassword: boolean;
  /** Whether hashes are those of Flask-Security, keyed under a salt of its application. */
  readonly flaskSecurity: boolean;
  /** Whether the pepper that a hash names is there. */
  readonly hasPepper: (keyId: string) => boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What is wrong with a row. */
export interface RowProblem {
  /** Undefined: its form. */
  readonly field: ColumnName | undefined;
  readonly reason: string;
  readonly fix: string;
}

/** A row that was read. */
export type ReadRow =
  | {
      readonly ok: true;
      readonly record: AccountRecord;
      readonly format: HashFormat;
      /** Why the account has no password, where it has none. */
      readonly lost: RowProblem | undefined;
    }
  | { readonly ok: false; readonly problem: RowProblem };

const ACCOUNT_ID_BYTES = 16;
const MAX_ROLES = 50;
const ROLE = /^[\w:.-]{1,64}$/;

/** Reads the fields of a row that is as wide as the first one. */
export function readRow(fields: readonly string[], rules: RowRules): ReadRow {
  const { columns, now } = rules;
  const textsOf = (column: ColumnName): string[] =>
    columns.at[column].map((place) => (fields[place] ?? '').trim());
  const [text = ''] = textsOf('email');
  const email = parseEmailAddress(text);
  if (email === undefined) return refused('email', text === '' ? NO_ADDRESS : BAD_ADDRESS);
  const roles = parseRoles(textsOf('roles').join(';'));
  if (roles === undefined) return refused('roles', BAD_ROLES);
  const createdAt = readTime(textsOf('created')[0] ?? '', now);
  if (createdAt === undefined) return refused('created', BAD_TIME);
  const active = textsOf('active').map((mark) => readMark(mark));
  if (active.includes(undefined)) return refused('active', BAD_MARK);
  const activated = textsOf('activated').map((mark) => readMarkOrTime(mark));
  if (activated.includes(undefined)) return refused('activated', BAD_MARK);
  const disabled = textsOf('disabled').map((mark) => readMarkOrTime(mark));
  if (disabled.includes(undefined)) return refused('disabled', BAD_MARK);
  const until = textsOf('until').map((mark) => readUntil(mark, now));
  if (until.includes(undefined)) return refused('until', BAD_UNTIL);
  const isOut = [...active, ...activated].includes(false) || [...disabled, ...until].includes(true);
  const hash = readHash(textsOf('password')[0] ?? '', rules);
  const lost = hash.problem ?? readConfirmed(textsOf('confirmed'));
  // Whoever is shut out stays out without a password too. Refused, the address would be free to register anew.
  if (lost !== undefined && !rules.withoutPassword && !isOut) return { ok: false, problem: lost };
  const record: AccountRecord = {
    id: randomId(ACCOUNT_ID_BYTES),
    email: email.shown,
    emailKey: email.key,
    passwordHash: lost === undefined ? hash.stored : undefined,
    roles: roles.length === 0 ? rules.roles : roles,
    createdAt,
    disabledAt: isOut ? now : undefined,
    version: 1,
  };
  return { ok: true, record, format: hash.format, lost };
}

/** Roles as text: `a;b`, `a,b` or PostgreSQL's `{a,b}`. Undefined where one is no role, or they are too many. */
export function parseRoles(text: string): readonly string[] | undefined {
  const roles = text
    .replace(/^\{([^{}]*)\}$/, '$1')
    .split(/[;|,]/)
    .map((role) => role.trim())
    .filter((role) => role !== '');
  const isGood = roles.length <= MAX_ROLES && roles.every((role) => ROLE.test(role));
  return isGood ? [...new Set(roles)] : undefined;
}

/**
 * Whoever registers the address of somebody else elsewhere knows a password of an account that is theirs here: without
 * a confirmation only the owner of the mailbox may choose one.
 */
function readConfirmed(marks: readonly string[]): RowProblem | undefined {
  const confirmed = marks.map((mark) => readMarkOrTime(mark));
  if (confirmed.includes(undefined)) return { field: 'confirmed', ...BAD_MARK };
  return confirmed.includes(false) ? { field: 'confirmed', ...UNCONFIRMED } : undefined;
}

function readHash(
  found: string,
  { hasPepper, flaskSecurity }: Pick<RowRules, 'hasPepper' | 'flaskSecurity'>,
): { readonly stored: string; readonly format: HashFormat; readonly problem: RowProblem | undefined } {
  const stored = flaskSecurity ? markFlaskSecurity(found) : found;
  const withProblem = (format: HashFormat, reason: string, fix: string): ReturnType<typeof readHash> => ({
    stored,
    format,
    problem: { field: 'password', reason, fix },
  });
  if (stored === '') return withProblem('no-password', 'there is none', RESET);
  const { format, verifiable, reason = 'it cannot be verified', needs, keyId } = describeHash(stored);
  if (!verifiable) {
    const fix = needs === undefined ? RESET : `npm install ${needs}, and import again`;
    return withProblem(format, needs === undefined ? reason : `this kind of hash needs ${needs}`, fix);
  }
  if (keyId !== undefined && !hasPepper(keyId)) {
    const fix =
      'import with --policy, and give that policy the secret, as the previous one where there is a newer';
    return withProblem(format, 'its pepper is not here', fix);
  }
  return { stored, format, problem: undefined };
}

type Words = Omit<RowProblem, 'field'>;

function refused(field: ColumnName, words: Words): ReadRow {
  return { ok: false, problem: { field, ...words } };
}

const RESET = '--without-password makes the account, and its owner resets the password by mail';
const NO_ADDRESS: Words = {
  reason: 'there is none',
  fix: 'an account is found by its address: fill it in, or leave the row',
};
const BAD_ADDRESS: Words = {
  reason: 'it is no address that mail reaches',
  fix: 'correct it: one address in full, with letters of ASCII before the @',
};
const BAD_ROLES: Words = {
  reason: `a role has other characters than letters, digits, _ : . - or is too long, or there are more than ${MAX_ROLES}`,
  fix: 'write them as a;b, or leave them with --columns roles=',
};
const BAD_TIME: Words = {
  reason: 'it is no ISO 8601 or Unix time in the past',
  fix: 'write it as 2026-01-31T12:00:00Z, or leave it with --columns created=',
};
const BAD_MARK: Words = {
  reason: 'it is neither yes nor no',
  fix: 'write true or false: nobody who was shut out is let in by a guess',
};
const BAD_UNTIL: Words = {
  reason: 'it is no time',
  fix: 'write it as 2026-01-31T12:00:00Z, or leave it empty: nobody who was shut out is let in by a guess',
};
const UNCONFIRMED: Words = {
  reason: 'whether the address is that of whoever knows the password was never confirmed',
  fix: `${RESET}; where nobody was ever asked to confirm, leave it with --columns confirmed=`,
};
