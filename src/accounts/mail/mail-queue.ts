/** Hands mails to what sends them: again where it fails, and not for ever. */
import { BulwarkError } from '../../core/errors.ts';
import type { Audit, DetailsOf } from '../../core/events.ts';
import type { KeyRing } from '../../core/key-ring.ts';
import type { OutboxRecord, OutboxStore } from '../../stores/ports/mail.ts';
import { ACCOUNTS_EVENTS } from '../accounts.events.ts';
import { Background } from '../background.ts';
import type { Mail, MailTransport } from './mail.ts';
import { describeMailError, isPermanent, MailTries } from './mail-tries.ts';
import { type KeptMail, Outbox } from './outbox.ts';

/** Pauses before another try, in milliseconds. */
const PAUSES: readonly number[] = [1000, 10_000, 60_000];
const DEADLINE_MS = 30_000;
/** Between looks for what processes left that ended. */
const POLL_MS = 15_000;
const FIRST_LOOK_MS = 1000;
/** Processes that may end while they send one mail, until it is taken for the reason. */
const MOST_CRASHES = 5;
/** Mails that a process takes over at once. */
const MOST_CLAIMED = 50;
/** Mails in the store, of all processes, from which on nobody may ask for more. */
const MOST_STORED = 10_000;
/** News of a week ago is none. */
const NEWS_MS = 7 * 24 * 3_600_000;

/** What strangers ask for: whoever floods it gets in the way of others who ask, and of nobody else. */
const ASKED = { atOnce: 4, most: 1000 } as const;
/** What owners must hear, kept apart: a flood of requests must not hide that a password was changed. */
const NOTICES = { atOnce: 2, most: 1000 } as const;

/** Notices of one kind to one owner that wait: who presses a button all day must not fill the place of all others. */
const MOST_ALIKE = 8;

/** How a mail queue works, where it is not by default. */
export interface MailQueuePace {
  /** Milliseconds before each further try. */
  readonly pauses?: readonly number[];
  /** Milliseconds that one try may take. */
  readonly deadlineMs?: number;
  /** Milliseconds between looks for what processes left that ended. */
  readonly pollMs?: number;
}

/** Where a mail queue keeps its mails. */
export interface MailQueuePlace {
  readonly outbox: OutboxStore;
  readonly keys: KeyRing;
  /** Whether the store is there after this process. */
  readonly lasts: boolean;
}

/**
 * Sends the mails of one application. Each is in the store until the mail server has it, so that one whose process was
 * killed is sent by another: once at least, and in rare cases twice.
 */
export class MailQueue {
  /** Looks up who is meant and writes to them, for requests that anyone can make. */
  readonly asked: Background;
  readonly #notices: Background;
  readonly #tries: MailTries;
  readonly #outbox: Outbox;
  readonly #audit: Audit;
  readonly #pauses: readonly number[];
  readonly #lasts: boolean;
  readonly #poll: NodeJS.Timeout;
  readonly #deadlineMs: number;
  /** What this process sends, or will once its change is made, by the ids of rows. */
  readonly #held = new Map<string, KeptMail>();
  /** Rows of notices whose change is under way. */
  readonly #ahead = new Set<string>();
  /** Notices on their way, by address and subject. */
  readonly #alike = new Map<string, number>();
  #isFull = false;

  /** @param audit - for what belongs to no request */
  constructor(transport: MailTransport, audit: Audit, place: MailQueuePlace, pace: MailQueuePace = {}) {
    const { deadlineMs = DEADLINE_MS, pollMs = POLL_MS } = pace;
    this.#audit = audit;
    this.#deadlineMs = deadlineMs;
    this.#tries = new MailTries(transport, deadlineMs);
    this.#outbox = new Outbox(place.outbox, place.keys, 2 * deadlineMs);
    this.#lasts = place.lasts;
    this.#pauses = pace.pauses ?? PAUSES;
    const failed = (error: string): void =>
      audit(ACCOUNTS_EVENTS.mailNotSent, { service: 'mail', error, reason: 'a mail was not written' });
    const full = (waiting: number): void => {
      const reason = 'too many mails wait to be sent: whoever asks for one is told to come again';
      audit(ACCOUNTS_EVENTS.mailNotSent, { service: 'mail', waiting, reason });
    };
    this.asked = new Background({ ...ASKED, isFull: () => this.#isFull }, { failed, full });
    this.#notices = new Background(NOTICES, { failed });
    this.#poll = setInterval(() => this.#look(), pollMs).unref();
    setTimeout(() => this.#look(), Math.min(pollMs, FIRST_LOOK_MS)).unref();
  }

  /**
   * A mail to be stored by the write that it tells of: hand its `row` to the store, then the mail to {@link send} or
   * {@link tell}.
   *
   * @param lifeMs - how long its link works
   */
  seal(mail: Mail, lifeMs: number): KeptMail {
    return this.#outbox.seal('asked', mail, lifeMs);
  }

  /** As {@link seal}, for a notice to an owner. */
  sealNotice(mail: Mail): KeptMail {
    return this.#outbox.seal('notice', mail, NEWS_MS);
  }

  /** Stores a mail whose news no write of this store brings. One that cannot be stored is sent all the same. */
  async store(kept: KeptMail): Promise<void> {
    await quietly(this.#outbox.put(kept));
  }

  /**
   * Stores a notice before the change that it tells of, which is made by another write. Then {@link tell} it, or
   * {@link drop} it where nothing changed. A process that is killed in between leaves it to another, which sends it.
   *
   * @throws StoreDownError where it cannot be stored: nothing may change then
   */
  async storeAhead(kept: KeptMail): Promise<void> {
    const { id } = kept.row;
    this.#ahead.add(id);
    this.#held.set(id, kept);
    try {
      await this.#outbox.put(kept);
    } catch (error) {
      await this.drop(kept);
      throw error;
    }
  }

  /** Forgets a notice that was stored ahead of a change that was not made. */
  async drop({ row }: KeptMail): Promise<void> {
    this.#ahead.delete(row.id);
    this.#held.delete(row.id);
    await quietly(this.#outbox.remove(row));
  }

  /**
   * Sends a mail that was asked for and is stored, from a task of `asked`. Returns after the first try: others come
   * later. Never throws: a mail that cannot be sent is an event, by its subject, which holds nothing secret.
   */
  async send(audit: Audit, kept: KeptMail): Promise<void> {
    await this.#try(this.asked, audit, kept);
  }

  /**
   * Sends a stored mail to an owner of an account, whatever strangers ask for meanwhile. Once closed, it is left to
   * another process, where the store lasts.
   *
   * @throws BulwarkError ERR_BULWARK_QUEUE_FULL where too many of these wait, or eight of one kind for one owner: it is
   * given up then
   */
  tell(audit: Audit, kept: KeptMail): void {
    this.#ahead.delete(kept.row.id);
    try {
      this.#add(this.#notices, audit, kept);
    } catch (error) {
      const held = this.#held.get(kept.row.id) ?? kept;
      if (this.#lasts && this.#notices.closed) {
        this.#held.delete(kept.row.id);
        void quietly(this.#outbox.release(held));
        return;
      }
      void this.drop(kept);
      throw error;
    }
  }

  /** Waits until every mail is sent or given up, and keeps the process until then. */
  async settled(): Promise<void> {
    do {
      await this.asked.settled();
      await this.#notices.settled();
    } while (this.asked.held > 0 && !this.asked.closed);
  }

  /** Waits for what is on its way, no longer than told. The rest is left to another process, where the store lasts. */
  async close(graceMs: number): Promise<void> {
    clearInterval(this.#poll);
    const late = setTimeout(() => this.#giveUp(), graceMs);
    await this.settled();
    clearTimeout(late);
    this.#giveUp();
    // One whose change is under way is told of by whoever makes it, or once nobody holds it.
    const waiting = [...this.#held.values()].filter(({ row }) => !this.#ahead.has(row.id));
    await Promise.all(waiting.map((kept) => quietly(this.#outbox.release(kept))));
  }

  #add(lane: Background, audit: Audit, kept: KeptMail): void {
    const news = newsOf(kept.mail);
    const alike = this.#alike.get(news) ?? 0;
    if (lane === this.#notices && alike >= MOST_ALIKE) {
      throw new BulwarkError('ERR_BULWARK_QUEUE_FULL', 'Too many of this kind wait.');
    }
    lane.add(() => this.#try(lane, audit, kept));
    if (!this.#held.has(kept.row.id)) this.#held.set(kept.row.id, kept);
    if (lane === this.#notices) this.#alike.set(news, alike + 1);
  }

  async #try(lane: Background, audit: Audit, given: KeptMail): Promise<void> {
    const kept = await this.#holdOn(this.#held.get(given.row.id) ?? given);
    if (kept === undefined) {
      this.#forget(lane, given);
      return;
    }
    const { mail, row } = kept;
    this.#held.set(row.id, kept);
    const tries = row.tries;
    try {
      if (row.expiresAt <= Date.now()) return await this.#drop(lane, audit, kept, { reason: OVER });
      await this.#tries.post(lane, mail);
      await this.#over(lane, kept);
    } catch (error) {
      if (lane.closed) return;
      const pause = isPermanent(error) ? undefined : this.#pauses[tries - 1];
      if (pause === undefined) {
        await this.#drop(lane, audit, kept, { tries, ...describeMailError(error), reason: NOT_SENT });
        return;
      }
      const held = await this.#hold(kept, pause);
      if (held === undefined) this.#forget(lane, kept);
      else lane.later(pause, () => this.#try(lane, audit, held));
    }
  }

  /** The mail, held for the whole of a try. Undefined: it waited so long that another process sends it. */
  async #holdOn(kept: KeptMail): Promise<KeptMail | undefined> {
    if (kept.row.heldUntil - Date.now() >= this.#deadlineMs) return kept;
    try {
      return await this.#outbox.hold(kept, 0, kept.row.tries);
    } catch (error) {
      void error;
      return kept;
    }
  }

  /** The mail for another try. Undefined: another process sends it. Where the store is gone, this one goes on. */
  async #hold(tried: KeptMail, pause: number): Promise<KeptMail | undefined> {
    const kept = this.#held.get(tried.row.id) ?? tried;
    let held: KeptMail | undefined;
    try {
      held = await this.#outbox.hold(kept, pause);
    } catch (error) {
      void error;
      held = { ...kept, row: { ...kept.row, tries: kept.row.tries + 1 } };
    }
    if (held !== undefined) this.#held.set(held.row.id, held);
    return held;
  }

  async #drop(lane: Background, audit: Audit, kept: KeptMail, why: Failure): Promise<void> {
    await this.#over(lane, kept);
    audit(ACCOUNTS_EVENTS.mailNotSent, { service: 'mail', subject: kept.mail.subject, ...why });
  }

  /** A mail is on its way no longer: sent, or given up. */
  async #over(lane: Background, kept: KeptMail): Promise<void> {
    this.#forget(lane, kept);
    await quietly(this.#outbox.remove(kept.row));
  }

  #forget(lane: Background, { mail, row }: KeptMail): void {
    this.#held.delete(row.id);
    if (lane !== this.#notices) return;
    const news = newsOf(mail);
    const alike = (this.#alike.get(news) ?? 1) - 1;
    if (alike > 0) this.#alike.set(news, alike);
    else this.#alike.delete(news);
  }

  #look(): void {
    if (!this.asked.closed) void quietly(this.#takeOver());
  }

  /** Sends what other processes left. */
  async #takeOver(): Promise<void> {
    this.#isFull = (await this.#outbox.count()) >= MOST_STORED;
    const room = Math.min(ASKED.most - this.asked.held, NOTICES.most - this.#notices.held, MOST_CLAIMED);
    if (room <= 0) return;
    for (const row of await this.#outbox.claim(room)) await this.#resume(row);
  }

  async #resume(row: OutboxRecord): Promise<void> {
    const known = this.#held.get(row.id);
    if (known !== undefined) {
      // Its change, its turn or its try took longer than this process held it: it goes on holding it.
      this.#held.set(row.id, { ...known, row: { ...row, tries: known.row.tries } });
      return;
    }
    const kept = this.#outbox.open(row);
    const lost = kept === undefined ? UNREADABLE : CRASHES;
    if (kept === undefined || row.tries > this.#pauses.length + 1 + MOST_CRASHES) {
      await this.#outbox.remove(row);
      this.#audit(ACCOUNTS_EVENTS.mailNotSent, { service: 'mail', tries: row.tries, reason: lost });
      return;
    }
    try {
      this.#add(kept.lane === 'asked' ? this.asked : this.#notices, this.#audit, kept);
    } catch (error) {
      void error;
      await this.#outbox.release(kept);
    }
  }

  #giveUp(): void {
    const held = this.asked.close() + this.#notices.close();
    this.#tries.abort();
    if (held === 0) return;
    const waiting = this.#lasts ? this.#held.size - this.#ahead.size : 0;
    const lost = held - waiting;
    const reason = 'the process ended before these mails were sent';
    if (lost > 0) this.#audit(ACCOUNTS_EVENTS.mailNotSent, { service: 'mail', lost, reason });
    if (waiting === 0) return;
    this.#audit(ACCOUNTS_EVENTS.mailNotSent, {
      service: 'mail',
      waiting,
      reason: `${reason}: the next one sends them`,
    });
  }
}

/** What an event says of a mail that is given up. */
type Failure = Omit<DetailsOf<typeof ACCOUNTS_EVENTS.mailNotSent>, 'service' | 'subject'>;

const NOT_SENT = 'the mail was not sent';
const OVER = 'the mail was not sent while its link worked';
const UNREADABLE = 'a mail in the store could not be opened: it was changed there, or its key is gone';
const CRASHES = 'a mail was given up: each process that sent it ended meanwhile';

/** What two notices have in common that say the same to the same owner. */
function newsOf({ to, subject }: Mail): string {
  return `${to}\n${subject}`;
}

/** What a store that is gone says itself: a mail is sent without it, and at worst twice. */
async function quietly(work: Promise<unknown>): Promise<void> {
  await work.catch(() => undefined);
}
