/** Mails in the store until the mail server has them: a process that is killed loses none. */
import { randomId } from '../../core/random.ts';
import type { KeyRing } from '../../core/key-ring.ts';
import type { OutboxRecord, OutboxStore } from '../../stores/ports/mail.ts';
import { ACCOUNTS_KEYS } from '../accounts.keys.ts';
import type { Mail } from './mail.ts';

/** Which queue a mail is of. */
export type MailLane = 'asked' | 'notice';

/** A mail, and the row that stands for it in the store. */
export interface KeptMail {
  readonly mail: Mail;
  readonly lane: MailLane;
  readonly row: OutboxRecord;
}

const ID_BYTES = 16;
const FREE = 0;

/** The outbox, as this process sees it. */
export class Outbox {
  readonly #store: OutboxStore;
  readonly #keys: KeyRing;
  readonly #leaseMs: number;

  /** @param leaseMs - how long one try may take and be somebody's: after it any other process sends the mail */
  constructor(store: OutboxStore, keys: KeyRing, leaseMs: number) {
    this.#store = store;
    this.#keys = keys;
    this.#leaseMs = leaseMs;
  }

  /** A mail for the store, held by this process for a first try. Its link opens nothing to who reads the store. */
  seal(lane: MailLane, mail: Mail, lifeMs: number): KeptMail {
    const id = randomId(ID_BYTES);
    const now = Date.now();
    const sealed = this.#keys.seal(ACCOUNTS_KEYS.mail, Buffer.from(JSON.stringify({ ...mail, lane })), id);
    const row = { id, sealed, heldUntil: now + this.#leaseMs, tries: 1, expiresAt: now + lifeMs };
    return { lane, mail, row };
  }

  /** Stores a mail that is not stored with what it tells of. */
  async put({ row }: KeptMail): Promise<void> {
    await this.#store.put(row);
  }

  /** Takes over what nobody holds: rows of processes that ended, and those that were let go of. */
  async claim(limit: number): Promise<readonly OutboxRecord[]> {
    const now = Date.now();
    return await this.#store.claim(now, now + this.#leaseMs, limit);
  }

  /** What is in a row; undefined where it was tampered with, or sealed by a key that is gone. */
  open(row: OutboxRecord): KeptMail | undefined {
    const opened = this.#keys.open(ACCOUNTS_KEYS.mail, row.sealed, row.id);
    if (opened === undefined) return undefined;
    const { lane, to, subject, text } = JSON.parse(opened.plaintext.toString()) as Mail & { lane: MailLane };
    return { lane, mail: { to, subject, text }, row };
  }

  /**
   * Holds a mail over a pause and a try. Undefined: another process has it, or it is gone.
   *
   * @param tries - that were begun, with this one
   */
  async hold(
    { row, ...kept }: KeptMail,
    pauseMs: number,
    tries: number = row.tries + 1,
  ): Promise<KeptMail | undefined> {
    const heldUntil = Date.now() + pauseMs + this.#leaseMs;
    if (!(await this.#store.hold(row.id, row.heldUntil, heldUntil, tries))) return undefined;
    return { ...kept, row: { ...row, heldUntil, tries } };
  }

  /** Lets go of a mail, for the next process. */
  async release({ row }: KeptMail): Promise<void> {
    await this.#store.hold(row.id, row.heldUntil, FREE, row.tries);
  }

  /** Forgets a mail that was sent or given up. */
  async remove({ id }: OutboxRecord): Promise<void> {
    await this.#store.remove(id);
  }

  async count(): Promise<number> {
    return await this.#store.count();
  }
}
