/**
 * A key for each person that the log tells of. What is sealed under it can be read while the key is there: whoever destroys
 * the key makes all of it unreadable, in every copy of the log, and no record of a chain has changed.
 *
 * Keys are kept wrapped by the key ring, with whose they are, under a name that only the ring can make of an account. They are in the database
 * before a record that needs them is in the log: a crash in between leaves a key of nothing, and never a record without one.
 */
import { createSecretKey, hash, type KeyObject } from 'node:crypto';
import { open as openFile } from 'node:fs/promises';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { BulwarkError, errorName } from '../../core/errors.ts';
import { type KeyRing, openUnder, sealUnder } from '../../core/key-ring.ts';
import { randomBytes, randomHex } from '../../core/random.ts';
import { LOG_KEYS } from '../log.keys.ts';
import { openKeys } from './open-keys.ts';

/** Someone whose key is there. */
export interface Person {
  /** What the log calls them: chance, which nothing but this database leads from to an account. */
  readonly ref: string;
  readonly key: KeyObject;
}

const MOST_KNOWN = 10_000;
const MOST_ACCOUNT = 300;
/** Written at once: those who serve write too, and wait for a moment only. */
const BATCH = 200;
const PAUSE_MS = 20;
/** How long destroyed keys may wait for whoever still reads the file. */
const WIPE_MS = 3_000;
const KEY_BYTES = 32;
const REF_BYTES = 8;
const DAY_MS = 86_400_000;

/** The keys of one machine, in one file for all of its processes. */
export class PersonKeys {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #ring: KeyRing;
  readonly #clock: () => number;
  readonly #version: StatementSync;
  readonly #known = new Map<string, Person & { readonly day: number }>();
  readonly #opened = new Map<string, KeyObject>();
  readonly #onTurn = (): void => {
    this.#hasLooked = false;
  };
  #hasLooked = false;
  #seenVersion = -1;
  #generation = -1;
  /** Keys that were made, and how many of them are on the disk. */
  #made = 0;
  #settled = 0;

  /** @throws BulwarkError ERR_BULWARK_AUDIT_FILE where the database cannot be opened */
  constructor(path: string, ring: KeyRing, clock: () => number = Date.now) {
    this.#path = path;
    this.#ring = ring;
    this.#clock = clock;
    try {
      this.#database = openKeys(path);
    } catch (cause) {
      const message = `audit.personal.keys: ${path} cannot be opened (${errorName(cause)})`;
      throw new BulwarkError('ERR_BULWARK_AUDIT_FILE', message, { cause });
    }
    this.#version = this.#database.prepare('PRAGMA data_version');
  }

  /** The person of an account, who is given a key where there is none. Throws where the database takes none. */
  of(account: string): Person {
    this.#look();
    const name = nameOf(account);
    const day = Math.floor(this.#clock() / DAY_MS);
    const known = this.#known.get(name);
    if (known?.day === day) return known;
    const person = this.#find(name, day) ?? this.#make(name, day);
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(name, { ...person, day });
    return person;
  }

  /** What the log calls an account. None: it tells nothing of it that can still be read. */
  refsOf(account: string): readonly string[] {
    return this.#ownersOf(nameOf(account)).flatMap((owner) =>
      this.#database
        .prepare('SELECT ref FROM person WHERE owner = ?')
        .all(owner)
        .map(({ ref }) => String(ref)),
    );
  }

  /** Has all keys on the disk that were made so far: before records are written there. Keeps nobody waiting but who asks. */
  async settle(): Promise<void> {
    const made = this.#made;
    if (this.#settled === made) return;
    // What was committed stands in the log of SQLite, which holds no lock that another descriptor of it could end.
    const log = await openFile(`${this.#path}-wal`, 'r+');
    try {
      await log.datasync();
    } finally {
      await log.close();
    }
    this.#settled = made;
  }

  /** The same for the end of a process, where nothing can be waited for. */
  settleNow(): void {
    if (this.#settled === this.#made) return;
    // With WAL a commit at FULL syncs all that was committed before it.
    this.#database.exec('PRAGMA synchronous = FULL');
    try {
      this.#database.exec('UPDATE state SET settled = settled + 1');
    } finally {
      this.#database.exec('PRAGMA synchronous = NORMAL');
    }
    this.#settled = this.#made;
  }

  /** Opens what was sealed for a person. Undefined: the key is gone, or it was changed. */
  open(ref: string, sealed: string, context: string): string | undefined {
    const key = this.#keyOf(ref);
    return key && openUnder(key, sealed, `${ref}/${context}`)?.toString();
  }

  /** Of persons as the log calls them, those whose keys are there. */
  present(refs: readonly string[]): readonly string[] {
    const find = this.#database.prepare('SELECT 1 FROM person WHERE ref = ?');
    return refs.filter((ref) => find.get(ref) !== undefined);
  }

  /** Persons that no event was about for so many days. */
  unused(days: number): readonly string[] {
    const before = Math.floor(this.#clock() / DAY_MS) - days;
    const rows = this.#database.prepare('SELECT ref FROM person WHERE used < ?').all(before);
    return rows.map(({ ref }) => String(ref));
  }

  /**
   * Destroys keys, by what the log calls their persons. In one step for each: it is gone, other processes will notice, and what a
   * log has yet to say is kept.
   *
   * @throws BulwarkError ERR_BULWARK_AUDIT_FILE where the keys are gone and their bytes are not: another program reads the file
   */
  forget(refs: readonly string[]): void {
    const drop = this.#database.prepare('DELETE FROM person WHERE ref = ?');
    const note = this.#database.prepare('INSERT OR IGNORE INTO forgotten VALUES (?)');
    for (let at = 0; at < refs.length; at += BATCH) {
      if (at > 0) pause(PAUSE_MS);
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        for (const ref of refs.slice(at, at + BATCH)) if (drop.run(ref).changes > 0) note.run(ref);
        this.#database.exec('UPDATE state SET generation = generation + 1; COMMIT');
      } catch (error) {
        this.#database.exec('ROLLBACK');
        throw error;
      }
      this.#known.clear();
      this.#opened.clear();
    }
    this.#wipe();
  }

  /** What was destroyed and no log says so yet: a crash may come between. */
  untold(): readonly string[] {
    return this.#database
      .prepare('SELECT ref FROM forgotten')
      .all()
      .map(({ ref }) => String(ref));
  }

  /** The log says so now. */
  told(refs: readonly string[]): void {
    const drop = this.#database.prepare('DELETE FROM forgotten WHERE ref = ?');
    for (const ref of refs) drop.run(ref);
  }

  /**
   * Wraps every key by the current secret: before an older one is taken out of the ring, or what only that one opens is lost.
   *
   * @returns how many were wrapped anew, and how many no secret of the ring opens
   */
  rewrap(): { readonly wrapped: number; readonly lost: number } {
    let [wrapped, lost, after] = [0, 0, ''];
    const next = this.#database.prepare('SELECT ref, key FROM person WHERE ref > ? ORDER BY ref LIMIT ?');
    const renew = this.#database.prepare('UPDATE person SET key = ?, owner = ? WHERE ref = ?');
    for (;;) {
      this.#database.exec('BEGIN IMMEDIATE');
      const rows = next.all(after, BATCH).map(({ ref, key }) => ({ ref: String(ref), key: String(key) }));
      for (const { ref, key } of rows) {
        const opened = this.#ring.open(LOG_KEYS.persons, key, ref);
        if (opened === undefined) lost += 1;
        if (opened === undefined || opened.current) continue;
        const [owner = ''] = this.#ownersOf(opened.plaintext.toString('utf8', KEY_BYTES));
        renew.run(this.#ring.seal(LOG_KEYS.persons, opened.plaintext, ref), owner, ref);
        wrapped += 1;
      }
      this.#database.exec('COMMIT');
      after = rows.at(-1)?.ref ?? '';
      if (rows.length < BATCH) break;
      pause(PAUSE_MS);
    }
    // As a key that is destroyed: the old wrapping must not lie about.
    this.#wipe();
    return { wrapped, lost };
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  /** The log of SQLite has pages as they were, until it is cut; and it is not while somebody reads from it. */
  #wipe(): void {
    const cut = this.#database.prepare('PRAGMA wal_checkpoint(TRUNCATE)');
    for (const end = performance.now() + WIPE_MS; cut.get()?.['busy'] !== 0; pause(PAUSE_MS))
      if (performance.now() > end)
        throw new BulwarkError(
          'ERR_BULWARK_AUDIT_FILE',
          `audit.personal.keys: the keys are gone, their bytes not yet: another program reads ${this.#path}, such as a backup. Once it is done, run this again`,
        );
  }

  /** Whether another process has destroyed keys: a copy of one in memory would go on being used. */
  #look(): void {
    // Once a turn of the event loop: SQLite takes locks for it, and within a turn nobody else comes first.
    if (this.#hasLooked) return;
    this.#hasLooked = true;
    setImmediate(this.#onTurn).unref();
    const version = Number(this.#version.get()?.['data_version']);
    if (version === this.#seenVersion) return;
    this.#seenVersion = version;
    const row = this.#database.prepare('SELECT generation FROM state').get();
    const generation = Number(row?.['generation']);
    if (generation !== this.#generation) {
      this.#known.clear();
      this.#opened.clear();
    }
    this.#generation = generation;
  }

  #find(name: string, day: number): Person | undefined {
    for (const owner of this.#ownersOf(name)) {
      const row = this.#database.prepare('SELECT ref, key FROM person WHERE owner = ? LIMIT 1').get(owner);
      if (row === undefined) continue;
      const ref = String(row['ref']);
      const key = this.#unwrap(ref, String(row['key']));
      // Of a secret that is not in the ring any more: what it sealed is lost, and the person needs another.
      if (key === undefined) continue;
      this.#noteUse(ref, day);
      return { ref, key };
    }
    return undefined;
  }

  /** For {@link unused} alone, which is days late at most: whoever writes meanwhile must cost no event its person. */
  #noteUse(ref: string, day: number): void {
    try {
      this.#database.prepare('UPDATE person SET used = ? WHERE ref = ? AND used < ?').run(day, ref, day);
    } catch {
      return;
    }
  }

  #make(name: string, day: number): Person {
    // Of digits in which nobody sees a credential that is to be redacted.
    const ref = randomHex(REF_BYTES);
    const bytes = randomBytes(KEY_BYTES);
    // With the name: once the secret is another one, a row has to be found by a name that is made anew.
    const wrapped = this.#ring.seal(LOG_KEYS.persons, Buffer.concat([bytes, Buffer.from(name)]), ref);
    const [owner = ''] = this.#ownersOf(name);
    this.#made += 1;
    this.#database.prepare('INSERT INTO person VALUES (?, ?, ?, ?)').run(ref, owner, wrapped, day);
    return { ref, key: createSecretKey(bytes) };
  }

  #keyOf(ref: string): KeyObject | undefined {
    this.#look();
    const known = this.#opened.get(ref);
    if (known !== undefined) return known;
    const row = this.#database.prepare('SELECT key FROM person WHERE ref = ?').get(ref);
    const key = row === undefined ? undefined : this.#unwrap(ref, String(row['key']));
    if (key === undefined) return undefined;
    if (this.#opened.size >= MOST_KNOWN) this.#opened.clear();
    this.#opened.set(ref, key);
    return key;
  }

  #unwrap(ref: string, wrapped: string): KeyObject | undefined {
    const opened = this.#ring.open(LOG_KEYS.persons, wrapped, ref);
    return opened && createSecretKey(opened.plaintext.subarray(0, KEY_BYTES));
  }

  #ownersOf(name: string): readonly string[] {
    return this.#ring.signWithEach(LOG_KEYS.personNames, name).map((tag) => tag.toString('base64url'));
  }
}

/** Seals a text for a person. */
export function sealFor({ ref, key }: Person, plaintext: string, context: string): string {
  return sealUnder(key, Buffer.from(plaintext), `${ref}/${context}`);
}

/** One person is one, in whatever case an address was typed. Ids that differ in case are two persons, and so are long ones that end differently. */
function nameOf(account: string): string {
  const one = account.normalize('NFC');
  const name = one.includes('@') ? one.toLowerCase() : one;
  return name.length > MOST_ACCOUNT ? `sha256:${hash('sha256', name)}` : name;
}

/** In a command, which has nothing else to do. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
