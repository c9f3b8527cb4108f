/** Which column of a file holds what. */
import { cleanName } from '../../core/clean-name.ts';
import { describeHash } from '../../identity/passwords/describe-hash.ts';
import { parseEmailAddress } from '../email-address.ts';
import { badFile } from './csv.ts';
import { foldName, looksLikeShutOut, type ShutOutColumn, shutOutBy } from './shut-out.ts';

type AliasedColumn = 'email' | 'password' | 'roles' | 'created';

/** The names that software gives its columns, as {@link foldName} has them. Those that shut somebody out are in shut-out.ts. */
const ALIASES: Readonly<Record<AliasedColumn, readonly string[]>> = {
  email: ['email', 'mail', 'emailaddress', 'useremail', 'primaryemail', 'primaryemailaddress', 'username'],
  password: [
    ...[
      'password',
      'passwordhash',
      'hash',
      'hashedpassword',
      'encryptedpassword',
      'pwhash',
      'passworddigest',
    ],
    ...['userpass', 'userpassword', 'passwd', 'pass'],
  ],
  roles: ['roles', 'role', 'groups'],
  created: [
    ...[
      'created',
      'createdat',
      'createdon',
      'createdatetime',
      'createdtimestamp',
      'datecreated',
      'datejoined',
    ],
    ...[
      'insertedat',
      'joinedat',
      'registeredat',
      'registeredon',
      'userregistered',
      'membersince',
      'timejoined',
    ],
  ],
};

/** What a column can hold. */
export type ColumnName = AliasedColumn | ShutOutColumn;

/** Every one of them. */
export const COLUMN_NAMES: readonly ColumnName[] = [
  ...['email', 'password', 'roles', 'confirmed', 'active', 'activated', 'disabled', 'until', 'created'],
] as ColumnName[];

/**
 * Names of columns, where they are not the usual ones. An empty one: this is not to be read, whatever there is. Of those
 * that shut somebody out there may be several, and they are read beside the usual ones.
 */
export type NamedColumns = Readonly<Partial<Record<ColumnName, readonly string[]>>>;

/** What can be left unread. Who is shut out is no matter of choice. */
export const OPTIONAL_COLUMNS: readonly ColumnName[] = ['password', 'roles', 'confirmed', 'created'];

/** Of which there may be several. */
export const SHUT_OUT_COLUMNS: readonly ColumnName[] = ['active', 'activated', 'disabled', 'until'];

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
 * @param unread - names of columns that look as if they shut somebody out, and do not
 * @throws BulwarkError ERR_BULWARK_IMPORT_FILE where there is no column of addresses, it is not clear which it is, or one
 * that is not read looks as if it shut somebody out
 */
export function readColumns(
  row: number,
  header: readonly string[],
  named: NamedColumns,
  unread: readonly string[] = [],
): Columns {
  const names = header.map((name) => foldName(name.trim()));
  const find = (column: ColumnName): readonly number[] => {
    const given = named[column];
    const usual = findUsual(row, header, names, column, given !== undefined);
    if (given === undefined) return usual;
    const own = given.flatMap((name) => findNamed(row, names, column, name));
    return SHUT_OUT_COLUMNS.includes(column) ? [...new Set([...usual, ...own])] : own;
  };
  const at = Object.fromEntries(COLUMN_NAMES.map((column) => [column, find(column)])) as Columns['at'];
  if (at.email.length === 0) throw badFile(row, whyNoAddresses(header));
  const taken = new Set(Object.values(at).flat());
  const ignored = header.filter((_, index) => !taken.has(index));
  stopAtDoubts(row, ignored, unread, { named, at });
  return { at, width: header.length, ignored };
}

function findNamed(row: number, names: readonly string[], column: ColumnName, given: string): number[] {
  const name = foldName(given.trim());
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

function findUsual(
  row: number,
  header: readonly string[],
  names: readonly string[],
  column: ColumnName,
  isNamed: boolean,
): number[] {
  // Each of several that shut somebody out does, and each of several that confirm must.
  if (!isAliased(column)) {
    return header.flatMap((name, place) => (shutOutBy(name.trim()) === column ? [place] : []));
  }
  const places = placesOf(names, ALIASES[column]);
  // Django has both: a user name is an address only where there is no other.
  const sure = places.filter((place) => names[place] !== 'username');
  const found = sure.length > 0 ? sure : places;
  if (found.length > 1 && !isNamed) {
    const which = found.map((place) => cleanName(header[place] ?? '', '(no name)')).join(', ');
    throw badFile(row, `more than one column may be ${column}: ${which}. Name one: --columns ${column}=NAME`);
  }
  return found;
}

function stopAtDoubts(
  row: number,
  ignored: readonly string[],
  unread: readonly string[],
  { named, at }: { readonly named: NamedColumns; readonly at: Columns['at'] },
): void {
  const left = unread.map((name) => foldName(name.trim()));
  for (const [index, name] of left.entries()) {
    if (ignored.some((one) => foldName(one.trim()) === name)) continue;
    const which = cleanName(unread[index] ?? '', '(no name)');
    throw badFile(row, `--unread names ${which}, and there is no such column, or it is one that is read.`);
  }
  const isAnyRead = SHUT_OUT_COLUMNS.some((column) => at[column].length > 0);
  const doubts = ignored.filter((name) => {
    // Left with --columns confirmed=, by whoever knows that nobody was asked.
    if (named.confirmed !== undefined && shutOutBy(name.trim()) === 'confirmed') return false;
    return looksLikeShutOut(name.trim(), isAnyRead) && !left.includes(foldName(name.trim()));
  });
  if (doubts.length === 0) return;
  const which = doubts.map((name) => cleanName(name, '(no name)')).join(', ');
  throw badFile(
    row,
    `nobody may be let in who was shut out, and these columns look as if they said who was: ${which}. For each say what it is: --columns disabled=NAME (yes, or a time: shut out), active=NAME (no: shut out), activated=NAME (no time: shut out), until=NAME (a time to come: shut out), confirmed=NAME (no: the address is not confirmed); or --unread NAME where it is none of these. Where it has words of its own, export it as one of them.`,
  );
}

function isAliased(column: ColumnName): column is AliasedColumn {
  return Object.hasOwn(ALIASES, column);
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
