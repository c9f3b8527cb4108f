import type { FactorStore } from '../ports/factors.ts';
import { SWEEP_BATCH } from '../storable.ts';
import { MemoryRememberedBrowsers } from './remembered-browsers.ts';
import { MemoryPasskeys } from './passkeys.ts';
import { MemoryRecoveryCodes } from './recovery-codes.ts';
import { MemoryTotp } from './totp.ts';

/** Second factors in the memory of this process. They end with it, and lock their owners out: for tests. */
export class MemoryFactors implements FactorStore {
  readonly totp: MemoryTotp = new MemoryTotp();
  readonly recoveryCodes: MemoryRecoveryCodes = new MemoryRecoveryCodes();
  readonly passkeys: MemoryPasskeys = new MemoryPasskeys();
  readonly rememberedBrowsers: MemoryRememberedBrowsers = new MemoryRememberedBrowsers();

  removeAccount(account: string): void {
    this.totp.remove(account);
    this.recoveryCodes.removeAll(account);
    this.passkeys.removeAll(account);
    this.rememberedBrowsers.removeAll(account);
  }

  sweep(now: number): number {
    const devices = this.rememberedBrowsers.sweep(now, SWEEP_BATCH);
    return devices + this.totp.sweep(now, SWEEP_BATCH - devices);
  }
}
