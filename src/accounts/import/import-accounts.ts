/**
 * Moves a table of users here, row by row. Each row is one step of the store, and an address that is taken is refused:
 * after a crash the same file can be imported again, and nothing of an account that is here is ever overwritten.
 */
import type { MaybePromise } from '../../core/maybe-promise.ts';
import type { HashFormat } from '../../identity/passwords/foreign/format.ts';
import type { AccountStore } from '../../stores/ports/accounts.ts';
import { type Columns, type NamedColumns, readColumns } from './columns.ts';
import { badFile, type CsvRow, readCsv } from './csv.ts';
import { readRow, type RowProblem, type RowRules } from './read-row.ts';
import { looksLikeFlaskSecurity } from './shut-out.ts';
import { SeenAddresses } from './seen-addresses.ts';

/** What an import is made with. */
export interface ImportParts {
  /** The file. */
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly store: Pick<AccountStore, 'create' | 'findByEmail'>;
  /** Names of columns, where they are not the usual ones. */
  readonly named: NamedColumns;
  /** Names of columns that look as if they shut somebody out, and do not. */
  readonly unread?: readonly string[];
  /**
   * Whether hashes are of Flask-Security, keyed under its SECURITY_PASSWORD_SALT. Undefined: nobody said, and a table that
   * looks like one of it is not read.
   */
  readonly flaskSecurity?: boolean | undefined;
  /** Roles of rows that name none. */
  readonly roles: readonly string[];
  /** Makes accounts without a password of rows whose hash cannot be verified. Their owners reset it by mail. */
  readonly withoutPassword: boolean;
  /** Tells everything and writes nothing. */
  readonly dryRun: boolean;
  readonly hasPepper: (keyId: string) => boolean;
  readonly now: () => number;
  /** Stops before the next row. */
  readonly signal?: AbortSignal;
  /** Told of each row that did not become an account with its password. */
  readonly onRow: (row: RowReport) => MaybePromise<void>;
}

/** A row that is to be known of. Holds nothing of it: it goes to terminals and logs. */
export interface RowReport extends RowProblem {
  readonly row: number;
  readonly outcome: 'refused' | 'without password';
}

/** What came of it. */
export interface ImportResult {
  /** Rows read, without that of the names. */
  rows: number;
  /** Accounts made, or that a dry run would make. */
  imported: number;
  /** Those among them that have no password. */
  withoutPassword: number;
  /** Those among them that may not sign in. */
  disabled: number;
  refused: number;
  /** Accounts by the format of their hash. */
  readonly formats: Partial<Record<HashFormat, number>>;
  ignored: readonly string[];
  /** What ended it before the end of the file: what is counted above stays. */
  stopped?: { readonly row: number; readonly error: unknown };
}

/**
 * Imports accounts.
 *
 * @throws BulwarkError ERR_BULWARK_IMPORT_FILE, with nothing imported, where the file cannot be read by its first row
 */
export async function importAccounts(parts: ImportParts): Promise<ImportResult> {
  const rows = readCsv(parts.chunks);
  const first = await rows.next();
  if (first.done === true) throw badFile(1, 'the file is empty.');
  const columns = readColumns(first.value.row, first.value.fields, parts.named, parts.unread);
  if (parts.flaskSecurity === undefined && looksLikeFlaskSecurity(first.value.fields)) {
    throw badFile(first.value.row, FLASK_SECURITY);
  }
  if (columns.at.password.length === 0 && !parts.withoutPassword) {
    throw badFile(
      first.value.row,
      'there is no column of password hashes. Name it by --columns password=NAME, or give --without-password.',
    );
  }
  const work = new Import(parts, columns);
  let { row } = first.value;
  try {
    for await (const next of rows) {
      row = next.row;
      parts.signal?.throwIfAborted();
      await work.take(next);
    }
  } catch (error) {
    // What was imported is imported: its count must not be lost with the error.
    work.result.stopped = { row, error };
  }
  return work.result;
}

class Import {
  readonly result: ImportResult;
  readonly #parts: ImportParts;
  readonly #rules: RowRules;
  readonly #seen = new SeenAddresses();

  constructor(parts: ImportParts, columns: Columns) {
    const { roles, withoutPassword, flaskSecurity = false, hasPepper, now } = parts;
    this.#parts = parts;
    this.#rules = { columns, roles, withoutPassword, flaskSecurity, hasPepper, now: now() };
    this.result = {
      rows: 0,
      imported: 0,
      withoutPassword: 0,
      disabled: 0,
      refused: 0,
      formats: {},
      ignored: columns.ignored,
    };
  }

  async take({ row, fields, flaw }: CsvRow): Promise<void> {
    this.result.rows += 1;
    const problem = await this.#takeFields(row, fields, flaw);
    if (problem === undefined) return;
    this.result.refused += 1;
    await this.#parts.onRow({ row, outcome: 'refused', ...problem });
  }

  async #takeFields(
    row: number,
    fields: readonly string[],
    flaw: string | undefined,
  ): Promise<RowProblem | undefined> {
    if (flaw !== undefined) return { field: undefined, reason: flaw, fix: EXPORT_AGAIN };
    const { width } = this.#rules.columns;
    if (fields.length !== width) {
      const reason = `it has ${fields.length} columns, and the first row has ${width}`;
      return { field: undefined, reason, fix: EXPORT_AGAIN };
    }
    const read = readRow(fields, this.#rules);
    if (!read.ok) return read.problem;
    const { record, format, lost } = read;
    if (!this.#seen.add(record.emailKey)) return TWICE;
    const { store, dryRun } = this.#parts;
    const isFree = dryRun
      ? (await store.findByEmail(record.emailKey)) === undefined
      : await store.create(record);
    if (!isFree) return TAKEN;
    this.result.imported += 1;
    if (record.disabledAt !== undefined) this.result.disabled += 1;
    if (lost === undefined) {
      this.result.formats[format] = (this.result.formats[format] ?? 0) + 1;
      return undefined;
    }
    this.result.withoutPassword += 1;
    await this.#parts.onRow({ row, outcome: 'without password', ...lost });
    return undefined;
  }
}

const FLASK_SECURITY =
  'this is a table of Flask-Security, which hashes no password but its HMAC under SECURITY_PASSWORD_SALT. Give --flask-security, and the policy passwords: { flaskSecuritySalt: process.env.SECURITY_PASSWORD_SALT }; or --no-flask-security where SECURITY_PASSWORD_SINGLE_HASH is True. Imported otherwise, no password would be right.';
const EXPORT_AGAIN = 'export the table with a program that writes CSV, in UTF-8; a database has one';
const TWICE: RowProblem = {
  field: 'email',
  reason: 'a row before it has the same address, but for case',
  fix: 'find out whose the address is, and leave the rows of others out',
};
const TAKEN: RowProblem = {
  field: 'email',
  reason: 'there is an account with this address',
  fix: 'nothing to do after an interrupted import; else remove that account or leave the row',
};
