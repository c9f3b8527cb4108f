import type { PasskeyRecord, PasskeyStore, PasskeyUse } from '../ports/factors.ts';

/** Passkeys in the memory of this process. */
export class MemoryPasskeys implements PasskeyStore {
  readonly #passkeys = new Map<string, PasskeyRecord>();
  readonly #handles = new Map<string, string>();

  userHandle(account: string, fresh: string): string {
    const handle = this.#handles.get(account) ?? fresh;
    this.#handles.set(account, handle);
    return handle;
  }

  add(record: PasskeyRecord, most: number): boolean {
    const { credentialId, account } = record;
    if (this.#passkeys.has(credentialId) || this.#handles.get(account) !== record.userHandle) return false;
    if (this.list(account).length >= most) return false;
    this.#passkeys.set(credentialId, { ...record, transports: [...record.transports] });
    return true;
  }

  find(credentialId: string): PasskeyRecord | undefined {
    return this.#passkeys.get(credentialId);
  }

  list(account: string): readonly PasskeyRecord[] {
    const own = [...this.#passkeys.values()].filter((record) => record.account === account);
    return own.sort((a, b) => a.createdAt - b.createdAt || (a.credentialId < b.credentialId ? -1 : 1));
  }

  use(account: string, credentialId: string, { counter, backedUp, now }: PasskeyUse): boolean {
    const record = this.#own(account, credentialId);
    if (record === undefined) return false;
    if (record.counter >= counter && !(record.counter === 0 && counter === 0)) return false;
    this.#passkeys.set(credentialId, { ...record, counter, backedUp, usedAt: now });
    return true;
  }

  rename(account: string, credentialId: string, name: string): boolean {
    const record = this.#own(account, credentialId);
    if (record !== undefined) this.#passkeys.set(credentialId, { ...record, name });
    return record !== undefined;
  }

  remove(account: string, credentialId: string): boolean {
    return this.#own(account, credentialId) !== undefined && this.#passkeys.delete(credentialId);
  }

  /** Removes every passkey of an account, and what authenticators know it by. */
  removeAll(account: string): void {
    for (const { credentialId } of this.list(account)) this.#passkeys.delete(credentialId);
    this.#handles.delete(account);
  }

  #own(account: string, credentialId: string): PasskeyRecord | undefined {
    const record = this.#passkeys.get(credentialId);
    return record?.account === account ? record : undefined;
  }
}
