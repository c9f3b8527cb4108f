/**
 * Browsers that an account was signed in to from before. Their owner is not locked out by strangers who guess (OWASP,
 * "Slow Down Online Guessing Attacks with Device Cookies"), and hears of a sign-in from any other.
 */
import { hash } from 'node:crypto';
import { randomId } from '../core/random.ts';
import type { AccountsContext, AccountVisit } from './context.ts';

/** The name. The prefix makes browsers refuse it from a subdomain or over plain http (RFC 6265bis 4.1.3.2). */
export const KNOWN_DEVICE_COOKIE = '__Host-known';

const ID_BYTES = 16;
const ID = /^[\w-]{22}$/;
/** As long as browsers keep any cookie (RFC 6265bis 5.5). */
const LIFE_SECONDS = 400 * 24 * 60 * 60;
/** The devices of one account; the one that was not used for longest makes room. */
const MOST_DEVICES = 20;
const LONGEST_USER_AGENT = 256;

/** What is known of the browser that asks. */
export interface Acquaintance {
  /** By its hash; undefined where this account does not know it. */
  readonly idHash: string | undefined;
}

/** The known devices of an application's accounts. */
export class KnownDevices {
  readonly #context: Pick<AccountsContext, 'store' | 'clock'>;

  constructor(context: Pick<AccountsContext, 'store' | 'clock'>) {
    this.#context = context;
  }

  /** Whether an account knows the browser. Asks the store also where there is no such account, for the same time. */
  async recognise(visit: AccountVisit, account: string | undefined): Promise<Acquaintance> {
    const id = readId(visit.cookie);
    if (id === undefined) return { idHash: undefined };
    const idHash = hashId(id);
    const found = await this.#context.store.knownDevices.find(account ?? '', idHash);
    return { idHash: found === undefined ? undefined : idHash };
  }

  /** Whether a browser says that some account knows it: nothing to let anyone in by. */
  hasCookie({ cookie }: AccountVisit): boolean {
    return readId(cookie) !== undefined;
  }

  /** Notes that an account signed in from this browser. Returns whether it was new to it. */
  async note(visit: AccountVisit, account: string): Promise<boolean> {
    const { store, clock } = this.#context;
    const before = readId(visit.cookie);
    // One cookie serves every account of a browser: each knows it by itself.
    const id = before ?? randomId(ID_BYTES);
    const idHash = hashId(id);
    const known = before !== undefined && (await store.knownDevices.find(account, idHash)) !== undefined;
    const now = clock();
    const userAgent = visit.userAgent.slice(0, LONGEST_USER_AGENT).toWellFormed();
    const { address } = visit.client;
    await store.knownDevices.put(
      { idHash, account, createdAt: now, seenAt: now, address, userAgent },
      MOST_DEVICES,
    );
    visit.setCookie(
      `${KNOWN_DEVICE_COOKIE}=${id}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${LIFE_SECONDS}`,
    );
    return !known;
  }

  /** Forgets all of an account but the one that asks: whoever else knows the old password may have been one of them. */
  async forgetOthers(visit: AccountVisit | undefined, account: string): Promise<void> {
    const id = visit === undefined ? undefined : readId(visit.cookie);
    await this.#context.store.knownDevices.removeAll(account, id === undefined ? undefined : hashId(id));
  }
}

function readId(cookie: string | undefined): string | undefined {
  const values = (cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${KNOWN_DEVICE_COOKIE}=`))
    .map((pair) => pair.slice(KNOWN_DEVICE_COOKIE.length + 1));
  // Of two, someone planted one.
  const [id] = values;
  return values.length === 1 && id !== undefined && ID.test(id) ? id : undefined;
}

function hashId(id: string): string {
  return hash('sha256', id, 'base64url');
}
