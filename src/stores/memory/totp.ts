import type { PendingTotp, TotpFactor, TotpRecord, TotpStore } from '../ports/factors.ts';

/** Authenticator apps in the memory of this process. */
export class MemoryTotp implements TotpStore {
  readonly #records = new Map<string, TotpRecord>();

  find(account: string): TotpRecord | undefined {
    return this.#records.get(account);
  }

  putPending(account: string, pending: PendingTotp): void {
    const active = this.#records.get(account)?.active;
    this.#records.set(account, { account, active, pending: { ...pending } });
  }

  confirm(account: string, id: string, step: number, now: number): boolean {
    const pending = this.#records.get(account)?.pending;
    if (pending?.id !== id || pending.expiresAt <= now) return false;
    const { sealed } = pending;
    const active: TotpFactor = { id, sealed, lastStep: step, confirmedAt: now, usedAt: now };
    this.#records.set(account, { account, active, pending: undefined });
    return true;
  }

  use(account: string, id: string, step: number, now: number): boolean {
    const active = this.#active(account, id);
    if (active === undefined || active.lastStep >= step) return false;
    this.#change(account, { ...active, lastStep: step, usedAt: now });
    return true;
  }

  reseal(account: string, id: string, sealed: string, resealed: string): boolean {
    const active = this.#active(account, id);
    if (active?.sealed !== sealed) return false;
    this.#change(account, { ...active, sealed: resealed });
    return true;
  }

  remove(account: string): boolean {
    const counted = this.#records.get(account)?.active !== undefined;
    this.#records.delete(account);
    return counted;
  }

  after(account: string | undefined, limit: number): readonly TotpRecord[] {
    const counting = [...this.#records.values()].filter(
      (record) => record.active !== undefined && (account === undefined || record.account > account),
    );
    return counting.sort((a, b) => (a.account < b.account ? -1 : 1)).slice(0, limit);
  }

  /** Deletes what waits for a first code that can no longer come. */
  sweep(now: number, most: number): number {
    let count = 0;
    for (const [account, { active, pending }] of this.#records) {
      if (count === most) break;
      if (pending === undefined || pending.expiresAt > now) continue;
      if (active === undefined) this.#records.delete(account);
      else this.#records.set(account, { account, active, pending: undefined });
      count += 1;
    }
    return count;
  }

  #active(account: string, id: string): TotpFactor | undefined {
    const active = this.#records.get(account)?.active;
    return active?.id === id ? active : undefined;
  }

  #change(account: string, active: TotpFactor): void {
    this.#records.set(account, { account, active, pending: this.#records.get(account)?.pending });
  }
}
