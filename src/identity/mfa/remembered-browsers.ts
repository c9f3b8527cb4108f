/** Remembered browsers: a browser that proved a second factor and need not do so again for a while. */
import { DEVICE_CALLS } from './mfa.calls.ts';
import type { RememberedBrowserRecord } from '../../stores/ports/factors.ts';
import { forgetRememberedBrowsers, type MfaContext, type Visit } from './context.ts';
import {
  BROWSER_COOKIE,
  DEVICE_COOKIES,
  browserCookie,
  type RememberedBrowserTicket,
  expiredBrowserCookie,
  hashBrowserToken,
  newBrowserId,
  newBrowserToken,
  readBrowserCookies,
} from './browser-cookie.ts';
import { MFA_EVENTS } from './mfa.events.ts';
import { tendMethods } from '../../core/tended.ts';

/** A {@link Visit} that knows the client's address: `bulwark.of(request)` is one. */
export interface ClientVisit extends Visit {
  readonly client: { readonly address: string };
}

/** What a sign-in is told of the device it comes from. */
export interface RememberedBrowserVerdict {
  /** Whether the second factor may be passed over. */
  readonly ok: boolean;
  /** When a second factor was proved in it, in milliseconds since 1970: `session.signIn({ ..., mfa: true, provedAt })`. */
  readonly provedAt?: number;
  /** A `Set-Cookie` line to send, if there is one: a device's cookie is a new one after each use. */
  readonly setCookie: string | undefined;
}

/** One line of a list of remembered browsers. Times are milliseconds since 1970. */
export interface RememberedBrowserSummary {
  readonly id: string;
  readonly createdAt: number;
  readonly usedAt: number;
  readonly expiresAt: number;
  readonly address: string;
  readonly userAgent: string;
  /** Whether it is the device that asks. */
  readonly current: boolean;
}

/** Devices of one account; the oldest makes room for the newest. */
const MOST_BROWSERS = 20;
const LONGEST_USER_AGENT = 256;
/** So soon after a use, the token of before is a form sent twice and no theft. */
const SENT_TWICE_MS = 30_000;
const FACTOR = 'remembered-device';

/** The remembered browsers of an application's accounts. */
export class RememberedBrowsers {
  readonly #context: MfaContext;

  constructor(context: MfaContext) {
    this.#context = context;
  }

  /** How long one need not prove a second factor again, in milliseconds. */
  get lifetime(): number {
    return this.#context.settings.rememberFor;
  }

  /**
   * Remembers the browser of a request in which a second factor was just proved, if its owner asked for it. Returns the
   * `Set-Cookie` line to send.
   *
   * @param cookieHeader - the request's `Cookie`: without it whoever else is remembered in this browser is forgotten there
   */
  async remember(
    visit: ClientVisit,
    account: string,
    userAgent: string | undefined,
    cookieHeader?: string,
  ): Promise<string> {
    DEVICE_CALLS.remember(visit, account, userAgent, cookieHeader);
    const { store, settings, clock } = this.#context;
    const now = clock();
    const name = nameFor(account, await this.#find(cookieHeader, now));
    const ticket = { name, id: newBrowserId(), token: newBrowserToken() };
    const record: RememberedBrowserRecord = {
      id: ticket.id,
      account,
      tokenHash: hashBrowserToken(ticket.token),
      createdAt: now,
      usedAt: now,
      expiresAt: now + settings.rememberFor,
      address: visit.client.address,
      userAgent: (userAgent ?? '').slice(0, LONGEST_USER_AGENT).toWellFormed(),
    };
    await store.rememberedBrowsers.put(record, MOST_BROWSERS);
    visit.audit(MFA_EVENTS.created, { factor: FACTOR, account, device: ticket.id });
    return browserCookie(ticket, settings.rememberFor);
  }

  /**
   * Whether the browser of a sign-in was remembered for this account. Ask after the password, and send `setCookie`
   * whatever the answer. A token that was used before comes from a copy of the cookie, or from an answer that never
   * arrived: the device is forgotten, and proves a second factor again.
   *
   * @param cookieHeader - the request's `Cookie`
   */
  async recognise(
    visit: Visit,
    account: string,
    cookieHeader: string | undefined,
  ): Promise<RememberedBrowserVerdict> {
    DEVICE_CALLS.recognise(visit, account, cookieHeader);
    const { store, clock } = this.#context;
    const now = clock();
    const found = await this.#find(cookieHeader, now);
    const own = found.findLast((one) => one.record?.account === account);
    if (own?.record === undefined) {
      // Those of other accounts of the same browser stay remembered.
      const dead = found.find(({ record }) => record === undefined);
      return { ok: false, setCookie: dead && expiredBrowserCookie(dead.ticket.name) };
    }
    const { record, ticket } = own;
    const tokenHash = hashBrowserToken(ticket.token);
    const token = newBrowserToken();
    const isNewest = await store.rememberedBrowsers.rotate(
      record.id,
      tokenHash,
      hashBrowserToken(token),
      now,
    );
    if (!isNewest) return await this.#refuseOld(visit, account, ticket, now);
    visit.audit(MFA_EVENTS.proved, { factor: FACTOR, account, device: record.id });
    const setCookie = browserCookie({ ...ticket, token }, record.expiresAt - now);
    return { ok: true, provedAt: record.createdAt, setCookie };
  }

  /** The remembered browsers of an account, last used first. */
  async list(account: string, cookieHeader?: string): Promise<readonly RememberedBrowserSummary[]> {
    DEVICE_CALLS.list(account, cookieHeader);
    const { store, clock } = this.#context;
    const own = readBrowserCookies(cookieHeader).map((ticket) => ticket.id);
    const devices = await store.rememberedBrowsers.list(account, clock());
    return devices.map(({ id, createdAt, usedAt, expiresAt, address, userAgent }) => ({
      id,
      createdAt,
      usedAt,
      expiresAt,
      address,
      userAgent,
      current: own.includes(id),
    }));
  }

  /** Forgets one device of an account. False: it has none of this id. */
  async forget(visit: Visit, account: string, id: string): Promise<boolean> {
    DEVICE_CALLS.forget(visit, account, id);
    const { store, clock } = this.#context;
    const removed = await store.rememberedBrowsers.remove(account, id);
    if (removed) visit.audit(MFA_EVENTS.revoked, { factor: FACTOR, account, device: id });
    else if ((await store.rememberedBrowsers.find(id, clock())) !== undefined) {
      visit.audit(MFA_EVENTS.foreign, {
        account,
        device: id,
        reason: 'a device of another account',
      });
    }
    return removed;
  }

  /** Forgets every device of an account: after a new password, or when one is lost. Returns how many. */
  async forgetAll(visit: Visit, account: string): Promise<number> {
    DEVICE_CALLS.forgetAll(visit, account);
    return await forgetRememberedBrowsers(this.#context, visit, account);
  }

  /** A token that is not, or no longer, the newest one of its device. */
  async #refuseOld(
    visit: Visit,
    account: string,
    { id, name }: RememberedBrowserTicket,
    now: number,
  ): Promise<RememberedBrowserVerdict> {
    const { rememberedBrowsers: devices } = this.#context.store;
    const record = await devices.find(id, now);
    // A form that was sent twice: its first half has the new cookie, this one goes without.
    if (record !== undefined && now - record.usedAt < SENT_TWICE_MS)
      return { ok: false, setCookie: undefined };
    await devices.remove(account, id);
    visit.audit(MFA_EVENTS.copied, { factor: FACTOR, account, device: id });
    return { ok: false, setCookie: expiredBrowserCookie(name) };
  }

  /** What a browser has of devices, each with what is stored of it. */
  async #find(cookieHeader: string | undefined, now: number): Promise<readonly FoundBrowser[]> {
    const { rememberedBrowsers: devices } = this.#context.store;
    const tickets = readBrowserCookies(cookieHeader);
    return await Promise.all(
      tickets.map(async (ticket) => ({ ticket, record: await devices.find(ticket.id, now) })),
    );
  }

  static {
    tendMethods(RememberedBrowsers);
  }
}

interface FoundBrowser {
  readonly ticket: RememberedBrowserTicket;
  readonly record: RememberedBrowserRecord | undefined;
}

/** Under which name a device is remembered: the account's own, or one that is free, or that of whoever came last long ago. */
function nameFor(account: string, found: readonly FoundBrowser[]): string {
  const own = found.find(({ record }) => record?.account === account);
  if (own !== undefined) return own.ticket.name;
  const live = found.flatMap(({ ticket: { name }, record }) => (record ? [{ name, at: record.usedAt }] : []));
  const free = DEVICE_COOKIES.find((name) => live.every((one) => one.name !== name));
  return free ?? live.toSorted((one, other) => one.at - other.at)[0]?.name ?? BROWSER_COOKIE;
}
