/** What one exchange knows of its session, shared by the guard and by every handle on it. Not for handlers. */
import { BulwarkError } from '../../core/errors.ts';
import {
  type Exchange,
  NOT_PROVED,
  noteUnknownWho,
  type SessionFacts,
  UNKNOWN_WHO,
} from '../../core/exchange.ts';
import { type Slot, slot } from '../../core/slot.ts';
import type { SessionRecord } from '../../stores/ports/sessions.ts';
import { isLent } from '../../core/stay-proof.ts';
import type { Refusal } from '../../core/verdict.ts';
import { EXPIRED_SESSION_COOKIE, SESSION_COOKIE } from './session-cookie.ts';
import type { SessionFate, Sessions } from './sessions.ts';

/** A session read so long ago (milliseconds) may have been ended by another process: it is looked up again. */
const TRUSTED_MS = 50;

/** An answer that takes longer (milliseconds) may leave after the browser was given another cookie. */
const PROMPT_MS = 250;

const STATE: Slot<SessionState> = slot();

const NONE: readonly string[] = Object.freeze([]);
const SET_COOKIE = 'Set-Cookie';
const CLEAR_SITE_DATA = 'Clear-Site-Data';
// Without "cookies": it would take those by which an account knows this browser, and with them its owner's protection
// from being locked out by strangers, and the cookies of sibling subdomains. The session's own is expired by name.
// Without "cache" too: Chromium held people up for seconds over it (rails/rails#54379), and what is for one person is
// stored nowhere anyway.
const CLEARED = '"storage"';

/** The state of an exchange; made at the first call, without a look at the store. */
export function stateOf(sessions: Sessions, exchange: Exchange): SessionState {
  let state = knownState(exchange);
  if (state === undefined) {
    state = new SessionState(sessions, exchange);
    exchange.set(STATE, state);
  }
  return state;
}

/** The state of an exchange whose session anyone looked at. */
export function knownState(exchange: Exchange): SessionState | undefined {
  return exchange.get(STATE);
}

/** The session of one exchange. */
export class SessionState {
  readonly sessions: Sessions;
  readonly exchange: Exchange;
  /** By the clock of the sessions. */
  readonly madeAt: number;
  #record: SessionRecord | undefined;
  #over: Exclude<SessionFate, 'live'> | undefined = undefined;
  #superseded = false;
  /** The device that this request proved. */
  #proved: string | undefined = undefined;
  #dropsDeadCookie = false;
  #checkedAt = 0;
  #checkedRevocations = 0;
  /** None until something is to be changed: most requests only read. */
  #lastTurn: Promise<unknown> | undefined = undefined;

  constructor(sessions: Sessions, exchange: Exchange) {
    this.sessions = sessions;
    this.exchange = exchange;
    this.madeAt = sessions.clock();
  }

  /** The session as last read or written; undefined for a visitor and after the end. */
  get record(): SessionRecord | undefined {
    return this.#record;
  }

  /** How the session ended under the feet of this exchange, if it did. */
  get over(): Exclude<SessionFate, 'live'> | undefined {
    return this.#over;
  }

  /**
   * Whether the request came under an id that was replaced moments ago. Its sender is a visitor, whose browser may have
   * been given the newer id by now: no answer may set or drop the cookie, unless somebody proves who they are.
   */
  get superseded(): boolean {
    return this.#superseded;
  }

  /** The time of the exchange, plus what has passed since: a request held open does not stop the clock. */
  now(): number {
    return this.exchange.now + Math.max(0, this.sessions.clock() - this.madeAt);
  }

  /**
   * The session as handlers see it: whatever is answered after this depends on who asks, and belongs in no cache.
   *
   * @throws StoreDownError where the store could not say whether there is a session
   */
  read(): SessionRecord | undefined {
    this.exchange.sessionRead = true;
    const failure = this.exchange.get(UNKNOWN_WHO);
    if (failure !== undefined) throw failure;
    return this.#record;
  }

  /**
   * The session to write to, if this is no visitor.
   *
   * @throws BulwarkError ERR_BULWARK_SESSION_OVER where it ended under the feet of this exchange
   */
  current(): SessionRecord | undefined {
    if (this.#over !== undefined) throw sessionOver();
    return this.read();
  }

  /**
   * The session, asked of the store anew.
   *
   * @param replaced - whether an exchange whose id was replaced meanwhile goes on as a visitor: as it would, had it come a
   *   moment later
   * @throws BulwarkError ERR_BULWARK_SESSION_OVER where it is there no more
   */
  async confirm(replaced: 'visit' | 'fail' = 'fail'): Promise<SessionRecord | undefined> {
    const record = this.current();
    if (record === undefined) return undefined;
    const fresh = await this.sessions.store.find(record.idHash, this.now());
    if (fresh === undefined) {
      if (replaced === 'fail' || !(await this.#wasReplaced())) return await this.lost();
      this.leave();
      this.supersede();
      return undefined;
    }
    this.adopt(fresh);
    return fresh;
  }

  /** The session is not there: it has ended, or goes on under an id that is not ours to know. */
  async lost(): Promise<never> {
    this.lose((await this.#wasReplaced()) ? 'replaced' : 'over');
    throw sessionOver();
  }

  async #wasReplaced(): Promise<boolean> {
    if (this.#record === undefined) return this.#superseded;
    return await this.sessions.wasReplaced(this.#record.idHash, this.now());
  }

  /**
   * Goes on with a session that the store has just confirmed. Tokens made from now on are bound to it.
   *
   * @param checkedAt - when that was, by the clock of the sessions; or sooner, and it is looked up again sooner
   */
  adopt(record: SessionRecord, checkedAt: number = this.sessions.clock()): void {
    const { exchange, sessions } = this;
    if (this.#record?.idHash !== record.idHash || this.#record.device !== record.device)
      exchange.session = toFacts(record, record.device !== undefined && record.device === this.#proved);
    if (this.#superseded) exchange.set(NOT_PROVED, undefined);
    this.#record = record;
    this.#over = undefined;
    this.#superseded = false;
    this.#checkedAt = checkedAt;
    this.#checkedRevocations = sessions.revocations;
  }

  /** Goes on as a visitor, by their own wish. */
  leave(): void {
    this.#record = undefined;
    this.#over = undefined;
    this.exchange.session = undefined;
  }

  /** Notes that the session was ended by someone else, or goes on under an id that this exchange does not have. */
  lose(fate: Exclude<SessionFate, 'live'> = 'over'): void {
    this.leave();
    this.#over = fate;
    this.exchange.callOff('ERR_BULWARK_SESSION_OVER');
  }

  /** Notes that the request came under an id that was replaced. */
  supersede(): void {
    this.#superseded = true;
  }

  /** Notes that the request proved a device. Before the session of that device is adopted. */
  prove(device: string): void {
    this.#proved = device;
  }

  /**
   * Notes that the request came with the cookie of a session and without the proof of its device: as of an id that was
   * replaced, no answer may set or drop the cookie, unless somebody proves who they are.
   */
  keepOut(refusal: Refusal): void {
    this.exchange.set(NOT_PROVED, refusal);
    this.#superseded = true;
  }

  /** Whether the session may have ended since it was last confirmed. */
  needsCheck(): boolean {
    if (this.#record === undefined) return this.#over !== undefined;
    const { sessions } = this;
    return (
      sessions.revocations !== this.#checkedRevocations || sessions.clock() - this.#checkedAt > TRUSTED_MS
    );
  }

  /** Puts the session cookie in the response, in place of an earlier one: two would leave the choice to chance. */
  sendCookie(setCookie: string): void {
    const { extraHeaders } = this.exchange;
    const at = this.#placeOfCookie();
    this.#dropsDeadCookie = false;
    if (at === -1) extraHeaders.push([SET_COOKIE, setCookie]);
    else extraHeaders[at] = [SET_COOKIE, setCookie];
  }

  /** Whether the answer brings the id of a session, which nobody has before it leaves. */
  get bringsId(): boolean {
    const line = this.exchange.extraHeaders[this.#placeOfCookie()]?.[1];
    return line !== undefined && line !== EXPIRED_SESSION_COOKIE;
  }

  /** Has the browser drop a cookie that opens nothing, if the answer is a prompt one. */
  dropDeadCookie(): void {
    this.sendCookie(EXPIRED_SESSION_COOKIE);
    this.#dropsDeadCookie = true;
  }

  /**
   * Leaves a dead cookie to the next page where this answer was slow: a person who signed in meanwhile, in another tab, has
   * a new cookie of the same name, and this answer would drop that one.
   */
  leaveLateDrop(): void {
    if (!this.#dropsDeadCookie || this.sessions.clock() - this.madeAt <= PROMPT_MS) return;
    this.#dropsDeadCookie = false;
    this.exchange.extraHeaders.splice(this.#placeOfCookie(), 1);
  }

  #placeOfCookie(): number {
    return this.exchange.extraHeaders.findIndex(
      ([name, value]) => name === SET_COOKIE && value.startsWith(`${SESSION_COOKIE}=`),
    );
  }

  /** Goes on as a visitor, and has the browser drop the cookie and what scripts kept of this site. */
  signOut(): void {
    this.drop();
    this.clearStorage();
  }

  /** Goes on as a visitor, and has the browser drop the cookie alone: another session may come in its place. */
  drop(): void {
    this.leave();
    this.sendCookie(EXPIRED_SESSION_COOKIE);
  }

  /** Has the browser drop what scripts kept of this site. */
  clearStorage(): void {
    const { extraHeaders } = this.exchange;
    if (extraHeaders.some(([name]) => name === CLEAR_SITE_DATA)) return;
    extraHeaders.push([CLEAR_SITE_DATA, CLEARED]);
  }

  /** @throws BulwarkError ERR_BULWARK_HEAD_SENT where a cookie would come too late. */
  assertHeadOpen(): void {
    if (!this.exchange.headSent) return;
    throw new BulwarkError(
      'ERR_BULWARK_HEAD_SENT',
      'The response head has left, and the session cookie belongs in it. Await the change before anything is sent.',
    );
  }

  /** Runs changes one after the other: two of a visitor at once would begin two sessions, and lose one. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = (this.#lastTurn ?? Promise.resolve()).then(work);
    this.#lastTurn = turn.then(done, (error: unknown) => noteUnknownWho(this.exchange, error));
    return turn;
  }
}

/** The error of a write to a session that is no more. */
function sessionOver(): BulwarkError {
  return new BulwarkError(
    'ERR_BULWARK_SESSION_OVER',
    'The session ended while this request was handled: nothing was stored. Let the error pass; the answer is a 401.',
  );
}

function done(): void {
  // The caller has the outcome; the next in turn needs only to know that it is over.
}

function toFacts(record: SessionRecord, deviceBound: boolean): SessionFacts {
  const { idHash, account, roles, mfaAt, device } = record;
  if (account === undefined) return { idHash, principal: undefined };
  const signedInAt = record.signedInAt ?? record.createdAt;
  const principal = {
    account,
    roles: kept(roles),
    signedInAt,
    mfaAt,
    via: 'session',
    scopes: NONE,
  } as const;
  // Most are bound to none, and the rest of a request is spared two fields of nothing.
  return device === undefined
    ? { idHash, principal, createdAt: record.createdAt }
    : { idHash, principal, device, deviceBound: deviceBound && !isLent(principal) };
}

/** What handlers are shown is theirs to look at: a role that one of them adds opens nothing, on no store. */
function kept(roles: readonly string[]): readonly string[] {
  if (roles.length === 0) return NONE;
  return Object.isFrozen(roles) ? roles : Object.freeze([...roles]);
}
