/** Sessions that are bound to a device: whether a request comes from it, and who hears of one that does not. */
import { networkOf } from '../../audit/client-network.ts';
import { errorName } from '../../core/errors.ts';
import type { DetailsOf, EventKind } from '../../core/events.ts';
import { type Exchange, header } from '../../core/exchange.ts';
import type { Mode } from '../../core/guard.ts';
import type { KeyRing } from '../../core/key-ring.ts';
import { sessionRef } from '../../core/session-ref.ts';
import { type Slot, slot } from '../../core/slot.ts';
import { CORE_EVENTS, type Refusal } from '../../core/verdict.ts';
import type { CounterStore } from '../../stores/ports/counters.ts';
import type { Replaced, SessionRecord, SessionStore } from '../../stores/ports/sessions.ts';
import { DEVICE_EVENTS, DEVICE_PROBLEMS } from './device-bound.events.ts';
import { boundAtOf } from './device-key.ts';
import { FollowedLinks } from './followed-links.ts';
import { Marks } from './marks.ts';
import { hasProof } from './proof-cookie.ts';

/** What the section `session` says of devices. */
export interface DeviceSettings {
  readonly deviceBound: Mode;
  /** How long a proof counts, in milliseconds. */
  readonly proofLife: number;
  readonly sameSite: 'lax' | 'strict';
}

/** What device-bound sessions stand on. */
export interface DeviceParts {
  readonly settings: DeviceSettings;
  readonly keys: KeyRing;
  readonly sessions: SessionStore;
  readonly counters: CounterStore;
  readonly audit: <Kind extends EventKind>(kind: Kind, details: DetailsOf<Kind>, exchange?: Exchange) => void;
}

/**
 * Told where the cookie of a session was used without its device, and to tell its owner: once in twelve hours and session, over
 * all processes. Asked again where it throws.
 */
export type OnMisuse = (account: string, exchange: Exchange) => unknown;

/** Whose session a request is, with or without the proof of its device; or why it is kept out of the session. */
export type DeviceVerdict =
  | 'proved'
  | 'unproved'
  | {
      /** For whatever needs the session. */
      readonly keptOut: Refusal;
      /** It is answered so at once, whatever it asks for. */
      readonly atOnce: boolean;
    };

/** Where browsers register devices, and prove them again. Below the base path of what is Bulwark's own. */
export const REGISTER_PATH = '/-/device/register';
export const REFRESH_PATH = '/-/device/refresh';

/** What the cookie of a request led to. */
export const FOUND: Slot<SessionRecord | Replaced> = slot();

/**
 * A page asks for its scripts and images while its browser registers: they left without the proof. For so long after the
 * binding nobody is kept out for that, in milliseconds.
 */
const JUST_BOUND_MS = 20_000;
const OWNER_HEARS_EVERY_MS = 12 * 3_600_000;
/** What one process remembers of sessions that it has told of. */
const MOST_REMEMBERED = 10_000;

/** The judge of one application. */
export class DeviceBound {
  readonly parts: DeviceParts;
  readonly #listeners: OnMisuse[] = [];
  readonly #told = new Marks(OWNER_HEARS_EVERY_MS, MOST_REMEMBERED);
  readonly #links = new FollowedLinks(OWNER_HEARS_EVERY_MS, MOST_REMEMBERED);
  /** Who has yet to be told, where that failed: no other process will, since the counter is taken. */
  readonly #untold = new Map<string, OnMisuse[]>();

  constructor(parts: DeviceParts) {
    this.parts = parts;
  }

  /** Has somebody told of misuse. */
  onMisuse(listener: OnMisuse): void {
    this.#listeners.push(listener);
  }

  /** Whether a request comes from the device of its session. Asks no store. */
  judge(exchange: Exchange, found: SessionRecord | Replaced): DeviceVerdict {
    exchange.set(FOUND, found);
    if (found === 'replaced') return 'unproved';
    const { device } = found;
    if (device === undefined) return 'unproved';
    const { request, now } = exchange;
    const { keys, settings } = this.parts;
    if (hasProof(keys, device, request.headers.cookie, now)) {
      if (!this.#links.isEmpty) this.#lookBack(exchange, found);
      return 'proved';
    }
    // Here the proof is made. And a clock that was set back must not open for ever what was bound later.
    if (isProving(exchange) || Math.abs(now - boundAtOf(device)) < JUST_BOUND_MS) return 'unproved';
    const isLink = comesByLink(exchange);
    this.#tell(exchange, found, isLink);
    if (settings.deviceBound !== 'enforce') return 'unproved';
    return isLink ? { keptOut: ONE_MOMENT, atOnce: true } : { keptOut: NOT_PROVED, atOnce: false };
  }

  /** The cookie of a session was used where its device is not. */
  misused(exchange: Exchange, { idHash, account }: SessionRecord, reason: string): void {
    if (account === undefined) return;
    void this.#tellOwner(exchange, idHash, account);
    if (!this.#told.set(`${idHash} ${reason}`, exchange.now)) return;
    const observed = this.parts.settings.deviceBound === 'enforce' ? undefined : true;
    const seen = { sessionRef: sessionRef(idHash), account, reason, observed };
    this.parts.audit(DEVICE_EVENTS.misused, seen, exchange);
  }

  /**
   * A thief sends what they like, and is kept out in any case. What is told apart is who hears of it: a browser whose quota of
   * signatures is used up, or that cannot reach us, says so, and is where it was. No header is an excuse elsewhere, or a thief would
   * need only that one. But people follow links wherever they are: there the first is excused, and a browser proves itself then.
   */
  #tell(exchange: Exchange, record: SessionRecord, isLink: boolean): void {
    const { request } = exchange;
    const skipped = SKIPPED.exec(header(request, 'secure-session-skipped') ?? '')?.[1];
    const stays = networkOf(record.address) === networkOf(exchange.client.address);
    const site = header(request, 'sec-fetch-site');
    // As with links: for another origin browsers make no proof.
    const isOther = site === 'cross-site' || site === 'same-site';
    const reason = isLink
      ? LINKED
      : (skipped ?? (isOther ? 'asked for by a page of another origin' : undefined));
    const { idHash } = record;
    const isExcused =
      stays || (isLink && this.#links.excuses(idHash, networkOf(exchange.client.address), exchange.now));
    if (reason === undefined || !isExcused) {
      this.#links.forget(idHash);
      return this.misused(exchange, record, WITHOUT);
    }
    const observed = this.parts.settings.deviceBound === 'enforce' ? undefined : true;
    // It opens nothing, and its page loads again.
    if (isLink && stays && observed === undefined) return;
    if (!this.#told.set(`${idHash} ${reason}`, exchange.now)) return;
    const seen = { sessionRef: sessionRef(idHash), reason, observed };
    this.parts.audit(DEVICE_EVENTS.unproved, seen, exchange);
  }

  async #tellOwner(exchange: Exchange, idHash: string, account: string): Promise<void> {
    const { counters, audit } = this.parts;
    const mark = `owner ${idHash}`;
    if (!this.#told.set(mark, exchange.now)) return;
    try {
      const once = { count: 1, windowMs: OWNER_HEARS_EVERY_MS };
      const left =
        this.#untold.get(idHash) ??
        ((await counters.take(`device-misuse/${idHash}`, once, exchange.now)).allowed
          ? [...this.#listeners]
          : []);
      for (let [next] = left; next !== undefined; [next] = left) {
        this.#keepUntold(idHash, left);
        await next(account, exchange);
        left.shift();
      }
      this.#untold.delete(idHash);
    } catch (error) {
      // The next time tells them: what failed may be there again.
      this.#told.clear(mark);
      audit(CORE_EVENTS.storeUnavailable, { during: 'device misuse', error: errorName(error) }, exchange);
    }
  }

  #keepUntold(idHash: string, left: OnMisuse[]): void {
    this.#untold.set(idHash, left);
    if (this.#untold.size <= MOST_REMEMBERED) return;
    const [oldest] = this.#untold.keys();
    if (oldest !== undefined) this.#untold.delete(oldest);
  }

  /** A link that was excused, and behind which no proof came: by the next time that the owner is here it is told. */
  #lookBack(exchange: Exchange, { idHash, account }: SessionRecord): void {
    const { client, now } = exchange;
    const network = this.#links.proved(idHash, networkOf(client.address), now);
    if (network === undefined || account === undefined) return;
    const seen = { sessionRef: sessionRef(idHash), account, network };
    this.parts.audit(DEVICE_EVENTS.unprovedLink, seen, exchange);
  }
}

const LINKED = 'a link of another site led here';
const WITHOUT = 'the cookie came without the proof of its device';
/** The first word: what else is there is of sessions of other sites too. */
const SKIPPED = /^([a-z_]{1,40})(?:[;,]|$)/;

/**
 * Chromium does not wait for a proof where another site leads here, or that site would learn who is signed in, and use up the
 * quota of signatures. It does where a page of ours loads itself again: so nobody has to sign in for a link.
 */
const ONE_MOMENT: Refusal = {
  ...DEVICE_PROBLEMS.oneMoment,
  detail: 'Your browser is asked to show that it is yours. The page loads again by itself.',
  headers: [['Refresh', '0']],
};

const NOT_PROVED: Refusal = {
  ...DEVICE_PROBLEMS.notProved,
  detail: 'This session belongs to one device. Load the page again in a minute, or sign in again.',
};

/** A page that a link, a form or a script of another origin leads to. */
function comesByLink({ request }: Exchange): boolean {
  const { method } = request;
  if (method !== 'GET' && method !== 'HEAD') return false;
  const site = header(request, 'sec-fetch-site');
  return (
    (site === 'cross-site' || site === 'same-site') &&
    header(request, 'sec-fetch-mode') === 'navigate' &&
    header(request, 'sec-purpose') === undefined
  );
}

/**
 * Whether a browser is proving its device again. It takes every 4xx but the 403 with a challenge for the end of the session,
 * and a 5xx for an outage after which it comes again (the draft's session request): who shares a busy address must not have to sign in anew.
 */
export function isRefresh({ request, target }: Pick<Exchange, 'request' | 'target'>): boolean {
  return target === REFRESH_PATH && request.method === 'POST';
}

/** Whether a request is the making of a proof. */
function isProving({ request, path }: Exchange): boolean {
  return request.method === 'POST' && (path === REGISTER_PATH || path === REFRESH_PATH);
}
