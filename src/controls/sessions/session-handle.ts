/** The session as handlers hold it: `bulwark.of(request).session`. */
import { HANDLE_CALLS } from './session.calls.ts';
import { BulwarkError, StoreDownError } from '../../core/errors.ts';
import type { Exchange, Principal } from '../../core/exchange.ts';
import { sessionRef } from '../../core/session-ref.ts';
import { tended } from '../../core/tended.ts';
import type { SessionRecord } from '../../stores/ports/sessions.ts';
import { MAX_DATA_BYTES } from '../../stores/storable.ts';
import { hashToken, isToken, newSessionId, sessionCookie } from './session-cookie.ts';
import { asStored, type JsonValue, readValues, writeValues } from './session-data.ts';
import { type SessionState, stateOf } from './session-state.ts';
import type { OpenedSession, PrivilegeChange, Sessions, SessionSummary, SignIn } from './sessions.ts';
import { SESSIONS_EVENTS } from './sessions.events.ts';

/** One line of a list of devices. */
export interface OwnSession extends SessionSummary {
  /** Whether it is the session that asks. */
  readonly current: boolean;
}

/** Other requests that write to the same session at once: each round one of them wins. */
const MOST_CONFLICTS = 50;
const UNHEARD = 'a change of the session failed, and nobody awaited it';
const NOT_LIVE = 'a one-time token that was used, is late, or is none of this session';

/**
 * One request's hold on its session, and a visitor's on none. Reading answers at once; changing something is
 * awaited, before the response is sent. A change of a session that ended meanwhile throws ERR_BULWARK_SESSION_OVER,
 * one that needs a new cookie after the response head left throws ERR_BULWARK_HEAD_SENT: nothing is stored then.
 */
export class SessionHandle {
  readonly #state: SessionState;
  #values: ReadonlyMap<string, JsonValue> | undefined;
  #valuesOf: SessionRecord | undefined;

  /** Reads and writes nothing. */
  constructor(sessions: Sessions, exchange: Exchange) {
    this.#state = stateOf(sessions, exchange);
  }

  /** Whether there is a session, signed in or not. */
  get live(): boolean {
    return this.#state.read() !== undefined;
  }

  /** The hash of the session id: what {@link list} and {@link revoke} call it. The id itself is nowhere to be had. */
  get idHash(): string | undefined {
    return this.#state.read()?.idHash;
  }

  /** Who signed in, if anyone did. */
  get principal(): Principal | undefined {
    this.#state.read();
    return this.#state.exchange.session?.principal;
  }

  /**
   * Whether this request proved that it comes from the device that the session is bound to. False too where the browser
   * cannot, for the moment between the sign-in and the binding, and where the session was opened by a browser that stays signed in
   * and nobody has proved since who they are.
   */
  get deviceBound(): boolean {
    this.#state.read();
    return this.#state.exchange.session?.deviceBound === true;
  }

  /** A value of the application's own. Changing what it returns stores nothing: that is what {@link set} is for. */
  get(key: string): JsonValue | undefined {
    if (typeof key !== 'string') HANDLE_CALLS.get(key);
    const record = this.#state.read();
    if (record === undefined) return undefined;
    if (this.#values === undefined || this.#valuesOf !== record) {
      this.#values = readValues(record.data);
      this.#valuesOf = record;
    }
    return this.#values.get(key);
  }

  /**
   * Stores a value under a key. Of two requests at once that set different keys, both win. Begins a session for a
   * visitor.
   *
   * @throws BulwarkError ERR_BULWARK_STORE where the session would hold more than 256 KB
   * @throws BulwarkError ERR_BULWARK_INVALID_ARGUMENT where JSON has no such value
   */
  set(key: string, value: JsonValue): Promise<void> {
    return this.#tend(async () => {
      HANDLE_CALLS.set(key, value);
      const stored = asStored(key, value);
      await this.#change((values) => values.set(key, stored));
    });
  }

  /** Removes a value. */
  delete(key: string): Promise<void> {
    return this.#tend(async () => {
      HANDLE_CALLS.delete(key);
      await this.#change((values) => values.delete(key));
    });
  }

  /**
   * Changes a value by what is there. Where another request wrote in between, it is asked for again with what that one
   * wrote: of two that each add something, both win.
   *
   * @param by - given what is there, `undefined` where there is nothing; what it gives is stored, `undefined` removes it
   */
  change(key: string, by: (value: JsonValue | undefined) => JsonValue | undefined): Promise<void> {
    return this.#tend(async () => {
      HANDLE_CALLS.change(key, by);
      await this.#change((values) => {
        const value = by(values.get(key));
        if (value === undefined) values.delete(key);
        else values.set(key, asStored(key, value));
      });
    });
  }

  /**
   * Removes a text if it is still the one under its key, for what is to happen once: of two requests at once one gets
   * true.
   */
  take(key: string, text: string): Promise<boolean> {
    return this.#tend(async () => {
      HANDLE_CALLS.take(key, text);
      let taken = false;
      await this.#change((values) => {
        taken = values.get(key) === text;
        if (taken) values.delete(key);
      });
      return taken;
    });
  }

  /** Whether there is room for a value under a key, in place of what is there. A visitor has none yet. */
  hasRoomFor(key: string, value: JsonValue): boolean {
    HANDLE_CALLS.hasRoomFor(key, value);
    const record = this.#state.read();
    if (record === undefined) return false;
    const data = writeValues(readValues(record.data).set(key, value));
    return Buffer.byteLength(data) <= MAX_DATA_BYTES;
  }

  /**
   * Signs in, always under a new session id: an id that someone planted before is worth nothing after.
   *
   * @throws BulwarkError ERR_BULWARK_SESSIONS_FULL where the account has as many sessions as `session.perAccount` lets it have,
   * and `session.whenFull` is `refuse`. Let it pass: a 500 that comes of it leaves as 403
   */
  signIn(who: SignIn): Promise<void> {
    const { sessions, exchange } = this.#state;
    return this.#tend(async () => {
      HANDLE_CALLS.signIn(who);
      await this.#begin((now, record) => sessions.signIn(exchange, now, who, record));
    });
  }

  /**
   * Asks the store anew whether the session is live: before something that an ended one must not do. A visitor's is
   * none, and stays none.
   *
   * @throws BulwarkError ERR_BULWARK_SESSION_OVER
   */
  confirm(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#state.confirm();
    });
  }

  /**
   * As {@link confirm}, for what may be sent twice: who came under an id that was replaced since goes on as a visitor, as
   * they would have a moment later, when the guard would have known.
   *
   * @throws BulwarkError ERR_BULWARK_SESSION_OVER where the session has ended
   */
  confirmOrVisit(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#state.confirm('visit');
    });
  }

  /**
   * Changes what the session may do, such as after a second factor: under a new id, with the same absolute end.
   *
   * @throws BulwarkError ERR_BULWARK_SESSION_OVER where there is none any more; the answer is a 401
   */
  renew(change: PrivilegeChange = {}): Promise<void> {
    const { sessions, exchange } = this.#state;
    return this.#tend(async () => {
      HANDLE_CALLS.renew(change);
      await this.#begin(async (now, record) =>
        record === undefined ? undefined : sessions.renew(exchange, now, change, record),
      );
    });
  }

  /**
   * Goes on under a new id, or begins a session for a visitor: for somebody who has just proved something and is not
   * signed in yet. As with {@link signIn}, an id that someone planted before is worth nothing after.
   */
  beginAnew(): Promise<void> {
    const { sessions, exchange } = this.#state;
    return this.#begin(async (now, record) => {
      const renewed = record && (await sessions.renew(exchange, now, {}, record));
      return renewed ?? (await sessions.start(exchange, now));
    });
  }

  /** Ends the session, expires its cookie and has the browser clear what scripts kept of this site. */
  signOut(): Promise<void> {
    return this.#inTurn(() => this.#signOut());
  }

  /** The live sessions of the account that is signed in, last used first. */
  list(): Promise<readonly OwnSession[]> {
    return this.#inTurn(async () => {
      const own = await this.#state.confirm();
      if (own?.account === undefined) return [];
      const all = await this.#state.sessions.list(own.account, this.#state.now());
      return all.map((one) => Object.assign({ current: one.idHash === own.idHash }, one));
    });
  }

  /** Ends a session of the account that is signed in, this one included. False: there is none of this hash. */
  revoke(idHash: string): Promise<boolean> {
    return this.#inTurn(async () => {
      HANDLE_CALLS.revoke(idHash);
      const { sessions, exchange } = this.#state;
      const own = await this.#state.confirm();
      if (own?.account === undefined) return false;
      if (idHash === own.idHash) {
        await this.#signOut();
        return true;
      }
      const other = await sessions.store.find(idHash, this.#state.now());
      if (other === undefined) return false;
      if (other.account === own.account) return sessions.revoke(idHash, exchange);
      const seen = {
        account: own.account,
        sessionRef: sessionRef(idHash),
        reason: 'a session of another account',
      };
      sessions.audit(SESSIONS_EVENTS.foreignSession, seen, exchange);
      return false;
    });
  }

  /** Ends every other session of the account that is signed in. Returns how many. */
  revokeOthers(): Promise<number> {
    return this.#inTurn(async () => {
      // A thief whose session was just revoked must not sign the owner out with a request held open over it.
      const own = await this.#state.confirm();
      if (own?.account === undefined) return 0;
      return this.#state.sessions.revokeAccount(own.account, own.idHash, this.#state.exchange);
    });
  }

  /**
   * A token that works once, in this session, for one purpose: against a form sent twice or a request replayed.
   * Begins a session for a visitor. Only its hash is stored, and of one session the newest 64.
   *
   * @param ttlMs - how long it works, in milliseconds; never longer than the session
   */
  issueToken(purpose: string, ttlMs: number): Promise<string> {
    return this.#inTurn(async () => {
      HANDLE_CALLS.issueToken(purpose, ttlMs);
      const record = this.#state.current() ?? (await this.#startFor(new Map()));
      const token = newSessionId();
      const now = this.#state.now();
      const { store } = this.#state.sessions;
      const expiresAt = Math.floor(now + ttlMs);
      if (!(await store.putOnceToken(record.idHash, hashToken(purpose, token), expiresAt, now)))
        await this.#state.lost();
      return token;
    });
  }

  /** Uses a token up. False: it was used, has expired, is for another purpose or session, or is none. */
  useToken(purpose: string, token: string | undefined): Promise<boolean> {
    return this.#inTurn(async () => {
      HANDLE_CALLS.useToken(purpose, token);
      const record = this.#state.current();
      if (record === undefined || token === undefined || !isToken(token)) return false;
      const { sessions, exchange } = this.#state;
      const tokenHash = hashToken(purpose, token);
      if (await sessions.store.takeToken(record.idHash, tokenHash, this.#state.now())) return true;
      // No alarm: who was slow, pressed twice, or made one up comes by here.
      const seen = {
        purpose,
        sessionRef: sessionRef(record.idHash),
        account: record.account,
        reason: NOT_LIVE,
      };
      sessions.audit(SESSIONS_EVENTS.tokenNotLive, seen, exchange);
      return false;
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#tend(() => this.#state.inTurn(work));
  }

  /** One forgotten `await` must not end the process: what fails and nobody hears of is in the log. */
  #tend<T>(work: () => Promise<T>): Promise<T> {
    return tended(work(), (error) => this.#report(error));
  }

  #report(error: unknown): void {
    const { sessions, exchange } = this.#state;
    // Told when it went, and the answer is a 503.
    if (error instanceof StoreDownError && error.told) return;
    sessions.audit(SESSIONS_EVENTS.unheard, { error, reason: UNHEARD }, exchange);
  }

  #change(apply: (values: Map<string, JsonValue>) => unknown): Promise<void> {
    return this.#inTurn(async () => {
      const record = this.#state.current();
      if (record !== undefined) {
        await this.#write(record, apply);
        return;
      }
      const values = new Map<string, JsonValue>();
      apply(values);
      if (values.size > 0) await this.#startFor(values);
    });
  }

  // Compare-and-set: where another request wrote in between, the change is made again on what it wrote.
  async #write(read: SessionRecord, apply: (values: Map<string, JsonValue>) => unknown): Promise<void> {
    const { store } = this.#state.sessions;
    let record = read;
    for (let attempt = 0; attempt < MOST_CONFLICTS; attempt += 1) {
      const values = readValues(record.data);
      apply(values);
      const data = writeValues(values);
      if (await store.update(record.idHash, record.version, { data }, this.#state.now())) {
        this.#state.adopt({ ...record, data, version: record.version + 1 });
        return;
      }
      record = (await this.#state.confirm()) ?? record;
    }
    throw new BulwarkError('ERR_BULWARK_STORE', 'Too many requests write to this session at once.');
  }

  async #startFor(values: ReadonlyMap<string, JsonValue>): Promise<SessionRecord> {
    const { sessions, exchange } = this.#state;
    this.#state.assertHeadOpen();
    // A visitor's new cookie would take the place of the one that the browser was given under the newer id.
    if (this.#state.superseded) await this.#state.lost();
    const opened = await sessions.start(exchange, this.#state.now(), writeValues(values));
    await this.#enter(opened);
    return opened.record;
  }

  #begin(
    open: (now: number, record: SessionRecord | undefined) => Promise<OpenedSession | undefined>,
  ): Promise<void> {
    return this.#inTurn(async () => {
      this.#state.assertHeadOpen();
      const opened = await open(this.#state.now(), this.#state.read());
      if (opened === undefined) await this.#state.lost();
      else await this.#enter(opened);
    });
  }

  async #enter(opened: OpenedSession): Promise<void> {
    const { sessions, exchange } = this.#state;
    if (exchange.headSent) {
      // The head left while the store was busy: nobody will ever hold the cookie of this session.
      await sessions.revoke(opened.record.idHash, exchange);
      this.#state.lose();
    }
    this.#state.assertHeadOpen();
    this.#state.adopt(opened.record);
    this.#state.sendCookie(sessionCookie(opened.id, sessions.settings));
  }

  async #signOut(): Promise<void> {
    this.#state.assertHeadOpen();
    try {
      const record = this.#state.read();
      // Told, and not done by halves: what goes on under the newer id is not signed out by dropping its cookie.
      if (record === undefined ? this.#state.superseded : !(await this.#end(record)))
        await this.#state.lost();
    } catch (error) {
      // Of a session of this very answer nobody has the id: it is not sent, whatever the store has.
      if (this.#state.bringsId) this.#state.signOut();
      throw error;
    }
    this.#state.signOut();
  }

  /** Ends the session. False: it went on under a newer id, which is not ours to end. */
  async #end(record: SessionRecord): Promise<boolean> {
    const { sessions, exchange } = this.#state;
    if (await sessions.signOut(exchange, record)) return true;
    return !(await sessions.wasReplaced(record.idHash, this.#state.now()));
  }
}
