/** `bulwark accounts import FILE.csv`: a table of users, such as that of a Flask or Django application, moved here. */
import { createReadStream } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Command } from 'commander';
import {
  COLUMN_NAMES,
  type ColumnName,
  OPTIONAL_COLUMNS,
  SHUT_OUT_COLUMNS,
} from '../accounts/import/columns.ts';
import { importAccounts, type ImportParts } from '../accounts/import/import-accounts.ts';
import { parseRoles } from '../accounts/import/read-row.ts';
import { loadUnsignedPolicy } from '../policy/load-unsigned.ts';
import { BulwarkError } from '../core/errors.ts';
import { Pepper } from '../identity/passwords/pepper.ts';
import { areInMemory } from '../stores/memory/in-memory.ts';
import { memory } from '../stores/memory/state.ts';
import type { State } from '../stores/ports/state.ts';
import { sqlite } from '../stores/sqlite/state.ts';
import { ImportReport } from './accounts-import-report.ts';
import { printingAside } from './load-module.ts';
import { Failed, messageOf, progressOn, type Terminal, WrongUse } from './terminal.ts';

interface Flags {
  readonly policy?: string;
  readonly data?: string;
  readonly columns?: string;
  readonly unread?: string;
  readonly flaskSecurity?: boolean;
  readonly roles?: string;
  readonly withoutPassword?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

const HELP = `
FILE is CSV in UTF-8 whose first row names the columns: email, password (password_hash, hash) and, where there are any,
roles (a;b), confirmed_at or emailVerified, is_active or enabled, banned, deletedAt or locked_at, banned_until,
created_at or date_joined; case, _ and - make no difference. Others are not read, is_staff and is_superuser of Django
among them. --columns roles= leaves one unread. One that is not read and looks as if it shut somebody out stops the
import, until --columns or --unread says what it is.

A hash moves as it is and becomes argon2id when its owner signs in. Who was disabled is disabled here. A row that cannot
be taken is refused by its number; nothing that a row holds is ever shown. An account that is there is left as it is:
to import a file again does no harm.

--policy is the store of the application; --data is the directory of the SQLite file bulwark.db. Opening a store brings
its tables up to date, in a dry run too. Exit codes: 0 all rows are in, 1 some are not, 2 wrong use, and nothing is in.

Examples:
  bulwark accounts import users.csv --policy bulwark.config.ts --dry-run
  bulwark accounts import users.csv --data data/ --columns email=mail,password=pw

From Flask:
  sqlite3 -header -csv app.db 'select email, password, active from user' > users.csv
From Django, on one line of psql:
  \\copy (select email, password, is_active, date_joined from auth_user) to 'users.csv' csv header`;

/** Gives the command its options and its work. */
export function define(command: Command, terminal: Terminal): void {
  command
    .description('make accounts of a table of users, with the password hashes it has')
    .argument('<file>', 'the table, as CSV')
    .option('--policy <file>', 'import into the store of this policy')
    .option('--data <directory>', 'import into bulwark.db in this directory')
    .option('--columns <names>', 'what its columns are called: email=mail,password=pw')
    .option('--unread <names>', 'columns that look as if they shut somebody out, and do not: a,b')
    .option('--flask-security', 'the hashes are of Flask-Security, keyed under its salt')
    .option('--no-flask-security', 'they are not, though the table is')
    .option('--roles <names>', 'roles of rows that name none: a,b')
    .option('--without-password', 'take rows whose password cannot move, for a reset by mail')
    .option('--dry-run', 'tell what would come of it, and write no account')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', HELP)
    .action(async (file: string, flags: Flags) => {
      await importFile(file, flags, terminal);
    });
}

async function importFile(file: string, flags: Flags, terminal: Terminal): Promise<void> {
  const named = readNames(flags.columns);
  const roles = parseRoles(flags.roles ?? '');
  if (roles === undefined) throw new WrongUse('--roles takes names of letters, digits, _ : . - such as a,b');
  if ((flags.policy === undefined) === (flags.data === undefined)) {
    throw new WrongUse('Say where the accounts go: either --policy FILE or --data DIRECTORY');
  }
  // Before a store is opened, which makes one where there is none.
  const size = await sizeOf(file);
  const place = await openPlace(flags);
  const interrupted = new AbortController();
  const interrupt = (): void =>
    interrupted.abort(new Failed('interrupted. To import the file again does no harm.'));
  process.once('SIGINT', interrupt);
  try {
    const onProgress = flags.json === true ? undefined : progressOn(terminal.err, 'Reading');
    const report = new ImportReport(terminal, flags, onProgress);
    const result = await importAccounts({
      chunks: readWithProgress(file, size, onProgress),
      store: place.store,
      named,
      unread: (flags.unread ?? '').split(',').filter((name) => name.trim() !== ''),
      flaskSecurity: flags.flaskSecurity,
      roles,
      withoutPassword: flags.withoutPassword === true,
      dryRun: flags.dryRun === true,
      hasPepper: place.hasPepper,
      now: Date.now,
      signal: interrupted.signal,
      onRow: async (row) => report.tell(row),
    });
    report.end(result, place.name);
  } catch (error) {
    // The columns are to be named otherwise, or it is another file that is meant: nothing is in.
    if (error instanceof BulwarkError && error.code === 'ERR_BULWARK_IMPORT_FILE') {
      throw new WrongUse(error.message, { cause: error });
    }
    throw error;
  } finally {
    process.removeListener('SIGINT', interrupt);
    await place.state.close();
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    await access(file, constants.R_OK);
    const found = await stat(file);
    if (!found.isDirectory()) return found.size;
  } catch (error) {
    throw new WrongUse(messageOf(error), { cause: error });
  }
  throw new WrongUse(`${file} is a directory, not a file.`);
}

/** What `sqlite()` calls its file. */
const DATABASE = 'bulwark.db';

interface Place extends Pick<ImportParts, 'store' | 'hasPepper'> {
  readonly state: State;
  readonly name: string;
}

async function openPlace(flags: Flags): Promise<Place> {
  const { policy: file, data = '' } = flags;
  if (file !== undefined) return await openPolicy(file);
  const directory = basename(data) === DATABASE ? dirname(data) : data;
  // A misspelt directory would be made, and the accounts be where nobody looks for them.
  if (!(await isThere(directory)))
    throw new WrongUse(`There is no directory ${directory}. Make it, if it is meant.`);
  const name = join(directory, DATABASE);
  // A dry run makes no file: where there is none, every address is free.
  const state = flags.dryRun === true && !(await isThere(name)) ? memory() : sqlite(directory);
  return { state, name, store: storeOf(state, name), hasPepper: () => false };
}

async function openPolicy(file: string): Promise<Place> {
  if (!(await isThere(file))) throw new WrongUse(`There is no ${file}.`);
  // What the policy prints as it runs is no part of the result.
  const { policy, hasSecret } = await printingAside(() => loadUnsignedPolicy(file));
  const { state, keys } = policy;
  try {
    const store = storeOf(state, file);
    if (areInMemory(store)) {
      throw new Failed(`The accounts of ${file} are in memory and would be gone at the end of this command.`);
    }
    const pepper = hasSecret ? new Pepper(keys) : undefined;
    const hasPepper = (id: string): boolean => pepper?.find(id) !== undefined;
    return { state, store, name: `the store of ${file}`, hasPepper };
  } catch (error) {
    await state.close();
    throw error;
  }
}

function storeOf({ accounts }: State, name: string): Place['store'] {
  if (accounts !== undefined) return accounts;
  throw new Failed(`The state of ${name} keeps no accounts. Give it one that does: state: sqlite('data/')`);
}

async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function* readWithProgress(
  file: string,
  size: number,
  onProgress: ((part: number) => void) | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let read = 0;
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      yield chunk;
      read += chunk.byteLength;
      // A pipe has no size.
      if (size > read) onProgress?.(read / size);
    }
  } finally {
    onProgress?.(1);
  }
}

function readNames(text: string | undefined): ImportParts['named'] {
  const named: Partial<Record<ColumnName, readonly string[]>> = {};
  for (const pair of text?.split(',') ?? []) {
    const [column = '', name] = pair.split(/=(.*)/s).map((part) => part.trim());
    if (!isColumn(column) || name === undefined) {
      throw new WrongUse(`--columns takes NAME=COLUMN, with a NAME of ${COLUMN_NAMES.join(', ')}`);
    }
    if (name === '' && !OPTIONAL_COLUMNS.includes(column)) {
      throw new WrongUse(
        `--columns ${column}= names no column; only ${OPTIONAL_COLUMNS.join(', ')} can be left unread`,
      );
    }
    const before = SHUT_OUT_COLUMNS.includes(column) ? (named[column] ?? []) : [];
    named[column] = [...before, name];
  }
  return named;
}

function isColumn(name: string): name is ColumnName {
  return (COLUMN_NAMES as readonly string[]).includes(name);
}
