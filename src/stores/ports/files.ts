/**
 * What Bulwark needs of a place where the rows of files live. A row makes a file exist: bytes that have none are nobody's,
 * and are removed. Every method is one step, so that a quota holds over all processes. Times are milliseconds since 1970.
 */
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { from, keep, look, NONE, pass, type Rules } from '../rules.ts';

/**
 * What became of a file. `arriving`: its bytes are on their way, and nobody sees it. `partial`: they come in parts, over several
 * requests, and its room is taken already; nobody sees it either. `quarantine`: it is whole, and waits to be
 * looked at. `refused`: what looked at it said no; its bytes are gone, and its owner sees why. `removed`: nobody sees it any
 * more, and its bytes go.
 */
export type FileState = 'arriving' | 'partial' | 'quarantine' | 'ready' | 'refused' | 'removed';

/** A file, without its bytes. */
export interface FileRecord {
  /** Random: what its bytes are kept by, too. */
  readonly id: string;
  readonly owner: string;
  /** As its owner called it, cleaned. Never part of a path. */
  readonly name: string;
  readonly type: string;
  /** Bytes; 0 while it arrives. Of a partial one, those that it will have. */
  readonly size: number;
  /** Of its bytes in clear, base64url; empty while it arrives. */
  readonly sha256: string;
  readonly state: FileState;
  /** What was said of it by whatever looked at it, such as the name of a virus. Of a partial one, what is there of it. */
  readonly note: string;
  /** The key of its bytes, sealed by the key ring. Empty: they are kept in clear. */
  readonly sealedKey: string;
  readonly createdAt: number;
  /** While it arrives or goes: until then somebody sees to it, and after it whoever comes first. */
  readonly heldUntil: number | undefined;
  /** When it ends by itself. */
  readonly expiresAt: number | undefined;
}

/** A file that somebody else may have: an account, or whoever brings a link. */
export interface FileShareRecord {
  /** Random. */
  readonly id: string;
  readonly file: string;
  /** Who may have it. Empty: whoever brings the link that was signed for this share. */
  readonly account: string;
  /** Whether it is good for one download. */
  readonly once: boolean;
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
  readonly usedAt: number | undefined;
}

/** What an account may keep. */
export interface FileQuota {
  readonly files: number;
  readonly bytes: number;
}

/** Where a page of a list begins: behind the last one that was seen. */
export interface FilePlace {
  readonly createdAt: number;
  readonly id: string;
}

/** A file that is shared with somebody, and how. */
export interface SharedFile {
  readonly file: FileRecord;
  readonly share: FileShareRecord;
}

/** Who else may have files. A share that is past its end, or was used up, is not found by any method. */
export interface FileShareStore {
  /**
   * Keeps a share; one with the same account is replaced by it, and those of the file that are good no more are forgotten: links
   * that are made, used and made again would otherwise have no bound. False: the file is not there, or has `most` already.
   */
  add(share: FileShareRecord, most: number, now: number): MaybePromise<boolean>;
  /** A share by its id, with its file. */
  find(id: string, now: number): MaybePromise<SharedFile | undefined>;
  /** Notes a use. Of two simultaneous uses of one that is good for one, exactly one is true. */
  use(id: string, now: number): MaybePromise<boolean>;
  /** Those of a file, newest first. */
  list(file: string, now: number): MaybePromise<readonly FileShareRecord[]>;
  /** What an account was given by others, newest share first. */
  listWith(
    account: string,
    behind: FilePlace | undefined,
    limit: number,
    now: number,
  ): MaybePromise<readonly SharedFile[]>;
  /** False: the file has none of this id. */
  remove(file: string, id: string): MaybePromise<boolean>;
}

/** Rows of files. `find`, `access` and `list` see those in quarantine, ready and refused. */
export interface FileStore {
  /** Keeps the row of a file that arrives. Its id is random, so that there is none of it yet. */
  begin(record: FileRecord): MaybePromise<void>;
  /**
   * Keeps the row of a file that comes in parts, if its owner has room for all of it: that room is taken from now on, and comes back
   * where the file is given up.
   */
  reserve(record: FileRecord, quota: FileQuota): MaybePromise<'kept' | 'full'>;
  /** A partial file by its id, whoever's it is. */
  partial(id: string): MaybePromise<FileRecord | undefined>;
  /** Those of an account, newest first. */
  partials(owner: string, limit: number): MaybePromise<readonly FileRecord[]>;
  /** Compare-and-set of the note of a partial file: of two that bring it at once, one goes on. */
  advance(id: string, seen: string, note: string): MaybePromise<boolean>;
  /** Has whoever brings a file go on doing so. False: it was given up. */
  renew(id: string, until: number): MaybePromise<boolean>;
  /**
   * Makes a file that arrived exist, if its owner has room for it. `full`: there is none, and nothing changed. `gone`: it was
   * given up meanwhile. A partial one has its room: it keeps no note and no end, and is `gone` where its size is another one.
   */
  complete(
    id: string,
    done: Pick<FileRecord, 'size' | 'sha256' | 'state'>,
    quota: FileQuota,
  ): MaybePromise<'kept' | 'full' | 'gone'>;
  /** A file by its id, whoever's it is. */
  find(id: string): MaybePromise<FileRecord | undefined>;
  /** The file, if it is of this account or shared with it. One statement, so that unknown and forbidden cost the same. */
  access(id: string, account: string, now: number): MaybePromise<FileRecord | undefined>;
  /** Those of an account, newest first, behind one of them or from the first one on. */
  list(owner: string, behind: FilePlace | undefined, limit: number): MaybePromise<readonly FileRecord[]>;
  /** What an account keeps: refused files are nothing. */
  usage(owner: string): MaybePromise<FileQuota>;
  /**
   * Compare-and-set of the state. False: it had another one.
   *
   * @param expiresAt - when it ends by itself from now on; undefined leaves that as it is
   */
  settle(
    id: string,
    seen: FileState,
    state: 'quarantine' | 'ready' | 'refused',
    note: string,
    expiresAt?: number,
  ): MaybePromise<boolean>;
  /** Has a file seen by nobody any more, and ends its shares. False: the account has none of this id. */
  remove(owner: string, id: string, until: number): MaybePromise<boolean>;
  /** What nobody sees to any more, and what has ended by itself. */
  abandoned(now: number, limit: number): MaybePromise<readonly FileRecord[]>;
  /**
   * Gives up a file that arrives or is partial, if nobody has said after `heldBefore` that it still does: before its bytes are removed, so
   * that none is completed whose bytes are gone. False: it was completed, or given up by another.
   */
  giveUp(id: string, heldBefore: number, until: number): MaybePromise<boolean>;
  /** Forgets the row of one that was removed or given up. False: there is none in such a state. */
  forget(id: string): MaybePromise<boolean>;
  /** Those in quarantine, in the store's own order of ids. */
  waiting(behind: string | undefined, limit: number): MaybePromise<readonly FileRecord[]>;
  /** All of them, in the store's own order of ids: for a change of keys. */
  after(id: string | undefined, limit: number): MaybePromise<readonly FileRecord[]>;
  /** Compare-and-set of the sealed key. */
  rekey(id: string, seen: string, sealedKey: string): MaybePromise<boolean>;
  readonly shares: FileShareStore;
}

/** What is seen of files. */
export function isSeen({ state }: FileRecord): boolean {
  return state !== 'arriving' && state !== 'partial' && state !== 'removed';
}

/** Whether a share is good still. The boundary itself is over. */
export function isLive({ expiresAt, once, usedAt }: FileShareRecord, now: number): boolean {
  return (expiresAt === undefined || expiresAt > now) && !(once && usedAt !== undefined);
}

export const fileRules: Rules<FileStore> = {
  begin: keep('file'),
  reserve: keep('file'),
  partial: look(undefined),
  partials: look(NONE),
  advance: keep('parts of the file', { names: 2, none: false }),
  renew: look(false),
  complete: keep('file', { names: 1, none: 'gone' }),
  find: look(undefined),
  access: look(undefined),
  list: look(NONE),
  usage: look(Object.freeze({ files: 0, bytes: 0 })),
  settle: keep('note of the file', { names: 1, none: false }),
  remove: look(false),
  abandoned: pass,
  giveUp: look(false),
  forget: look(false),
  waiting: from,
  after: from,
  rekey: keep('key of the file', { names: 2, none: false }),
  shares: {
    add: keep('share'),
    find: look(undefined),
    use: look(false),
    list: look(NONE),
    listWith: look(NONE),
    remove: look(false),
  },
};
