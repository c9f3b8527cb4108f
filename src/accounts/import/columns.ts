/** Which column of a file holds what. */
import { describeHash } from '../../passwords/describe-hash.ts';
import { parseEmailAddress } from '../email-address.ts';
import { badFile } from './csv.ts';

/** The names that software gives its columns, those of Django, Flask-Security and Flask-User among them. In lower case. */
const ALIASES = {
  email: ['email', 'e-mail', 'mail', 'email_address', 'user_email', 'username'],
  password: [
    'password',
    'password_hash',
    'hash',
    'hashed_password',
    'encrypted_password',
    'pw_hash',
    'pwhash',
  ],
  roles: ['roles', 'role', 'groups'],
  confirmed: [
    'confirmed',
    'confirmed_at',
    'confirmed_on',
    'is_confirmed',
    'email_confirmed',
    'email_confirmed_at',
    'email_verified',
    'email_verified_at',
    'verified',
    'is_verified',
  ],
  active: ['active', 'is_active', 'enabled', 'is_enabled'],
  disabled: [
    'disabled',
    'disabled_at',
    'is_disabled',
    'banned',
    'is_banned',
    'blocked',
    'is_blocked',
    'suspended',
    'is_suspended',
    'deleted',
    'deleted_at',
    'is_deleted',
  ],
  created: [
    'created',
    'created_at',
    'created_on',
    'create_datetime',
    'date_joined',
    'registered_on',
    'member_since',
  ],
} as const;

/** What a column can hold. */
export type ColumnName = keyof typeof ALIASES;

/** Every one of them. */
export const COLUMN_NAMES: readonly ColumnName[] = Object.keys(ALIASES) as ColumnName[];

/** Names of columns, where they are not the usual ones. An empty one: this is not to be read, whatever there is. */
export type NamedColumns = Readonly<Partial<Record<ColumnName, string>>>;

/** What can be left unread. Who is shut out is no matter of choice. */
export const OPTIONAL_COLUMNS: readonly ColumnName[] = ['password', 'roles', 'confirmed', 'created'];

/** Columns of one file. */
export interface Columns {
  /** Where each is, from 0. Of those that shut somebody out there may be several, and each of them does. */
  readonly at: Readonly<Record<ColumnName, readonly number[]>>;
  /** How many a row has. */
  readonly width: number;
  /** Names of those that are not read. */
  readonly ignored: readonly string[];
}

/**
 * Finds the columns by the first row.
 *
 * @throws BulwarkError ERR_BULWARK_IMPORT_FILE where there is no column of addresses, or it is not clear which it is
 */
export function readColumns(row: number, header: readonly string[], named: NamedColumns): Columns {
  const names = header.map((name) => name.trim().toLowerCase());
  const find = (column: ColumnName): readonly number[] => {
    const given = named[column];
    return given === undefined ? findUsual(row, names, column) : findNamed(row, names, column, given);
  };
  const at = Object.fromEntries(COLUMN_NAMES.map((column) => [column, find(column)])) as Columns['at'];
  if (at.email.length === 0) throw badFile(row, whyNoAddresses(header));
  const taken = new Set(Object.values(at).flat());
  return { at, width: header.length, ignored: header.filter((_, index) => !taken.has(index)) };
}

function findNamed(row: number, names: readonly string[], column: ColumnName, given: string): number[] {
  const name = given.trim().toLowerCase();
  if (name === '') return [];
  const places = placesOf(names, [name]);
  if (places.length === 0) {
    throw badFile(
      row,
      `no column has the name that --columns gives for ${column}. Spell it as the first row does.`,
    );
  }
  if (places.length > 1) throw badFile(row, `two columns have the name that --columns gives for ${column}.`);
  return places;
}

function findUsual(row: number, names: readonly string[], column: ColumnName): number[] {
  const aliases: readonly string[] = ALIASES[column];
  const places = placesOf(names, aliases);
  // Django has both: a user name is an address only where there is no other.
  const sure = places.filter((place) => names[place] !== 'username');
  const found = sure.length > 0 ? sure : places;
  if (found.length > 1 && column !== 'active' && column !== 'disabled') {
    const which = found.map((place) => names[place]).join(', ');
    throw badFile(row, `more than one column may be ${column}: ${which}. Name one: --columns ${column}=NAME`);
  }
  return found;
}

function placesOf(names: readonly string[], wanted: readonly string[]): number[] {
  return names.flatMap((name, place) => (wanted.includes(name) ? [place] : []));
}

/** Repeats nothing of the row: without names of columns it holds somebody's address and hash. */
function whyNoAddresses(header: readonly string[]): string {
  const isData = header.some(
    (field) => parseEmailAddress(field) !== undefined || describeHash(field).format !== 'unknown',
  );
  if (isData) return 'this is the data of somebody. The first row must have the names of the columns.';
  const isSeparatedOtherwise = header.length === 1 && /[;\t]/.test(header[0] ?? '');
  if (isSeparatedOtherwise) return 'columns are separated by commas, and there is none in this row.';
  return `no column is called ${ALIASES.email.join(', ')}. Name the one with the addresses: --columns email=NAME`;
}
