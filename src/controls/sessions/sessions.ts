/** The session service: begins, renews and ends sessions in a store. Knows the exchange, not its cookies. */
import { SESSIONS_CALLS } from './session.calls.ts';
import { errorName, StoreDownError } from '../../core/errors.ts';
import type { DetailsOf, EventKind } from '../../core/events.ts';
import { type Exchange, header, noteUnknownWho, type SessionFacts } from '../../core/exchange.ts';
import { type MaybePromise, whenReady } from '../../core/maybe-promise.ts';
import { sessionRef } from '../../core/session-ref.ts';
import { tended } from '../../core/tended.ts';
import type { Replaced, SessionRecord, SessionStore } from '../../stores/ports/sessions.ts';
import { cookieHeader, findSessionCookie, hashSessionId, newSessionId } from './session-cookie.ts';
import { type JsonValue, NO_DATA } from './session-data.ts';
import {
  type SessionCompanion,
  SessionStays,
  stayOf,
  type UnusedSessions,
  unusedFor,
  withValues,
} from './session-stay.ts';
import type { SessionSettings } from './session.options.ts';
import { admitAgain, LEFT_BEHIND } from './session-again.ts';
import { admit } from './session-room.ts';
import { SeenIds } from './seen-ids.ts';
import { type SessionSummary, summaryOf } from './session-summary.ts';
import { CORE_EVENTS } from '../../core/verdict.ts';
import { SESSIONS_EVENTS } from './sessions.events.ts';

export type { SessionSummary } from './session-summary.ts';

/** Who signs in, as the application found out. */
export interface SignIn {
  /** Any name that tells one account from all others and never changes. */
  readonly account: string;
  readonly roles?: readonly string[];
  /** Whether a second factor was proved. */
  readonly mfa?: boolean;
  /**
   * When that was, in milliseconds since 1970, if it was not just now: by a device that was remembered then. `fresh`
   * counts from there, since whoever has the browser has that proof too.
   */
  readonly provedAt?: number | undefined;
  /** Values that the session begins with, by the same write: as `session.set` stores them. */
  readonly values?: Readonly<Record<string, JsonValue>> | undefined;
}

/** What a session may do from now on. What is left out stays. */
export interface PrivilegeChange {
  readonly roles?: readonly string[];
  /** `true`: a second factor was proved just now. `false`: it no longer counts. */
  readonly mfa?: boolean;
  /** The password, or what stands in its place, was proved again just now: `fresh` counts from here. */
  readonly signedIn?: true;
}

/** A session that has just begun. The id is for the cookie, and is kept nowhere. */
export interface OpenedSession {
  readonly id: string;
  readonly record: SessionRecord;
}

/** What the cookie of a request leads to: a session, an id that was replaced moments ago, or nothing. */
export type FoundSession = SessionRecord | Replaced | undefined;

/** Writes one event, with the exchange it happened in where there is one. Never throws. */
export type SessionAudit = <Kind extends EventKind>(
  kind: Kind,
  details: DetailsOf<Kind>,
  exchange?: Exchange,
) => void;

/** What became of a session. `replaced`: it went on under a new id. */
export type SessionFate = 'live' | 'over' | 'replaced';

const LONGEST_USER_AGENT = 256;
const UNHEARD = 'sessions were to be ended or listed, which failed, and nobody awaited it';
const CROWDED_OUT = 'another one began, and session.perAccount was reached';
/** So often is a look noted that is no use, in milliseconds: never. */
const UNNOTED = Number.MAX_SAFE_INTEGER;

/** Sessions of an application. Methods that fail because the store does throw what the store throws. */
export class Sessions {
  readonly settings: SessionSettings;
  readonly store: SessionStore;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly #audit: SessionAudit;
  readonly #begun = new WeakMap<Exchange, Promise<FoundSession>>();
  /** Those whose handler asked to be told where their session ends. */
  readonly #followed = new Set<Exchange>();
  readonly #stays: SessionStays;
  readonly #seen = new SeenIds();
  #revocations = 0;
  #storeWaits = false;

  constructor(
    store: SessionStore,
    settings: SessionSettings,
    audit: SessionAudit,
    clock: () => number = Date.now,
  ) {
    this.store = store;
    this.settings = settings;
    this.clock = clock;
    this.#stays = new SessionStays(store, clock);
    this.#audit = audit;
  }

  /** How often this process ended a session: where it has moved, a session read earlier may be over. */
  get revocations(): number {
    return this.#revocations;
  }

  /**
   * The live session of the cookie of a request. An unknown id is only unknown: no session is ever made for an id
   * that came from outside. Asks the store nothing where there is no cookie. Notes the use, where the last one noted
   * is long enough ago.
   */
  use(exchange: Exchange): MaybePromise<FoundSession> {
    const begun = this.#begun.get(exchange);
    if (begun !== undefined) return begun;
    const id = findSessionCookie(cookieHeader(exchange));
    if (id === undefined) return undefined;
    exchange.hasSessionCookie = true;
    return id === '' ? undefined : this.store.use(this.#seen.of(id), exchange.now, this.settings.touchEvery);
  }

  /** Begins what {@link use} will ask, where the store is asked something else at this moment: one trip for both. */
  begin(exchange: Exchange): void {
    if (exchange.request.headers.cookie === undefined) return;
    let begun: MaybePromise<FoundSession>;
    try {
      begun = this.use(exchange);
    } catch {
      // The guard or handler that needs the session asks again, and gets the error then.
      return;
    }
    if (!(begun instanceof Promise)) return;
    this.#begun.set(exchange, begun);
    // A guard in between may refuse, and then nobody waits for this.
    begun.catch(() => undefined);
  }

  /** Whether a session is live, over, or gone on under a new id. Undefined: the store cannot say so at once. */
  fateNow(idHash: string, now: number): SessionFate | undefined {
    if (this.#storeWaits) return undefined;
    const found = this.store.use(idHash, now, UNNOTED);
    if (!(found instanceof Promise)) return fateOf(found);
    this.#storeWaits = true;
    found.catch((error: unknown) => this.audit(CORE_EVENTS.storeUnavailable, { error: errorName(error) }));
    return undefined;
  }

  /** Whether a session that was not found was replaced, and not ended. */
  async wasReplaced(idHash: string, now: number): Promise<boolean> {
    return (await this.store.use(idHash, now, UNNOTED)) === 'replaced';
  }

  /** Tells an exchange where its session is ended by this process. Returns what stops that. */
  follow(exchange: Exchange): () => void {
    this.#followed.add(exchange);
    return () => void this.#followed.delete(exchange);
  }

  /** Has something end together with sessions. Returns what it may ask of those that nobody used. */
  accompany(companion: SessionCompanion): UnusedSessions {
    this.#stays.companion = companion;
    const before = unusedFor(this.settings);
    return { find: (account, stay, since) => this.#stays.findUnused(account, stay, since, before) };
  }

  /** Begins a session in which nobody has signed in. */
  async start(exchange: Exchange, now: number, data: string = NO_DATA): Promise<OpenedSession> {
    const opened = this.#make(exchange, now, { data });
    await this.store.create(opened.record);
    this.#note(SESSIONS_EVENTS.created, opened.record, exchange);
    return opened;
  }

  /**
   * Begins the session of an account, always under a new id, and ends the one before it in the same step. What a
   * visitor stored is kept; what another account stored is not.
   *
   * @throws BulwarkError ERR_BULWARK_SESSIONS_FULL where the account has as many as it may, and none of them is to end
   */
  async signIn(
    exchange: Exchange,
    now: number,
    who: SignIn,
    before: SessionRecord | undefined,
  ): Promise<OpenedSession> {
    const provedAt = Math.min(who.provedAt ?? now, now);
    const fields: RecordFields = {
      account: who.account,
      roles: who.roles ?? [],
      signedInAt: provedAt,
      mfaAt: who.mfa === true ? provedAt : undefined,
    };
    const replaced =
      before === undefined
        ? undefined
        : await this.#replace(
            before,
            now,
            (old) => {
              const keep = old.account === undefined || old.account === who.account;
              return this.#make(exchange, now, {
                ...fields,
                data: withValues(keep ? old.data : NO_DATA, who.values),
              });
            },
            ({ record }, idHash) => this.#admit(exchange, record, now, idHash),
          );
    const opened =
      replaced ?? this.#make(exchange, now, { ...fields, data: withValues(NO_DATA, who.values) });
    // The session before was over already: a person who has just proved a password begins a new one.
    if (replaced === undefined) await this.#admit(exchange, opened.record, now);
    this.#note(SESSIONS_EVENTS.created, opened.record, exchange);
    return opened;
  }

  /**
   * Goes on under a new id with other privileges. Its absolute end stays: renewing must not keep a session alive
   * for ever. Undefined: the session was over.
   */
  async renew(
    exchange: Exchange,
    now: number,
    change: PrivilegeChange,
    before: SessionRecord,
  ): Promise<OpenedSession | undefined> {
    const opened = await this.#replace(before, now, (old) =>
      this.#make(exchange, now, {
        ...old,
        roles: change.roles ?? old.roles,
        // A visitor's proof names no account: only `signIn` does.
        signedInAt: change.signedIn === true && old.account !== undefined ? now : old.signedInAt,
        mfaAt: change.mfa === undefined ? old.mfaAt : change.mfa ? now : undefined,
      }),
    );
    if (opened !== undefined) this.#note(SESSIONS_EVENTS.renewed, opened.record, exchange);
    return opened;
  }

  /** Ends the session that the request is made in. False: it was over already. */
  async signOut(exchange: Exchange, record: SessionRecord): Promise<boolean> {
    if (this.#stays.areKept) await this.#stays.endOf(record);
    const ended = await this.store.revoke(record.idHash);
    this.#revocations += 1;
    // Not the exchange of the sign-out itself: its answer is still to come.
    if (ended) this.#callOff((session) => session.idHash === record.idHash, exchange);
    if (ended) this.audit(SESSIONS_EVENTS.ended, { ...factsOf(record), reason: 'signed out' }, exchange);
    return ended;
  }

  /** The live sessions of an account, last used first. */
  list(account: string, now: number = this.clock()): Promise<readonly SessionSummary[]> {
    return this.#tend(undefined, async () => {
      SESSIONS_CALLS.list(account, now);
      return (await this.store.list(account, now)).map(summaryOf);
    });
  }

  /** Ends one session, by the hash that {@link list} gives. False: it was not there any more. */
  revoke(idHash: string, exchange?: Exchange): Promise<boolean> {
    return this.#tend(exchange, async () => {
      SESSIONS_CALLS.revoke(idHash);
      if (this.#stays.areKept) await noting(exchange, this.#stays.endById(idHash));
      return this.#end(idHash, 'revoked', exchange);
    });
  }

  async #end(idHash: string, reason: string, exchange?: Exchange): Promise<boolean> {
    const ended = await noting(exchange, this.store.revoke(idHash));
    this.#revocations += 1;
    if (ended) this.#callOff((session) => session.idHash === idHash);
    if (ended) this.audit(SESSIONS_EVENTS.ended, { sessionRef: sessionRef(idHash), reason }, exchange);
    return ended;
  }

  /** Ends every session of an account, or all but one: after a new password, a theft, a removal. Returns how many. */
  revokeAccount(account: string, exceptIdHash?: string, exchange?: Exchange): Promise<number> {
    return this.#tend(exchange, async () => {
      SESSIONS_CALLS.revokeAccount(account, exceptIdHash);
      if (this.#stays.areKept) await noting(exchange, this.#stays.endAll(account, exceptIdHash));
      const count = await noting(exchange, this.store.revokeAccount(account, exceptIdHash));
      this.#revocations += 1;
      if (count > 0)
        this.#callOff(({ principal, idHash }) => principal?.account === account && idHash !== exceptIdHash);
      if (count > 0) this.audit(SESSIONS_EVENTS.ended, { account, count, reason: 'revoked' }, exchange);
      return count;
    });
  }

  /** Writes an event. */
  audit<Kind extends EventKind>(kind: Kind, details: DetailsOf<Kind>, exchange?: Exchange): void {
    this.#audit(kind, details, exchange);
  }

  #callOff(isEnded: (session: SessionFacts) => boolean, but?: Exchange): void {
    for (const exchange of this.#followed) {
      const { session } = exchange;
      if (exchange !== but && session !== undefined && isEnded(session))
        exchange.callOff('ERR_BULWARK_SESSION_OVER');
    }
  }

  /** As those of a request: a forgotten `await` before "end all sessions" must not end the process. */
  #tend<T>(exchange: Exchange | undefined, work: () => Promise<T>): Promise<T> {
    return tended(work(), (error) => {
      if (error instanceof StoreDownError && error.told) return;
      this.audit(SESSIONS_EVENTS.unheard, { error, reason: UNHEARD }, exchange);
    });
  }

  /**
   * Ends a session and begins its successor in one step of the store. Read afresh, so that what another request
   * stored meanwhile goes along; without an await where the store needs none, so that nothing comes between.
   */
  async #replace(
    before: SessionRecord,
    now: number,
    successor: (old: SessionRecord) => OpenedSession,
    put = ({ record }: OpenedSession, idHash: string): MaybePromise<boolean> =>
      this.store.replace(idHash, record, now),
  ): Promise<OpenedSession | undefined> {
    return whenReady(this.store.find(before.idHash, now), (old) => {
      if (old === undefined) return undefined;
      const opened = successor(old);
      return whenReady(put(opened, old.idHash), (replaced) => {
        this.#revocations += 1;
        return replaced ? opened : undefined;
      });
    });
  }

  #admit(exchange: Exchange, record: SessionRecord, now: number, replaces?: string): MaybePromise<boolean> {
    const gone = (reason: string) => (idHash: string) => this.#gone(exchange, record, idHash, reason);
    const arrival = { exchange, record, now, replaces, ended: gone(CROWDED_OUT) };
    if (!this.#stays.areKept || stayOf(record.data) === undefined) return admit(this, arrival);
    return admitAgain(this, this.#stays, { ...arrival, left: gone(LEFT_BEHIND) });
  }

  #gone(exchange: Exchange, { account }: SessionRecord, idHash: string, reason: string): void {
    this.#revocations += 1;
    this.#callOff((session) => session.idHash === idHash);
    this.audit(SESSIONS_EVENTS.ended, { sessionRef: sessionRef(idHash), account, reason }, exchange);
  }

  #make(exchange: Exchange, now: number, fields: RecordFields): OpenedSession {
    const id = newSessionId();
    const isOfStay = fields.createdAt === undefined && stayOf(fields.data) !== undefined;
    const record: SessionRecord = {
      account: fields.account,
      roles: fields.roles ?? [],
      createdAt: fields.createdAt ?? now,
      signedInAt: fields.signedInAt,
      mfaAt: fields.mfaAt,
      expiresAt: fields.expiresAt ?? now + this.settings.absolute,
      data: fields.data ?? NO_DATA,
      device: fields.device,
      idHash: hashSessionId(id),
      seenAt: isOfStay ? now - unusedFor(this.settings) : now,
      idleMs: this.settings.idle,
      version: 1,
      address: exchange.client.address,
      userAgent: (header(exchange.request, 'user-agent') ?? '').slice(0, LONGEST_USER_AGENT).toWellFormed(),
    };
    return { id, record };
  }

  #note(
    kind: typeof SESSIONS_EVENTS.created | typeof SESSIONS_EVENTS.renewed,
    record: SessionRecord,
    exchange: Exchange,
  ): void {
    this.audit(kind, factsOf(record), exchange);
  }
}

function factsOf({ account, idHash, mfaAt }: SessionRecord): DetailsOf<typeof SESSIONS_EVENTS.created> {
  return { sessionRef: sessionRef(idHash), account, mfa: mfaAt !== undefined };
}

/** Waits for a store, and has the answer to the request be 503 where it is gone and the handler did not expect it. */
async function noting<T>(exchange: Exchange | undefined, answer: MaybePromise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (exchange !== undefined) noteUnknownWho(exchange, error);
    throw error;
  }
}

function fateOf(found: FoundSession): SessionFate {
  if (found === undefined) return 'over';
  return found === 'replaced' ? 'replaced' : 'live';
}

type RecordFields = { readonly [K in keyof SessionRecord]?: SessionRecord[K] | undefined };
