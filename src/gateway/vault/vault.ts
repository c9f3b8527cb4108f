/** The vault: an upstream's session cookies, kept in the store of sessions, and the browser has a handle in their place. */
import { type SetCookie, parseSetCookie } from '../../controls/cookies/set-cookie.ts';
import type { SessionSettings } from '../../controls/sessions/session.options.ts';
import type { FoundSession, SessionAudit } from '../../controls/sessions/sessions.ts';
import { BulwarkError } from '../../core/errors.ts';
import { type Exchange, header } from '../../core/exchange.ts';
import type { ForwardHead } from '../../core/forward-head.ts';
import { headerKey } from '../../core/header-line.ts';
import type { Guard } from '../../core/guard.ts';
import { sessionRef } from '../../core/session-ref.ts';
import { type Slot, slot } from '../../core/slot.ts';
import { sessionsUnavailable, type Verdict } from '../../core/verdict.ts';
import type { SessionRecord, SessionStore } from '../../stores/ports/sessions.ts';
import { GATEWAY_EVENTS } from '../gateway.events.ts';
import { foldCookieName } from '../options/fold-cookie-name.ts';
import { CookieNames } from './cookie-names.ts';
import { EXPIRED_VAULT_COOKIE, Handle, VAULT_COOKIE } from './handle.ts';
import {
  changed,
  changeOf,
  type CookieChange,
  cookiesFor,
  type HeldCookie,
  isSomebodyElse,
  live,
  userOf,
} from './held-cookies.ts';

/** What a vault keeps by. */
export interface VaultParts {
  readonly names: CookieNames;
  readonly store: SessionStore;
  readonly settings: SessionSettings;
  readonly audit: SessionAudit;
  /** Milliseconds since 1970. Default: the clock of this machine. */
  readonly clock?: () => number;
}

/** What the handle of a request led to. `replaced`: it went on under another moments ago, and opens nothing. */
type Entry = { readonly handle: Handle; readonly held: readonly HeldCookie[] } | 'replaced';

const ENTRY: Slot<Entry> = slot();
const VAULT_NAME = foldCookieName(VAULT_COOKIE);
const MOST_TRIES = 10;
const LONGEST_USER_AGENT = 256;
const NO_COOKIES: readonly HeldCookie[] = [];

/** The session cookies of one upstream. */
export class Vault {
  /** Stands behind `session`: looks the handle up, and puts the cookies where it was. */
  readonly guard: Guard;
  readonly #names: CookieNames;
  readonly #store: SessionStore;
  readonly #settings: SessionSettings;
  readonly #audit: SessionAudit;
  readonly #clock: () => number;

  constructor({ names, store, settings, audit, clock = Date.now }: VaultParts) {
    this.#names = names;
    this.#store = store;
    this.#settings = settings;
    this.#audit = audit;
    this.#clock = clock;
    this.guard = {
      name: 'vault',
      mode: 'enforce',
      onRequest: (exchange) => this.#find(exchange),
      onForward: (exchange, head) => this.#forward(exchange, head),
    };
  }

  /**
   * The lines of an answer without the cookies that stay here. A promise where there are some: the answer waits until they
   * are kept, since a browser that has its handle comes back with it. It rejects where they cannot be.
   *
   * @param lines - names and values in turn
   */
  take(exchange: Exchange, lines: readonly string[]): readonly string[] | Promise<readonly string[]> {
    const left: string[] = [];
    const changes: CookieChange[] = [];
    for (let at = 0; at < lines.length; at += 2) {
      const name = lines[at] ?? '';
      const value = lines[at + 1] ?? '';
      const cookie = headerKey(name) === 'set-cookie' ? parseSetCookie(value) : undefined;
      if (!isCookie(cookie) || !this.#isOurs(cookie.name)) left.push(name, value);
      else if (this.#names.has(cookie.name)) changes.push(changeOf(cookie, this.#clock()));
    }
    if (left.length === lines.length) return lines;
    // It was made for one visitor, whether or not a cookie goes out with it.
    exchange.sessionRead = true;
    return this.#keep(exchange, changes).then(() => left);
  }

  /** The entry that a request came with, if any, as the store of sessions has it. */
  idHashOf(exchange: Exchange): string | undefined {
    const entry = exchange.get(ENTRY);
    return entry === undefined || entry === 'replaced' ? undefined : entry.handle.idHash;
  }

  #isOurs(name: string): boolean {
    return this.#names.has(name) || foldCookieName(name) === VAULT_NAME;
  }

  #find(exchange: Exchange): Verdict | Promise<Verdict> {
    const sent = exchange.request.headers['cookie'];
    if (sent === undefined) return undefined;
    const handle = Handle.read(typeof sent === 'string' ? sent : sent.join('; '));
    if (handle === undefined) return undefined;
    try {
      const found = this.#store.use(handle.idHash, exchange.now, this.#settings.touchEvery);
      if (!(found instanceof Promise)) return enter(exchange, handle, found);
      return found.then((later) => enter(exchange, handle, later), sessionsUnavailable);
    } catch (error) {
      return sessionsUnavailable(error);
    }
  }

  /** The cookies in the place of the handle. What a browser sends under their names is not theirs: it is a copy, or planted. */
  #forward(exchange: Exchange, head: ForwardHead): void {
    const sent = head.get('cookie');
    if (sent === undefined) return;
    const entry = exchange.get(ENTRY);
    const held = entry === undefined || entry === 'replaced' ? NO_COOKIES : entry.held;
    const pairs = [cookiesFor(held, exchange.rawPath)];
    for (const pair of sent.split(';')) {
      const equals = pair.indexOf('=');
      if (!this.#isOurs(equals === -1 ? pair : pair.slice(0, equals))) pairs.push(pair.trim());
    }
    const line = pairs.filter((pair) => pair !== '').join('; ');
    if (line === '') head.remove('cookie');
    else head.set('Cookie', line);
  }

  async #keep(exchange: Exchange, changes: readonly CookieChange[]): Promise<void> {
    const entry = exchange.get(ENTRY);
    const now = this.#clock();
    const fresh = changed(NO_COOKIES, changes, exchange.now);
    if (entry === undefined) return this.#begin(exchange, fresh);
    if (entry === 'replaced') return this.#beginAnew(exchange, fresh, undefined);
    const { handle } = entry;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const record = await this.#store.find(handle.idHash, now);
      const held = record === undefined ? undefined : readEntry(handle, record, now);
      // Signed out, or gone on, while this was answered: what it sets would bring back what was ended.
      if (record === undefined || held === undefined)
        return this.#beginAnew(exchange, fresh, userOf(entry.held));
      const next = changed(held, changes, exchange.now);
      if (next.length === 0) return this.#end(exchange, record);
      if (isSomebodyElse(held, next)) {
        if (await this.#replace(exchange, record, held, next)) return undefined;
      } else {
        const data = handle.seal(JSON.stringify(next));
        if (await this.#store.update(handle.idHash, record.version, { data }, now)) return undefined;
      }
    }
    throw new BulwarkError('ERR_BULWARK_STORE', 'The cookies of a visitor changed too often at once.');
  }

  /** Whoever proved who they are in this very request has a new entry, whatever became of the one before. */
  async #beginAnew(
    exchange: Exchange,
    fresh: readonly HeldCookie[],
    before: string | undefined,
  ): Promise<void> {
    const user = userOf(fresh);
    if (user !== undefined && user !== before) await this.#begin(exchange, fresh);
  }

  async #begin(exchange: Exchange, held: readonly HeldCookie[]): Promise<void> {
    if (held.length === 0) return;
    const { record, cookie } = this.#make(exchange, held);
    await this.#store.create(record);
    exchange.extraHeaders.push(['Set-Cookie', cookie]);
    this.#audit(GATEWAY_EVENTS.vaultBegun, seen(record), exchange);
  }

  /** False: it was over already. */
  async #replace(
    exchange: Exchange,
    old: SessionRecord,
    before: readonly HeldCookie[],
    held: readonly HeldCookie[],
  ): Promise<boolean> {
    const { record, cookie } = this.#make(exchange, held);
    const user = userOf(held);
    const isNew = (user !== undefined && user !== userOf(before)) || held.length > before.length;
    // Who signs in has their time from here on. Another id alone does not keep an entry for ever.
    const next = isNew ? record : { ...record, createdAt: old.createdAt, expiresAt: old.expiresAt };
    if (!(await this.#store.replace(old.idHash, next, this.#clock()))) return false;
    exchange.extraHeaders.push(['Set-Cookie', cookie]);
    this.#audit(GATEWAY_EVENTS.vaultRenewed, seen(next), exchange);
    return true;
  }

  async #end(exchange: Exchange, record: SessionRecord): Promise<void> {
    const ended = await this.#store.revoke(record.idHash);
    exchange.extraHeaders.push(['Set-Cookie', EXPIRED_VAULT_COOKIE]);
    if (ended) this.#audit(GATEWAY_EVENTS.vaultEnded, seen(record), exchange);
  }

  #make(
    exchange: Exchange,
    held: readonly HeldCookie[],
  ): { readonly record: SessionRecord; readonly cookie: string } {
    const { handle, cookie } = Handle.make(this.#settings.sameSite);
    const now = this.#clock();
    const account = userOf(held);
    const record: SessionRecord = {
      idHash: handle.idHash,
      account,
      roles: [],
      createdAt: now,
      signedInAt: account === undefined ? undefined : now,
      mfaAt: undefined,
      device: undefined,
      seenAt: now,
      expiresAt: now + this.#settings.absolute,
      idleMs: this.#settings.idle,
      version: 1,
      data: handle.seal(JSON.stringify(held)),
      address: exchange.client.address,
      userAgent: (header(exchange.request, 'user-agent') ?? '').slice(0, LONGEST_USER_AGENT).toWellFormed(),
    };
    return { record, cookie };
  }
}

function isCookie(parsed: SetCookie | string | undefined): parsed is SetCookie {
  return typeof parsed === 'object';
}

function enter(exchange: Exchange, handle: Handle, found: FoundSession): undefined {
  if (found === undefined) return undefined;
  if (found === 'replaced') exchange.set(ENTRY, found);
  else {
    const held = readEntry(handle, found, exchange.now);
    if (held !== undefined) exchange.set(ENTRY, { handle, held });
  }
  return undefined;
}

/** Undefined: what the store gave back is not what was sealed for this handle. */
function readEntry(handle: Handle, { data }: SessionRecord, now: number): readonly HeldCookie[] | undefined {
  const text = handle.open(data);
  return text === undefined ? undefined : live(JSON.parse(text) as readonly HeldCookie[], now);
}

function seen({ idHash, account }: SessionRecord): { sessionRef: string; account: string | undefined } {
  return { sessionRef: sessionRef(idHash), account };
}
