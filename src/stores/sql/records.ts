/**
 * How records stand in tables, for every engine that speaks SQL: one line a record kind has its columns, in the order in
 * which its values are handed over. A column has the name of its field, in small letters.
 */
import type {
  AccountRecord,
  ActivityRecord,
  ApiTokenRecord,
  IdentityRecord,
  KnownBrowserRecord,
} from '../ports/accounts.ts';
import type { PasskeyRecord, RememberedBrowserRecord } from '../ports/factors.ts';
import type { MailTokenRecord, OutboxRecord } from '../ports/mail.ts';

/** What a column holds: a text, a number, yes or no, or a list of texts as JSON; `?` where it may be nothing. */
export type ColumnKind = 'text' | 'text?' | 'number' | 'number?' | 'flag' | 'texts';

type KindOf<Value> = undefined extends Value
  ? Exclude<Value, undefined> extends string
    ? 'text?'
    : 'number?'
  : Value extends string
    ? 'text'
    : Value extends number
      ? 'number'
      : Value extends boolean
        ? 'flag'
        : 'texts';

/** The kind of each field of a record. A kind that does not fit its field does not compile. */
export type Fields<Record> = { readonly [Field in keyof Record]-?: KindOf<Record[Field]> };

/** One column of a record. */
export interface Column {
  readonly field: string;
  readonly name: string;
  readonly kind: ColumnKind;
}

/** The columns of a record, in their order. */
export function columnsOf<Record>(fields: Fields<Record>): readonly Column[] {
  return Object.entries<ColumnKind>(fields as { readonly [field: string]: ColumnKind }).map(
    ([field, kind]) => ({
      field,
      name: field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      kind,
    }),
  );
}

export const ACCOUNT: Fields<AccountRecord> = {
  id: 'text',
  email: 'text',
  emailKey: 'text',
  passwordHash: 'text?',
  roles: 'texts',
  createdAt: 'number',
  disabledAt: 'number?',
  version: 'number',
};

export const ACTIVITY: Fields<ActivityRecord> = {
  account: 'text',
  event: 'text',
  detail: 'text',
  address: 'text',
  userAgent: 'text',
  at: 'number',
};

export const API_TOKEN: Fields<ApiTokenRecord> = {
  id: 'text',
  hash: 'text',
  account: 'text',
  name: 'text',
  scopes: 'texts',
  hint: 'text',
  usedFrom: 'text',
  createdAt: 'number',
  expiresAt: 'number',
  usedAt: 'number?',
};

export const IDENTITY: Fields<IdentityRecord> = {
  issuer: 'text',
  subject: 'text',
  account: 'text',
  label: 'text',
  linkedAt: 'number',
  usedAt: 'number?',
};

export const KNOWN_BROWSER: Fields<KnownBrowserRecord> = {
  account: 'text',
  idHash: 'text',
  address: 'text',
  userAgent: 'text',
  createdAt: 'number',
  seenAt: 'number',
};

export const MAIL_TOKEN: Fields<MailTokenRecord> = {
  hash: 'text',
  purpose: 'text',
  subject: 'text',
  data: 'text',
  expiresAt: 'number',
};

export const OUTBOX: Fields<OutboxRecord> = {
  id: 'text',
  sealed: 'text',
  heldUntil: 'number',
  tries: 'number',
  expiresAt: 'number',
};

export const PASSKEY: Fields<PasskeyRecord> = {
  credentialId: 'text',
  account: 'text',
  publicKey: 'text',
  counter: 'number',
  backupEligible: 'flag',
  backedUp: 'flag',
  transports: 'texts',
  aaguid: 'text',
  name: 'text',
  createdAt: 'number',
  usedAt: 'number?',
  // In a table of its own, one an account: the last, so that the others are the columns before it.
  userHandle: 'text',
};

export const REMEMBERED_BROWSER: Fields<RememberedBrowserRecord> = {
  id: 'text',
  account: 'text',
  tokenHash: 'text',
  address: 'text',
  userAgent: 'text',
  createdAt: 'number',
  usedAt: 'number',
  expiresAt: 'number',
};
