/** Accounts imported from a table that a test writes as text. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import {
  importAccounts,
  type ImportParts,
  type ImportResult,
  type RowReport,
} from '../../src/accounts/import/import-accounts.ts';
import { memory } from '../../src/stores/memory/state.ts';
import type { AccountRecord, AccountStore } from '../../src/stores/ports/accounts.ts';
import type { State } from '../../src/stores/ports/state.ts';

/** Of some password, as werkzeug writes it. */
export const HASH =
  'pbkdf2:sha256:1000$iKUUTLxO2IwE5Qte$80edb4c9434b0c45dcf581931e19999fc3756909c2ece297a4f404c01b71979f';
/** When imports take place, in milliseconds since 1970. */
export const NOW: number = Date.parse('2026-11-25T12:00:00Z');

/** What came of it. */
export interface Imported {
  readonly result: ImportResult;
  readonly told: readonly RowReport[];
  readonly store: AccountStore;
  readonly find: (email: string) => Promise<AccountRecord | undefined>;
}

/** Imports a text, into a store of its own unless there is one. */
export async function importText(
  text: string,
  parts: Partial<ImportParts> = {},
  state: State = memory(),
): Promise<Imported> {
  const store = state.accounts;
  assert.ok(store !== undefined);
  const told: RowReport[] = [];
  const result = await importAccounts({
    chunks: Readable.from([Buffer.from(text)]),
    store,
    named: {},
    roles: [],
    withoutPassword: false,
    dryRun: false,
    hasPepper: () => false,
    now: () => NOW,
    onRow: (row) => void told.push(row),
    ...parts,
  });
  return { result, told, store, find: async (email) => await store.findByEmail(email) };
}
