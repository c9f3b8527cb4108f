import type { DatabaseSync } from 'node:sqlite';
import type { FactorStore } from '../ports/factors.ts';
import { SHORT_SWEEP_BATCH } from '../storable.ts';
import { SqliteRememberedBrowsers } from './remembered-browsers.ts';
import { Transactions } from './open.ts';
import { SqlitePasskeys } from './passkeys.ts';
import { SqliteRecoveryCodes } from './recovery-codes.ts';
import { SqliteTotp } from './totp.ts';

/** Second factors in SQLite, shared by every process that opens the file. */
export class SqliteFactors implements FactorStore {
  readonly totp: SqliteTotp;
  readonly recoveryCodes: SqliteRecoveryCodes;
  readonly passkeys: SqlitePasskeys;
  readonly rememberedBrowsers: SqliteRememberedBrowsers;
  readonly #transactions: Transactions;

  constructor(db: DatabaseSync) {
    this.totp = new SqliteTotp(db);
    this.recoveryCodes = new SqliteRecoveryCodes(db);
    this.passkeys = new SqlitePasskeys(db);
    this.rememberedBrowsers = new SqliteRememberedBrowsers(db);
    this.#transactions = new Transactions(db);
  }

  removeAccount(account: string): void {
    this.#transactions.run(() => {
      this.totp.remove(account);
      this.recoveryCodes.removeAll(account);
      this.passkeys.removeAll(account);
      this.rememberedBrowsers.removeAll(account);
    });
  }

  sweep(now: number): number {
    const devices = this.rememberedBrowsers.sweep(now, SHORT_SWEEP_BATCH);
    return devices + this.totp.sweep(now, SHORT_SWEEP_BATCH - devices);
  }
}
