/**
 * Browsers that an account was signed in to from before. Their owner is not locked out by strangers who guess (OWASP,
 * "Slow Down Online Guessing Attacks with Device Cookies"), and hears of a sign-in from any other.
 */
import { hash } from 'node:crypto';
import { randomId } from '../../core/random.ts';
import { KNOWN_DEVICE_COOKIE } from '../../identity/mfa/browser-cookie.ts';
import type { AccountsContext, AccountVisit } from '../context.ts';

const ID_BYTES = 16;
const ID = /^[\w-]{22}$/;
/** People who share a browser; who was not there for longest makes room in its cookie. */
const MOST_IDS = 5;
/** As long as browsers keep any cookie (RFC 6265bis 5.5). */
const LIFE_SECONDS = 400 * 24 * 60 * 60;
/** The devices of one account; the one that was not used for longest makes room. */
const MOST_BROWSERS = 20;
const LONGEST_USER_AGENT = 256;

/** What is known of the browser that asks. */
export interface Acquaintance {
  /** By its hash; undefined where this account does not know it. */
  readonly idHash: string | undefined;
}

/** What one account knows a browser by: in its cookie, and in the store. */
export interface BrowserId {
  readonly id: string;
  readonly idHash: string;
}

/**
 * The known browsers of an application's accounts. The cookie of a browser has one id for each account: none is ever stored
 * that came with a request, or who plants one of their own in somebody's browser is known to the account that signs in there
 * next, and may guess its password where others are held up.
 */
export class KnownBrowsers {
  readonly #context: Pick<AccountsContext, 'store' | 'clock'>;

  constructor(context: Pick<AccountsContext, 'store' | 'clock'>) {
    this.#context = context;
  }

  /** Whether an account knows the browser. Asks the store also where there is no such account, for the same time. */
  async recognise(visit: AccountVisit, account: string | undefined): Promise<Acquaintance> {
    const own = await this.find(visit, account ?? '');
    return { idHash: own === undefined ? undefined : hashId(own) };
  }

  /** Whether a browser says that some account knows it: nothing to let anyone in by. */
  hasCookie({ cookie }: AccountVisit): boolean {
    return readIds(cookie).length > 0;
  }

  /**
   * What a browser is to be known by, from this sign-in on.
   *
   * @param known - what {@link find} gave
   */
  idFor(known: string | undefined): BrowserId {
    const id = known ?? randomId(ID_BYTES);
    return { id, idHash: hashId(id) };
  }

  /** Notes that an account signed in from this browser. */
  async note(visit: AccountVisit, account: string, { id, idHash }: BrowserId): Promise<void> {
    const { store, clock } = this.#context;
    const now = clock();
    const userAgent = visit.userAgent.slice(0, LONGEST_USER_AGENT).toWellFormed();
    const { address } = visit.client;
    await store.knownBrowsers.put(
      { idHash, account, createdAt: now, seenAt: now, address, userAgent, name: '' },
      MOST_BROWSERS,
    );
    // Those of others stay as they are: what they are worth is up to each account.
    const others = readIds(visit.cookie).filter((one) => one !== id);
    const ids = [...others, id].slice(-MOST_IDS).join(BETWEEN);
    visit.setCookie(
      `${KNOWN_DEVICE_COOKIE}=${ids}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${LIFE_SECONDS}`,
    );
  }

  /** Forgets all of an account but the one that asks: whoever else knows the old password may have been one of them. */
  async forgetOthers(visit: AccountVisit | undefined, account: string): Promise<void> {
    const own = visit === undefined ? undefined : await this.find(visit, account);
    await this.#context.store.knownBrowsers.removeAll(account, own === undefined ? undefined : hashId(own));
  }

  /** By which id of its cookie an account knows a browser; undefined: it is new to it. Each is asked for, whichever it is. */
  async find({ cookie }: AccountVisit, account: string): Promise<string | undefined> {
    const { knownBrowsers } = this.#context.store;
    const ids = readIds(cookie);
    const found = await Promise.all(ids.map(async (id) => await knownBrowsers.find(account, hashId(id))));
    return ids.findLast((_id, index) => found[index] !== undefined);
  }
}

const BETWEEN = '.';

/** The ids of a cookie, last used last. */
function readIds(cookie: string | undefined): readonly string[] {
  const values = (cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${KNOWN_DEVICE_COOKIE}=`))
    .map((pair) => pair.slice(KNOWN_DEVICE_COOKIE.length + 1));
  // Of two, someone planted one.
  const ids = values.length === 1 ? (values[0] ?? '').split(BETWEEN, MOST_IDS + 1) : [];
  return ids.length <= MOST_IDS && ids.every((id) => ID.test(id)) ? ids : [];
}

function hashId(id: string): string {
  return hash('sha256', id, 'base64url');
}
