/** `bulwark accounts import FILE.csv`: a table of users, such as that of a Flask or Django application, moved here. */
import { createReadStream } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { COLUMN_NAMES, type ColumnName } from '../accounts/import/columns.ts';
import { importAccounts, type ImportParts } from '../accounts/import/import-accounts.ts';
import { loadPolicy } from '../config/load-policy.ts';
import { Pepper } from '../passwords/pepper.ts';
import { MemoryAccounts } from '../stores/memory/accounts.ts';
import { memory } from '../stores/memory/state.ts';
import type { State } from '../stores/ports.ts';
import { sqlite } from '../stores/sqlite/state.ts';
import { ImportReport } from './accounts-import-report.ts';
import { Failed, progressOn, type Terminal, WrongUse } from './terminal.ts';

interface Flags {
  readonly policy?: string;
  readonly data?: string;
  readonly columns?: string;
  readonly withoutPassword?: true;
  readonly dryRun?: true;
  readonly verbose?: true;
  readonly json?: true;
}

const HELP = `
FILE is CSV in UTF-8 whose first row names the columns: email, password (or password_hash, hash) and, if there are any,
roles (a;b), created_at or date_joined, is_active or disabled. Others are not read, is_staff and is_superuser of Django
among them. A hash moves as it is, and becomes argon2id when its owner signs in. An address that has an account is
refused and the account left as it is: to import a file again does no harm. No hash is ever shown, and an address only
with --verbose.

--policy is the store of the application; --data is the SQLite file bulwark.db in a directory. Opening a store brings its
tables up to date, in a dry run too. Exit codes: 0 all rows are in, 1 some are not, 2 wrong use.

Examples:
  bulwark accounts import users.csv --policy bulwark.config.ts --dry-run
  bulwark accounts import users.csv --data data/ --columns email=mail,password=pass

From Flask:
  sqlite3 -header -csv app.db 'select email, password_hash from user' > users.csv
From Django, on one line of psql:
  \\copy (select email, password, is_active, date_joined from auth_user) to 'users.csv' csv header`;

/** Gives the command its options and its work. */
export function define(command: Command, terminal: Terminal): void {
  command
    .description('make accounts of a table of users, with the password hashes it has')
    .argument('<file>', 'the table, as CSV')
    .option('--policy <file>', 'import into the store of this policy')
    .option('--data <directory>', 'import into bulwark.db in this directory')
    .option('--columns <names>', 'what its columns are called: email=mail,password=pass')
    .option('--without-password', 'take rows whose hash cannot be verified, for a reset by mail')
    .option('--dry-run', 'tell what would come of it, and write no account')
    .option('--verbose', 'show the addresses of the rows that are told of')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', HELP)
    .action(async (file: string, flags: Flags) => {
      await importFile(file, flags, terminal);
    });
}

async function importFile(file: string, flags: Flags, terminal: Terminal): Promise<void> {
  const named = readNames(flags.columns);
  if ((flags.policy === undefined) === (flags.data === undefined)) {
    throw new WrongUse('Say where the accounts go: either --policy FILE or --data DIRECTORY');
  }
  // Before a store is opened, which makes one where there is none.
  const { size } = await stat(file);
  await access(file);
  const place = await openPlace(flags);
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort(new Failed('Interrupted.'));
  process.once('SIGINT', interrupt);
  try {
    const report = new ImportReport(terminal, flags);
    const result = await importAccounts({
      chunks: readWithProgress(
        file,
        size,
        flags.json === true ? undefined : progressOn(terminal.err, 'Reading'),
      ),
      store: place.store,
      named,
      withoutPassword: flags.withoutPassword === true,
      dryRun: flags.dryRun === true,
      hasPepper: place.hasPepper,
      now: Date.now,
      signal: interrupted.signal,
      onRow: async (row) => report.tell(row),
    });
    report.end(result, place.name);
  } finally {
    process.removeListener('SIGINT', interrupt);
    await place.state.close();
  }
}

interface Place extends Pick<ImportParts, 'store' | 'hasPepper'> {
  readonly state: State;
  readonly name: string;
}

async function openPlace({ policy: file, data = '', dryRun }: Flags): Promise<Place> {
  if (file !== undefined) return await openPolicy(file);
  const name = join(data, 'bulwark.db');
  // A dry run makes no file: where there is none, every address is free.
  const state = dryRun === true && !(await isThere(name)) ? memory() : sqlite(data);
  return { state, name, store: storeOf(state, name), hasPepper: () => false };
}

async function openPolicy(file: string): Promise<Place> {
  const { state, keys } = await loadPolicy(file);
  try {
    const store = storeOf(state, file);
    if (store instanceof MemoryAccounts) {
      throw new Failed(`The accounts of ${file} are in memory and would be gone at the end of this command.`);
    }
    const pepper = new Pepper(keys);
    return { state, store, name: `the store of ${file}`, hasPepper: (id) => pepper.find(id) !== undefined };
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
  const named: Partial<Record<ColumnName, string>> = {};
  for (const pair of text?.split(',') ?? []) {
    const [column = '', name = ''] = pair.split(/=(.*)/s);
    if (!isColumn(column.trim()) || name.trim() === '') {
      throw new WrongUse(`--columns takes NAME=COLUMN, with a NAME of ${COLUMN_NAMES.join(', ')}`);
    }
    named[column.trim() as ColumnName] = name;
  }
  return named;
}

function isColumn(name: string): name is ColumnName {
  return (COLUMN_NAMES as readonly string[]).includes(name);
}
