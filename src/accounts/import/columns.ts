/** Which column of a file holds what. */
import { describeHash } from '../../passwords/describe-hash.ts';
import { parseEmailAddress } from '../email-address.ts';
import { badFile } from './csv.ts';

/** The names that software gives its columns, the likeliest first. In lower case. */
const ALIASES = {
  email: ['email', 'e-mail', 'email_address', 'username'],
  password: ['password', 'password_hash', 'pw_hash', 'hash'],
  roles: ['roles', 'role'],
  created: ['created_at', 'date_joined'],
  active: ['is_active', 'active'],
  disabled: ['disabled'],
} as const;

/** What a column can hold. */
export type ColumnName = keyof typeof ALIASES;

/** Every one of them. */
export const COLUMN_NAMES: readonly ColumnName[] = Object.keys(ALIASES) as ColumnName[];

/** Columns of one file. */
export interface Columns {
  /** Where each is, from 0. */
  readonly at: Readonly<Partial<Record<ColumnName, number>>> & { readonly email: number };
  /** How many a row has. */
  readonly width: number;
  /** Names of those that are not read. */
  readonly ignored: readonly string[];
}

/**
 * Finds the columns by the first row.
 *
 * @param named - names that this file has in place of the usual ones
 * @throws BulwarkError ERR_BULWARK_IMPORT_FILE where there is no column of addresses, or a name is there twice
 */
export function readColumns(
  row: number,
  header: readonly string[],
  named: Readonly<Partial<Record<ColumnName, string>>>,
): Columns {
  const names = header.map((name) => name.trim().toLowerCase());
  const at: Partial<Record<ColumnName, number>> = {};
  for (const column of COLUMN_NAMES) {
    const given = named[column];
    const wanted = given === undefined ? ALIASES[column] : [given.trim().toLowerCase()];
    const found = wanted.find((name) => names.includes(name));
    if (given !== undefined && found === undefined) throw badFile(row, `there is no column ${given}.`);
    if (found === undefined) continue;
    const first = names.indexOf(found);
    if (first !== names.lastIndexOf(found)) throw badFile(row, `there are two columns ${found}.`);
    at[column] = first;
  }
  if (at.email === undefined) throw badFile(row, whyNoAddresses(header));
  const taken = new Set(Object.values(at));
  return {
    at: { ...at, email: at.email },
    width: header.length,
    ignored: header.filter((_, index) => !taken.has(index)),
  };
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
