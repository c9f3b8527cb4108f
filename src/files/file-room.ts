/** Files of accounts: whose they are, who else may have them, and what becomes of them. Knows no framework. */
import { BulwarkError } from '../core/errors.ts';
import type { Audit } from '../core/events.ts';
import type { KeyRing } from '../core/key-ring.ts';
import { randomId } from '../core/random.ts';
import { CORE_EVENTS } from '../core/verdict.ts';
import type { CounterStore } from '../stores/ports/counters.ts';
import type {
  FilePlace,
  FileQuota,
  FileRecord,
  FileShareRecord,
  FileStore,
  SharedFile,
} from '../stores/ports/files.ts';
import { folderBytes } from './bytes/folder.ts';
import { FileLinks } from './file-links.ts';
import { FILES_EVENTS } from './files.events.ts';
import type { FilesSettings } from './files.options.ts';
import { Quarantine } from './quarantine.ts';
import { PartialFiles } from './resumable/partial-files.ts';
import { HOLD_MS, Vault } from './vault.ts';

/** What a room of files is made of. */
export interface FileRoomParts {
  readonly rows: FileStore;
  readonly counters: CounterStore;
  readonly keys: KeyRing;
  readonly settings: FilesSettings;
  readonly audit: Audit;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** How long what a dead process left is nobody's. Default {@link HOLD_MS}. */
  readonly holdMs?: number;
}

/** Whom a file is shared with, and until when. */
export type ShareWish = {
  /** Milliseconds since 1970. Without it: until it is taken back. A link always ends. */
  readonly endsAt?: number;
} & ({ readonly with: string } | { readonly link: 'once' | 'until-end' });

/** Why a file was not shared. */
export type NotShared = 'unknown' | 'full' | 'too-long';

const BATCH = 200;

/** The files of one application. */
export class FileRoom {
  readonly settings: FilesSettings;
  readonly vault: Vault;
  readonly links: FileLinks;
  readonly quarantine: Quarantine | undefined;
  readonly partials: PartialFiles;
  readonly #parts: FileRoomParts;
  readonly #sweeping: NodeJS.Timeout;
  #sweep: Promise<void> | undefined;

  constructor(parts: FileRoomParts) {
    const { rows, keys, settings, clock, audit, holdMs = HOLD_MS } = parts;
    const { bytes, encrypt, scan, scanTime } = settings;
    this.settings = settings;
    this.#parts = parts;
    const place = typeof bytes === 'string' ? folderBytes(bytes) : bytes;
    this.vault = new Vault({ rows, bytes: place, keys, encrypt, clock, holdMs });
    this.links = new FileLinks(keys);
    this.quarantine =
      scan === undefined ? undefined : new Quarantine({ vault: this.vault, scan, scanTime, audit, clock });
    const waits = scan !== undefined;
    const { quota } = this;
    const keep = settings.resumeTime;
    this.partials = new PartialFiles({ vault: this.vault, quota, keep, waits, audit, clock });
    // What a process left that was here before is seen to as soon as nobody holds it.
    this.#sweeping = setInterval(() => void this.sweep(), holdMs / 2).unref();
  }

  get quota(): FileQuota {
    return { files: this.settings.count, bytes: this.settings.quota };
  }

  /** Counts a file that an account sends. False: it has sent too many. */
  async mayCome(owner: string): Promise<boolean> {
    const { counters, settings, clock } = this.#parts;
    return (await counters.take(`files:${owner}`, settings.rate, clock())).allowed;
  }

  /** A file that an account may have: its own, or one that is shared with it. */
  async find(id: string, account: string): Promise<FileRecord | undefined> {
    const now = this.#parts.clock();
    const record = await this.vault.rows.access(id, account, now);
    return record !== undefined && (record.expiresAt ?? Infinity) > now ? record : undefined;
  }

  /** Removes a file of an account: at once for everybody, and its bytes with it. False: the account has no such file. */
  async remove(owner: string, id: string): Promise<boolean> {
    const { vault } = this;
    if (!(await vault.rows.remove(owner, id, vault.holdUntil))) return false;
    this.#parts.audit(FILES_EVENTS.deleted, { file: id, owner });
    // It is gone for everybody; bytes that a disk does not give up now are swept.
    await vault.discard(id).catch(() => undefined);
    return true;
  }

  /** Removes all files of an account that is removed itself. Returns how many. */
  async removeAll(owner: string): Promise<number> {
    await this.partials.endAll(owner);
    let count = 0;
    for (;;) {
      const page = await this.vault.rows.list(owner, undefined, BATCH);
      for (const { id } of page) if (await this.remove(owner, id)) count += 1;
      if (page.length === 0) return count;
    }
  }

  /** Shares a file of an account. */
  async share(owner: string, id: string, wish: ShareWish): Promise<FileShareRecord | NotShared> {
    const { clock, settings, audit } = this.#parts;
    const now = clock();
    const file = await this.find(id, owner);
    if (file?.owner !== owner || file.state !== 'ready') return 'unknown';
    const isLink = 'link' in wish;
    const expiresAt = wish.endsAt ?? (isLink ? now + settings.links : undefined);
    if (expiresAt !== undefined && !(expiresAt > now)) return 'too-long';
    if (isLink && (expiresAt ?? Infinity) > now + settings.links) return 'too-long';
    const share: FileShareRecord = {
      id: randomId(16),
      file: id,
      account: isLink ? '' : wish.with,
      once: isLink && wish.link === 'once',
      createdAt: now,
      expiresAt,
      usedAt: undefined,
    };
    if (!(await this.vault.rows.shares.add(share, settings.shares, now))) return 'full';
    const given = isLink ? {} : { with: wish.with };
    audit(FILES_EVENTS.shared, { file: id, share: share.id, by: owner, ...given });
    return share;
  }

  /** The shares of a file of an account, newest first. */
  async shares(owner: string, id: string): Promise<readonly FileShareRecord[]> {
    const { vault } = this;
    const file = await vault.rows.find(id);
    return file?.owner === owner ? await vault.rows.shares.list(id, this.#parts.clock()) : [];
  }

  /** Takes a share back: from the next request on nobody has the file by it. */
  async revoke(owner: string, id: string, share: string): Promise<boolean> {
    const { vault } = this;
    const file = await vault.rows.find(id);
    if (file?.owner !== owner || !(await vault.rows.shares.remove(id, share))) return false;
    this.#parts.audit(FILES_EVENTS.unshared, { file: id, share, by: owner });
    return true;
  }

  /** What others share with an account, newest first. */
  async sharedWith(
    account: string,
    behind: FilePlace | undefined,
    limit: number,
  ): Promise<readonly SharedFile[]> {
    return await this.vault.rows.shares.listWith(account, behind, limit, this.#parts.clock());
  }

  /**
   * Sees to what nobody does any more: files whose process died or whose client went, removed ones whose bytes are still
   * there, and those whose own end has come. Never throws: what fails is told, and tried again.
   */
  sweep(): Promise<void> {
    this.#sweep ??= this.#sweepAll()
      .catch((error: unknown) => this.#parts.audit(CORE_EVENTS.storeUnavailable, { during: 'sweep', error }))
      .finally(() => {
        this.#sweep = undefined;
      });
    return this.#sweep;
  }

  async #sweepAll(): Promise<void> {
    const { vault, quarantine } = this;
    const now = this.#parts.clock();
    const failed: unknown[] = [];
    for (;;) {
      const found = await vault.rows.abandoned(now, BATCH);
      const before = failed.length;
      let more = found.length === BATCH;
      for (const record of found) {
        const ended = await this.#seeTo(record, now).catch((error: unknown) => void failed.push(error));
        // What a partial file left is known once nobody can add to it: when its row says that it is gone.
        more ||= ended === true;
      }
      if (!more || failed.length - before === found.length) break;
    }
    await quarantine?.again();
    if (failed.length > 0) throw failed[0];
  }

  /** @returns whether a partial file ended, whose bytes are seen to next */
  async #seeTo({ id, owner, state, note }: FileRecord, now: number): Promise<boolean> {
    const { vault } = this;
    if (state === 'partial') {
      const ended = await vault.rows.giveUp(id, Number.MAX_SAFE_INTEGER, now);
      if (ended) this.#parts.audit(FILES_EVENTS.ended, { file: id, owner });
      return ended;
    }
    if (state === 'arriving') await vault.giveUp(id, now);
    else if (state === 'removed') await vault.discard(id, note);
    else if (await vault.rows.remove(owner, id, vault.holdUntil)) await vault.discard(id);
    return false;
  }

  /** Ends its timers, and waits for what it is at. */
  async close(): Promise<void> {
    clearInterval(this.#sweeping);
    await this.#sweep;
  }
}

/** Rows of files, where a store keeps them. */
export function rowsOf(files: FileStore | undefined): FileStore {
  if (files !== undefined) return files;
  const said =
    'state: the store of records keeps no rows of files: take sqlite, postgres or memory, or a store of yours that passes fileStoreConformance';
  throw new BulwarkError('ERR_BULWARK_STORE', said);
}
