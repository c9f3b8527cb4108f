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

/** Told where the cookie of a session was used without its device, and to tell its owner: once a session, over all processes. */
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
  readonly #told = new Set<string>();

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
    if (hasProof(keys, device, request.headers.cookie, now)) return 'proved';
    // Here the proof is made. And a clock that was set back must not open for ever what was bound later.
    if (isProving(exchange) || Math.abs(now - boundAtOf(device)) < JUST_BOUND_MS) return 'unproved';
    const isLink = comesByLink(exchange);
    if (!isLink) this.#tell(exchange, found);
    if (settings.deviceBound !== 'enforce') return 'unproved';
    return isLink ? { keptOut: ONE_MOMENT, atOnce: true } : { keptOut: NOT_PROVED, atOnce: false };
  }

  /** The cookie of a session was used where its device is not. */
  misused(exchange: Exchange, { idHash, account }: SessionRecord, reason: string): void {
    if (account === undefined || !this.#isNew(`${idHash} ${reason}`)) return;
    const observed = this.parts.settings.deviceBound === 'enforce' ? undefined : true;
    const seen = { sessionRef: sessionRef(idHash), account, reason, observed };
    this.parts.audit(DEVICE_EVENTS.misused, seen, exchange);
    void this.#tellOwner(exchange, idHash, account);
  }

  /**
   * A thief sends what they like, and is kept out in any case. What is told apart is who hears of it: a browser whose quota of
   * signatures is used up, or that cannot reach us, says so, and is where it was.
   */
  #tell(exchange: Exchange, record: SessionRecord): void {
    const { request } = exchange;
    const skipped = SKIPPED.exec(header(request, 'secure-session-skipped') ?? '')?.[1];
    const stays = networkOf(record.address) === networkOf(exchange.client.address);
    const site = header(request, 'sec-fetch-site');
    const reason =
      skipped !== undefined && stays
        ? skipped
        : // As with links: for another origin browsers make no proof.
          site === 'cross-site' || site === 'same-site'
          ? 'asked for by a page of another origin'
          : undefined;
    if (reason === undefined) return this.misused(exchange, record, WITHOUT);
    if (!this.#isNew(`${record.idHash} ${reason}`)) return;
    const observed = this.parts.settings.deviceBound === 'enforce' ? undefined : true;
    const seen = { sessionRef: sessionRef(record.idHash), reason, observed };
    this.parts.audit(DEVICE_EVENTS.unproved, seen, exchange);
  }

  async #tellOwner(exchange: Exchange, idHash: string, account: string): Promise<void> {
    const { counters, audit } = this.parts;
    try {
      const once = { count: 1, windowMs: OWNER_HEARS_EVERY_MS };
      const { allowed } = await counters.take(`device-misuse/${idHash}`, once, exchange.now);
      if (allowed) for (const listener of this.#listeners) await listener(account, exchange);
    } catch (error) {
      audit(CORE_EVENTS.storeUnavailable, { during: 'device misuse', error: errorName(error) }, exchange);
    }
  }

  #isNew(key: string): boolean {
    if (this.#told.has(key)) return false;
    this.#told.add(key);
    if (this.#told.size > MOST_REMEMBERED) {
      const [oldest] = this.#told;
      if (oldest !== undefined) this.#told.delete(oldest);
    }
    return true;
  }
}

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

/** Whether a request is the making of a proof. */
function isProving({ request, path }: Exchange): boolean {
  return request.method === 'POST' && (path === REGISTER_PATH || path === REFRESH_PATH);
}
