/**
 * Staying signed in: a browser whose owner asked for it begins another session when the last one is over. Its token changes at
 * each use; one that comes back after that is a copy, and ends all of the family.
 */
import { hash } from 'node:crypto';
import { STAY_CALLS } from '../browser.calls.ts';
import { ACCOUNTS_EVENTS } from '../accounts.events.ts';
import { tendMethods } from '../../core/tended.ts';
import type { SessionCompanion, UnusedSessions } from '../../controls/sessions/session-stay.ts';
import { STAY_VALUE } from '../../controls/sessions/session-stay.ts';
import type { AccountRecord } from '../../stores/ports/accounts.ts';
import type { StayRecord } from '../../stores/ports/stays.ts';
import type { AccountsContext, AccountVisit } from '../context.ts';
import type { Notices } from '../mail/notices.ts';
import { newsOf } from '../mail/texts.ts';
import {
  EXPIRED_STAY_COOKIE,
  hashStayToken,
  newStayTicket,
  readStayCookie,
  stayCookie,
  type StayTicket,
  successorsOf,
} from './stay-cookie.ts';

/** One line of a list of browsers that stay signed in. Times are milliseconds since 1970. */
export interface StaySummary {
  /** What sessions of it say, and {@link Stays.end} takes. Opens nothing. */
  readonly id: string;
  readonly createdAt: number;
  readonly usedAt: number;
  readonly expiresAt: number;
  readonly address: string;
  readonly userAgent: string;
}

/** What a sign-in has of it. `begin`: its owner asks for it. `go on`: it is by it that they come. */
export type StayWish = 'begin' | 'go on';

/** What is done as a session begins that is one of a browser that stays signed in. */
export interface ReadyStay {
  readonly id: string;
  /** Keeps it, or changes its token. False: it ended meanwhile. */
  take(): Promise<boolean>;
  /** Takes back what was kept. */
  undo(): Promise<void>;
  /** Has the browser keep the newest token. */
  send(): void;
}

/** What a browser shows: the newest token, or the one before it, in another tab or where the answer with the newest was lost. */
export interface HeldStay {
  readonly record: StayRecord;
  readonly ticket: StayTicket;
  readonly next: string;
  readonly isNewest: boolean;
}

/** So soon after a use, the token of before is another tab that opened at once, and no theft. */
const TABS_MS = 30_000;
/** Of one account, where its sessions are not capped; the oldest makes room. */
const MOST = 20;
const LONGEST_USER_AGENT = 256;

/** The browsers that stay signed in, of an application's accounts. */
export class Stays implements SessionCompanion {
  readonly #context: AccountsContext;
  readonly #notices: Notices;
  readonly #life: number;
  readonly #most: number;
  readonly #unused: UnusedSessions | undefined;

  /**
   * @param life - how long one is signed in by one proof, in milliseconds
   * @param mostSessions - of one account
   */
  constructor(context: AccountsContext, notices: Notices, life: number, mostSessions: number | undefined) {
    this.#context = context;
    this.#notices = notices;
    this.#life = life;
    this.#most = Math.min(mostSessions ?? MOST, MOST);
    this.#unused = context.sessions.accompany?.(this);
  }

  /** How long one stays signed in, in milliseconds. No use makes it longer. */
  get lifetime(): number {
    return this.#life;
  }

  /** The browsers in which an account stays signed in, last used first. */
  async list(account: string): Promise<readonly StaySummary[]> {
    STAY_CALLS.list(account);
    const { store, clock } = this.#context;
    const stays = await store.stays.list(account, clock());
    return stays.map(({ id, createdAt, usedAt, expiresAt, address, userAgent }) => ({
      id,
      createdAt,
      usedAt,
      expiresAt,
      address,
      userAgent,
    }));
  }

  /** Ends one of an account, with its sessions. False: it has none of this id. */
  async end(visit: AccountVisit, account: string, id: string): Promise<boolean> {
    STAY_CALLS.end(visit, account, id);
    const ended = await this.#context.store.stays.remove(account, id);
    if (ended) visit.audit(ACCOUNTS_EVENTS.stayEnded, { account, browser: refOf(id), reason: 'revoked' });
    await this.#endSessionsOf(account, id);
    return ended;
  }

  /** As somebody signs out: also where the session is over by now. */
  async endHere(visit: AccountVisit): Promise<void> {
    const ticket = readStayCookie(visit.cookie);
    if (ticket === undefined) return;
    await this.#forget(visit, ticket, 'signed out');
    visit.setCookie(EXPIRED_STAY_COOKIE);
  }

  /** Whether what a browser shows names one that there is: before anything is written for its sake. */
  async isKnown(visit: AccountVisit): Promise<boolean> {
    const ticket = readStayCookie(visit.cookie);
    if (ticket === undefined) return false;
    const { store, clock } = this.#context;
    if ((await store.stays.find(ticket.id, clock())) !== undefined) return true;
    visit.setCookie(EXPIRED_STAY_COOKIE);
    return false;
  }

  /** What a browser shows, if it is good. What was copied ends here, and its owner hears of it. */
  async held(visit: AccountVisit): Promise<HeldStay | undefined> {
    const ticket = readStayCookie(visit.cookie);
    if (ticket === undefined) return undefined;
    const { store, keys, clock } = this.#context;
    const now = clock();
    const record = await store.stays.find(ticket.id, now);
    if (record === undefined) {
      visit.setCookie(EXPIRED_STAY_COOKIE);
      return undefined;
    }
    const successors = successorsOf(keys, ticket);
    const [next = ''] = successors;
    if (record.tokenHash === hashStayToken(ticket.token)) return { record, ticket, next, isNewest: true };
    const same = successors.find((one) => hashStayToken(one) === record.tokenHash);
    if (same !== undefined) {
      const isTab = now - record.usedAt < TABS_MS;
      if (isTab || (await this.#isLost(record))) return { record, ticket, next: same, isNewest: false };
    }
    await this.#stolen(visit, record);
    return undefined;
  }

  /**
   * Whether nobody has used the session that the newest token came with: the browser never got that answer. The session
   * that begins now ends it. A thief who used theirs is none of it, and neither is one whose session is over by now, since
   * nobody can tell any more.
   */
  async #isLost({ id, account, usedAt }: StayRecord): Promise<boolean> {
    const unused = (await this.#unused?.find(account, id, usedAt - TABS_MS)) ?? [];
    return unused.length > 0;
  }

  /**
   * Makes ready what goes with a session that is to begin. Undefined: it is no session of a browser that stays signed in.
   * `over`: it was to be, and that has ended.
   */
  async ready(
    visit: AccountVisit,
    account: string,
    wish: StayWish | undefined,
  ): Promise<ReadyStay | 'over' | undefined> {
    if (wish === 'begin') return this.#begin(visit, account);
    if (wish === undefined) return undefined;
    const held = await this.held(visit);
    return held?.record.account === account ? this.#goOn(visit, held) : 'over';
  }

  /**
   * Ends what a browser shows and the session that it has now is none of: of somebody else, not asked for again, or asked for
   * anew. A copy of it would go on where its owner sees nothing of it.
   *
   * @param next - what the browser shows from now on
   */
  async endOther(visit: AccountVisit, next: ReadyStay | undefined): Promise<void> {
    const ticket = readStayCookie(visit.cookie);
    if (ticket === undefined || visit.session.get(STAY_VALUE) === ticket.id) return;
    await this.#forget(visit, ticket, 'somebody signed in anew in its browser');
    if (next === undefined) visit.setCookie(EXPIRED_STAY_COOKIE);
  }

  /** Of sessions: one of its own was ended. */
  async endOne(account: string, stay: string): Promise<void> {
    const { store, audit } = this.#context;
    if (await store.stays.remove(account, stay))
      audit(ACCOUNTS_EVENTS.stayEnded, { account, browser: refOf(stay), reason: 'its session was ended' });
  }

  /** Of sessions: all of an account were ended, but one. */
  async endAll(account: string, exceptStay: string | undefined): Promise<void> {
    const { store, audit } = this.#context;
    const count = await store.stays.removeAll(account, exceptStay);
    if (count > 0) audit(ACCOUNTS_EVENTS.stayEnded, { account, count, reason: 'its sessions were ended' });
  }

  async #forget(visit: AccountVisit, ticket: StayTicket, reason: string): Promise<void> {
    const { store, keys, clock } = this.#context;
    const { id } = ticket;
    const record = await store.stays.find(id, clock());
    if (record === undefined) return;
    // The token before does as well: a page of another tab must not leave this one signed in. The id alone, which lists and
    // exports have, ends nobody's.
    const isGood = [ticket.token, ...successorsOf(keys, ticket)].some(
      (token) => hashStayToken(token) === record.tokenHash,
    );
    if (!isGood || !(await store.stays.remove(record.account, id))) return;
    visit.audit(ACCOUNTS_EVENTS.stayEnded, { account: record.account, browser: refOf(id), reason });
    // One whose cookie the browser lost: nobody is there to sign it out.
    await this.#endSessionsOf(record.account, id, visit.session.idHash);
  }

  #begin(visit: AccountVisit, account: string): ReadyStay {
    const { store, clock } = this.#context;
    const ticket = newStayTicket();
    const now = clock();
    const { id } = ticket;
    const record: StayRecord = {
      id,
      account,
      tokenHash: hashStayToken(ticket.token),
      createdAt: now,
      usedAt: now,
      expiresAt: now + this.#life,
      address: visit.client.address,
      userAgent: visit.userAgent.slice(0, LONGEST_USER_AGENT).toWellFormed(),
    };
    return {
      id,
      take: async () => {
        await store.stays.put(record, this.#most);
        visit.audit(ACCOUNTS_EVENTS.stayBegun, { account, kind: 'stay signed in', browser: refOf(id) });
        return true;
      },
      undo: async () => void (await store.stays.remove(account, id)),
      send: () => visit.setCookie(stayCookie(ticket, this.#life)),
    };
  }

  #goOn(visit: AccountVisit, { record, ticket, next, isNewest }: HeldStay): ReadyStay {
    const { store, clock } = this.#context;
    const { id, account } = record;
    return {
      id,
      take: async () => {
        const now = clock();
        const use = { next: hashStayToken(next), address: visit.client.address, now };
        if (isNewest && (await store.stays.rotate(id, hashStayToken(ticket.token), use))) return true;
        // Another tab was quicker, or an end.
        return (await store.stays.find(id, now))?.tokenHash === use.next;
      },
      undo: async () => void (await store.stays.remove(account, id)),
      send: () => visit.setCookie(stayCookie({ id, token: next }, record.expiresAt - clock())),
    };
  }

  /** A token of before. The thief or the owner has the newest one, and nobody can tell who: it ends for both. */
  async #stolen(visit: AccountVisit, { id, account }: StayRecord): Promise<void> {
    const { store, activity } = this.#context;
    visit.setCookie(EXPIRED_STAY_COOKIE);
    const owner: AccountRecord | undefined = await store.find(account);
    if (owner === undefined) return;
    await this.#notices.tellOf(visit, owner, NEWS, async (notMade) => {
      // Once for each theft, however many requests come with old tokens.
      if (!(await store.stays.remove(account, id))) {
        notMade();
        return;
      }
      visit.audit(ACCOUNTS_EVENTS.stayCopied, { account, browser: refOf(id) });
      await this.#endSessionsOf(account, id);
      await activity.add(visit, account, 'stay-copied');
    });
  }

  async #endSessionsOf(account: string, stay: string, but?: string): Promise<void> {
    const { sessions } = this.#context;
    for (const session of await sessions.list(account))
      if (session.stay === stay && session.idHash !== but) await sessions.revoke(session.idHash);
  }

  static {
    tendMethods(Stays, (its) => its.#context.audit);
  }
}

const NEWS = newsOf('mail.news.stayCopied');

/** What the log knows one by: enough to tell it from others. */
function refOf(id: string): string {
  return hash('sha256', id, 'base64url').slice(0, 12);
}
