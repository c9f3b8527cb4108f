import {
  type FilePlace,
  type FileRecord,
  type FileShareRecord,
  type FileShareStore,
  isLive,
  type SharedFile,
} from '../ports/files.ts';
import { pageOf } from './page-of.ts';

/** Who else may have files, in the memory of this process. */
export class MemoryFileShares implements FileShareStore {
  readonly #shares = new Map<string, FileShareRecord>();
  readonly #findFile: (id: string) => FileRecord | undefined;

  constructor(findFile: (id: string) => FileRecord | undefined) {
    this.#findFile = findFile;
  }

  add(share: FileShareRecord, most: number, now: number): boolean {
    if (this.#findFile(share.file) === undefined) return false;
    for (const one of this.#of(share.file)) if (!isLive(one, now)) this.#shares.delete(one.id);
    const isSame = ({ account }: FileShareRecord): boolean => account !== '' && account === share.account;
    const others = this.list(share.file, now).filter((one) => !isSame(one));
    if (others.length >= most) return false;
    for (const one of this.#of(share.file)) if (isSame(one)) this.#shares.delete(one.id);
    this.#shares.set(share.id, { ...share });
    return true;
  }

  find(id: string, now: number): SharedFile | undefined {
    const share = this.#shares.get(id);
    return share !== undefined && isLive(share, now) ? this.#withFile(share) : undefined;
  }

  use(id: string, now: number): boolean {
    const share = this.#shares.get(id);
    if (share === undefined || !isLive(share, now)) return false;
    this.#shares.set(id, { ...share, usedAt: now });
    return true;
  }

  list(file: string, now: number): readonly FileShareRecord[] {
    const live = this.#of(file).filter((share) => isLive(share, now));
    return pageOf(live, (share) => share, undefined, live.length);
  }

  listWith(
    account: string,
    behind: FilePlace | undefined,
    limit: number,
    now: number,
  ): readonly SharedFile[] {
    const live = [...this.#shares.values()].filter(
      (share) => account !== '' && share.account === account && isLive(share, now),
    );
    const page = pageOf(live, (share) => share, behind, limit);
    return page.flatMap((share) => this.#withFile(share) ?? []);
  }

  remove(file: string, id: string): boolean {
    return this.#shares.get(id)?.file === file && this.#shares.delete(id);
  }

  /** Removes every share of a file. */
  removeAll(file: string): void {
    for (const { id } of this.#of(file)) this.#shares.delete(id);
  }

  /** Whether an account was given a file, as far as that holds now. */
  isWith(file: string, account: string, now: number): boolean {
    return account !== '' && this.#of(file).some((share) => share.account === account && isLive(share, now));
  }

  #of(file: string): readonly FileShareRecord[] {
    return [...this.#shares.values()].filter((share) => share.file === file);
  }

  #withFile(share: FileShareRecord): SharedFile | undefined {
    const file = this.#findFile(share.file);
    return file === undefined ? undefined : { file, share };
  }
}
