/**
 * Removing one's own account, after a time in which its owner may still change their mind: whoever found a signed-in browser
 * cannot do it for good, and neither can a bad hour.
 */
import { DELETION_CALLS } from '../browser.calls.ts';
import { errorName } from '../../core/errors.ts';
import { tendMethods } from '../../core/tended.ts';
import {
  DELETION_ACT,
  dueAt,
  type PendingDeletion,
  pendingDeletion,
  removalId,
  wishId,
} from '../../stores/pending-deletion.ts';
import type { AccountRecord } from '../../stores/ports/accounts.ts';
import type { ActRequestRecord } from '../../stores/ports/act-requests.ts';
import { ACCOUNTS_EVENTS } from '../accounts.events.ts';
import type { AccountsContext, AccountVisit, SeenFrom } from '../context.ts';
import type { Notices, NoticeText } from '../mail/notices.ts';
import { deletionAsked, newsOf } from '../mail/texts.ts';
import type { Credentials } from './credentials.ts';
import { removeAccount } from './removal.ts';

/**
 * What an application removes of its own, under the id of an account. It has four minutes; then `signal` is aborted, and it is called
 * again later, unless it ends well after all: what it stops at is to throw, as `signal.throwIfAborted()` does.
 */
export type OnDelete = (account: string, signal: AbortSignal) => unknown;

/** What became of a wish to be removed. `fresh`: the last proof is too long ago. `waiting`: it was asked for before. */
export type DeletionVerdict =
  | { readonly ok: true; readonly at: number }
  | { readonly ok: false; readonly reason: 'fresh' | 'waiting' };

/** What the parts of this room give. */
export interface DeletionParts {
  readonly context: AccountsContext;
  readonly notices: Notices;
  readonly credentials: Credentials;
  /** Removes an account here, for good. */
  readonly remove: (seen: SeenFrom, account: string) => Promise<boolean>;
}

const MINUTE = 60_000;
/** How long ago somebody must have proved who they are. */
const FRESH_MS = 15 * MINUTE;
/** Between looks for what is due. */
const EVERY_MS = 10 * MINUTE;
/** One process at a time tells the application, and another after so long where that one ended in the middle. */
const TURN = { count: 1, windowMs: 5 * MINUTE };
/** What the application has for its part: less than a turn. One that goes on all the same may be called in another process by then. */
const LIMIT_MS = 4 * MINUTE;
/** After one that was late and failed, this process waits for so long, and twice as long each time. */
const LATE_MS = EVERY_MS;
/** And for one that has not ended: what never does would pile up. */
const LONGEST_LATE_MS = 24 * 60 * MINUTE;
/** Of those that were late. */
const MOST_LATE = 1000;
const PAGE = 100;
/** A wish outlives a year without any process to fulfil it. */
const KEPT_MS = 400 * 24 * 60 * MINUTE;
/** Before a process without the option looks whether owners wait for it: one that is a command has ended by then. */
const LOOK_AFTER_MS = 10_000;
/** Who fulfils them. */
const NOBODY = 'the layer';
const PLACE: SeenFrom['client'] = { address: 'server', key: 'server' };

/** A part of the application that was late. */
interface Late {
  /** Until when the account is left alone. */
  readonly until: number;
  /** How long that is after a failure, in milliseconds. */
  readonly waits: number;
  /** Whether it has done its part by now, so that the removal is all that is left. */
  readonly isDone: boolean;
}

/** The removal of accounts by their owners. */
export class Deletion {
  readonly #parts: DeletionParts;
  readonly #after: number;
  readonly #onDelete: OnDelete | undefined;
  /** What this process is still at. */
  readonly #atWork = new Set<string>();
  readonly #late = new Map<string, Late>();

  /** @param after - how long an account waits, in milliseconds */
  constructor(parts: DeletionParts, after: number, onDelete: OnDelete | undefined) {
    this.#parts = parts;
    this.#after = after;
    this.#onDelete = onDelete;
  }

  /** How long an account waits for its owner's second thoughts, in milliseconds. */
  get waitsFor(): number {
    return this.#after;
  }

  /**
   * Asks for the removal of an account. It is signed out everywhere at once; its owner gets a mail with the day, and may sign in
   * until then and keep it.
   *
   * @throws BulwarkError ERR_BULWARK_SESSION_OVER where the session of the visit is over by now
   */
  async ask(visit: AccountVisit, record: AccountRecord): Promise<DeletionVerdict> {
    DELETION_CALLS.ask(visit, record);
    const { context, notices, credentials } = this.#parts;
    const { store, clock, activity } = context;
    const { id } = record;
    const { principal } = visit.session;
    const provedAt = Math.max(principal?.signedInAt ?? 0, principal?.mfaAt ?? 0);
    if (principal?.account !== id || clock() - provedAt > FRESH_MS) return { ok: false, reason: 'fresh' };
    await visit.session.confirm();
    const now = clock();
    const at = now + this.#after;
    const text: NoticeText = (sender, notice) => deletionAsked(sender, notice, at);
    return await notices.tellOf(visit, record, text, async (notMade): Promise<DeletionVerdict> => {
      const asked = await store.actRequests.ask(wishOf(id, now, at), now);
      if (!asked) {
        notMade();
        return { ok: false, reason: 'waiting' };
      }
      visit.audit(ACCOUNTS_EVENTS.deletionAsked, { account: id, changed: 'to be removed', on: dayOf(at) });
      await activity.add(visit, id, 'deletion-asked');
      await credentials.endSignIns(id);
      await visit.session.signOut();
      return { ok: true, at };
    });
  }

  /** When an account is to be removed, and whether that has begun. Undefined: its owner did not ask for it. */
  async pending(account: string): Promise<PendingDeletion | undefined> {
    DELETION_CALLS.pending(account);
    const { store, clock } = this.#parts.context;
    return await pendingDeletion(store, account, clock());
  }

  /** Keeps an account that was to be removed. False: it was not, or its removal has begun. */
  async keep(visit: AccountVisit, record: AccountRecord): Promise<boolean> {
    DELETION_CALLS.keep(visit, record);
    const { context, notices } = this.#parts;
    const { id } = record;
    await visit.session.confirm();
    return await notices.tellOf(visit, record, KEPT, async (notMade) => {
      // Of this and the removal, exactly one gets it.
      const kept = await context.store.actRequests.remove(DELETION_ACT, wishId(id));
      if (!kept) {
        notMade();
        return false;
      }
      visit.audit(ACCOUNTS_EVENTS.updated, { account: id, changed: 'kept' });
      await context.activity.add(visit, id, 'deletion-withdrawn');
      return true;
    });
  }

  /**
   * Removes the accounts whose day has come. It runs by itself every ten minutes; of several processes one removes an account,
   * and where the application's own part fails or takes longer than four minutes, it is looked at again. Returns how many this one
   * removed. What an earlier call in this process is still at is left to that one.
   */
  async run(): Promise<number> {
    const { store, clock } = this.#parts.context;
    let count = 0;
    let after: string | undefined;
    for (;;) {
      const page = await store.actRequests.list(DELETION_ACT, after, PAGE, clock());
      for (const request of page) if (await this.#fulfil(request)) count += 1;
      after = page.at(-1)?.id;
      if (page.length < PAGE || after === undefined) return count;
    }
  }

  /** Has it run by itself. Returns what stops that. */
  start(): () => void {
    const timer = setInterval(() => {
      this.run().catch((error: unknown) => this.#failed(undefined, error));
    }, EVERY_MS).unref();
    return () => clearInterval(timer);
  }

  async #fulfil(request: ActRequestRecord): Promise<boolean> {
    const { id, account } = request;
    const now = this.#parts.context.clock();
    if (dueAt(request) > now || this.#atWork.has(account)) return false;
    if ((this.#late.get(account)?.until ?? 0) > now) return false;
    this.#atWork.add(account);
    try {
      if (id === wishId(account) && !(await this.#begin(request))) return false;
      return await this.#finish(account);
    } finally {
      this.#atWork.delete(account);
    }
  }

  /** From here on the account is not to be kept. A process that ends at any moment leaves one of the two rows to another. */
  async #begin({ id, account, reason, askedAt }: ActRequestRecord): Promise<boolean> {
    const { store, clock } = this.#parts.context;
    const now = clock();
    return await store.actRequests.replace(id, askedAt, removalOf(account, reason, now), now);
  }

  async #finish(account: string): Promise<boolean> {
    const { store, counters, clock, audit } = this.#parts.context;
    const turn = await counters.take(`account-removal/${account}`, TURN, clock());
    if (!turn.allowed) return false;
    // The list may be old by now: another process has done it, or an operator.
    if ((await store.actRequests.find(DELETION_ACT, removalId(account), clock())) === undefined) return false;
    try {
      // The application first: once the account is gone, nobody would know of rows that are left.
      await this.#tell(account);
    } catch (error) {
      // What the application said of it, whole: nothing else tells its operator where to look.
      const part = 'accounts.onDelete';
      this.#parts.context.audit(ACCOUNTS_EVENTS.notRemoved, { account, part, error });
      return false;
    }
    try {
      const removed = await this.#parts.remove({ audit, client: PLACE, userAgent: '' }, account);
      this.#late.delete(account);
      return removed;
    } catch (error) {
      this.#failed(account, error);
      return false;
    }
  }

  /** Has the application do its part. One that hangs must not keep the others waiting, nor its own account for ever. */
  async #tell(account: string): Promise<void> {
    if (this.#onDelete === undefined || this.#late.get(account)?.isDone === true) return;
    const ended = new AbortController();
    const overdue = Promise.withResolvers<never>();
    const part = Promise.resolve(this.#onDelete(account, ended.signal));
    const timer = setTimeout(() => {
      const late = new DOMException('accounts.onDelete took longer than four minutes.', 'TimeoutError');
      this.#wasLate(account, part);
      ended.abort(late);
      overdue.reject(late);
    }, LIMIT_MS).unref();
    try {
      await Promise.race([part, overdue.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** One that always takes longer would be called for ever, and twice at once: how it ends counts, whenever that is. */
  #wasLate(account: string, part: Promise<unknown>): void {
    const { clock } = this.#parts.context;
    const waits = Math.min((this.#late.get(account)?.waits ?? LATE_MS / 2) * 2, LONGEST_LATE_MS);
    this.#note(account, { until: clock() + LONGEST_LATE_MS, waits, isDone: false });
    void part.then(
      () => this.#note(account, { until: 0, waits, isDone: true }),
      () => this.#note(account, { until: clock() + waits, waits, isDone: false }),
    );
  }

  #note(account: string, late: Late): void {
    this.#late.delete(account);
    this.#late.set(account, late);
    const [oldest] = this.#late.keys();
    if (oldest !== undefined && this.#late.size > MOST_LATE) this.#late.delete(oldest);
  }

  #failed(account: string | undefined, error: unknown): void {
    this.#parts.context.audit(ACCOUNTS_EVENTS.notRemoved, { account, error: errorName(error) });
  }

  static {
    tendMethods(Deletion, (its) => its.#parts.context.audit);
  }
}

/** That of a policy, where it lets owners remove their accounts. */
export function deletionOf(parts: Omit<DeletionParts, 'remove'>): Deletion | undefined {
  const { context } = parts;
  const { deleteAfter, onDelete } = context.settings;
  if (deleteAfter === undefined) return undefined;
  const remove: DeletionParts['remove'] = (seen, id) => removeAccount(context, parts, seen, id);
  return new Deletion({ ...parts, remove }, deleteAfter, onDelete);
}

/**
 * Says so where owners wait for the removal of their accounts and the policy does not let them any more: nobody fulfils it
 * then, since what the application has of them would be left. Returns what stops that.
 */
export function warnOfWishes(context: Pick<AccountsContext, 'store' | 'clock' | 'audit'>): () => void {
  const { store, clock, audit } = context;
  const look = async (): Promise<void> => {
    const [wish] = await store.actRequests.list(DELETION_ACT, undefined, 1, clock());
    if (wish !== undefined) audit(ACCOUNTS_EVENTS.wishesLeft, { option: 'accounts.deleteAfter' });
  };
  const timer = setTimeout(() => {
    look().catch((error: unknown) => {
      audit(ACCOUNTS_EVENTS.notRemoved, { account: undefined, error: errorName(error) });
    });
  }, LOOK_AFTER_MS).unref();
  return () => clearTimeout(timer);
}

const KEPT = newsOf('mail.news.deletionKept');

function wishOf(account: string, now: number, at: number): ActRequestRecord {
  const due = { reason: String(at), askedAt: now, expiresAt: at + KEPT_MS };
  return { id: wishId(account), act: DELETION_ACT, account, askedBy: account, ...due };
}

function removalOf(account: string, reason: string, now: number): ActRequestRecord {
  const begun = { reason, askedAt: now, expiresAt: now + KEPT_MS };
  return { id: removalId(account), act: DELETION_ACT, account, askedBy: NOBODY, ...begun };
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
