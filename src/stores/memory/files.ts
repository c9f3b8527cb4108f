import {
  type FilePlace,
  type FileQuota,
  type FileRecord,
  type FileState,
  type FileStore,
  isSeen,
} from '../ports/files.ts';
import { MemoryFileShares } from './file-shares.ts';
import { pageOf } from './page-of.ts';

/** Rows of files in the memory of this process. They end with it: for tests. */
export class MemoryFiles implements FileStore {
  readonly #files = new Map<string, FileRecord>();
  readonly #usage = new Map<string, FileQuota>();
  readonly shares: MemoryFileShares = new MemoryFileShares((id) => this.find(id));

  begin(record: FileRecord): void {
    this.#files.set(record.id, { ...record });
  }

  reserve(record: FileRecord, quota: FileQuota): 'kept' | 'full' {
    const { files, bytes } = this.usage(record.owner);
    if (files + 1 > quota.files || bytes + record.size > quota.bytes) return 'full';
    this.#count(record.owner, 1, record.size);
    this.begin(record);
    return 'kept';
  }

  partial(id: string): FileRecord | undefined {
    const record = this.#files.get(id);
    return record?.state === 'partial' ? record : undefined;
  }

  partials(owner: string, limit: number): readonly FileRecord[] {
    const own = [...this.#files.values()].filter(
      (record) => record.owner === owner && record.state === 'partial',
    );
    return pageOf(own, (record) => record, undefined, limit);
  }

  advance(id: string, seen: string, note: string): boolean {
    return this.partial(id)?.note === seen && this.#change(id, 'partial', { note });
  }

  renew(id: string, until: number): boolean {
    return this.#change(id, 'arriving', { heldUntil: until });
  }

  complete(
    id: string,
    done: Pick<FileRecord, 'size' | 'sha256' | 'state'>,
    quota: FileQuota,
  ): 'kept' | 'full' | 'gone' {
    const record = this.#files.get(id);
    if (record?.state === 'partial') {
      if (record.size !== done.size) return 'gone';
      this.#files.set(id, { ...record, ...done, note: '', heldUntil: undefined, expiresAt: undefined });
      return 'kept';
    }
    if (record?.state !== 'arriving') return 'gone';
    const { files, bytes } = this.usage(record.owner);
    if (files + 1 > quota.files || bytes + done.size > quota.bytes) return 'full';
    this.#files.set(id, { ...record, ...done, heldUntil: undefined });
    this.#count(record.owner, 1, done.size);
    return 'kept';
  }

  find(id: string): FileRecord | undefined {
    const record = this.#files.get(id);
    return record !== undefined && isSeen(record) ? record : undefined;
  }

  access(id: string, account: string, now: number): FileRecord | undefined {
    const record = this.find(id);
    if (record === undefined || record.owner === account) return record;
    return this.shares.isWith(id, account, now) ? record : undefined;
  }

  list(owner: string, behind: FilePlace | undefined, limit: number): readonly FileRecord[] {
    const own = [...this.#files.values()].filter((record) => record.owner === owner && isSeen(record));
    return pageOf(own, (record) => record, behind, limit);
  }

  usage(owner: string): FileQuota {
    return this.#usage.get(owner) ?? { files: 0, bytes: 0 };
  }

  settle(id: string, seen: FileState, state: FileState, note: string, expiresAt?: number): boolean {
    const record = this.#files.get(id);
    const end = expiresAt === undefined ? {} : { expiresAt };
    if (!this.#change(id, seen, { state, note, ...end })) return false;
    if (state === 'refused' && record !== undefined) this.#count(record.owner, -1, -record.size);
    return true;
  }

  remove(owner: string, id: string, until: number): boolean {
    const record = this.find(id);
    if (record === undefined || record.owner !== owner) return false;
    this.#files.set(id, { ...record, state: 'removed', heldUntil: until });
    if (record.state !== 'refused') this.#count(owner, -1, -record.size);
    this.shares.removeAll(id);
    return true;
  }

  abandoned(now: number, limit: number): readonly FileRecord[] {
    const isAbandoned = ({ heldUntil, expiresAt }: FileRecord): boolean =>
      (heldUntil !== undefined && heldUntil <= now) || (expiresAt !== undefined && expiresAt <= now);
    return [...this.#files.values()].filter(isAbandoned).slice(0, limit);
  }

  giveUp(id: string, heldBefore: number, until: number): boolean {
    const record = this.#files.get(id);
    if (record === undefined || (record.heldUntil ?? 0) > heldBefore) return false;
    if (record.state === 'partial') this.#count(record.owner, -1, -record.size);
    else if (record.state !== 'arriving') return false;
    return this.#change(id, record.state, { state: 'removed', heldUntil: until });
  }

  forget(id: string): boolean {
    return this.#files.get(id)?.state === 'removed' && this.#files.delete(id);
  }

  waiting(behind: string | undefined, limit: number): readonly FileRecord[] {
    return this.after(behind, Number.POSITIVE_INFINITY)
      .filter(({ state }) => state === 'quarantine')
      .slice(0, limit);
  }

  after(id: string | undefined, limit: number): readonly FileRecord[] {
    const all = [...this.#files.values()].filter((record) => id === undefined || record.id > id);
    return all.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit);
  }

  rekey(id: string, seen: string, sealedKey: string): boolean {
    const record = this.#files.get(id);
    if (record?.sealedKey !== seen) return false;
    this.#files.set(id, { ...record, sealedKey });
    return true;
  }

  #change(id: string, seen: FileState, change: Partial<FileRecord>): boolean {
    const record = this.#files.get(id);
    if (record?.state !== seen) return false;
    this.#files.set(id, { ...record, ...change });
    return true;
  }

  #count(owner: string, files: number, bytes: number): void {
    const before = this.usage(owner);
    this.#usage.set(owner, { files: before.files + files, bytes: before.bytes + bytes });
  }
}
