/**
 * Browsers from which somebody signed in before (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). Nothing is
 * stored: the cookie has an entry for each account, signed for that account alone, and none can be made by a client.
 */
import type { KeyRing } from '../../core/key-ring.ts';
import { randomId } from '../../core/random.ts';
import { SIGN_IN_KEYS } from './sign-in.keys.ts';

/** Browsers take it from this very host alone, over https (RFC 6265bis 4.1.3.2). */
export const KNOWN_BROWSER_COOKIE = '__Host-signed-in-before';

const ID_BYTES = 12;
const TAG_BYTES = 16;
/** People who share a browser; who was not there for longest makes room. */
const MOST_ENTRIES = 5;
const DAY = 24 * 60 * 60_000;
const LIFE_DAYS = 180;
/** The day on which it was made, an id, a tag. */
const ENTRY = /^([\da-z]{1,9})-([\w-]{16})-([\w-]{22})$/;
const BETWEEN = '.';

/** Makes and reads the cookie. */
export class KnownBrowserCookie {
  readonly #keys: KeyRing;

  constructor(keys: KeyRing) {
    this.#keys = keys;
  }

  /** By which id an account knows the browser that sent this. Undefined: it does not. */
  idFor(account: string, cookies: string | undefined, now: number): string | undefined {
    return this.#read(account, cookies, now)?.id;
  }

  /** The Set-Cookie line of a browser from which an account just signed in. The id that it has stays. */
  line(account: string, cookies: string | undefined, now: number): string {
    const known = this.#read(account, cookies, now);
    const time = Math.floor(now / DAY).toString(36);
    const id = known?.id ?? randomId(ID_BYTES);
    const tag = this.#keys
      .sign(SIGN_IN_KEYS.knownBrowser, said(account, time, id))
      .toString('base64url', 0, TAG_BYTES);
    const others = entriesOf(cookies).filter((entry) => entry !== known?.entry);
    const entries = [...others, `${time}-${id}-${tag}`].slice(-MOST_ENTRIES).join(BETWEEN);
    return `${KNOWN_BROWSER_COOKIE}=${entries}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${(LIFE_DAYS * DAY) / 1000}`;
  }

  #read(
    account: string,
    cookies: string | undefined,
    now: number,
  ): { readonly id: string; readonly entry: string } | undefined {
    let found: { readonly id: string; readonly entry: string } | undefined;
    for (const entry of entriesOf(cookies)) {
      const [, time = '', id = '', tag = ''] = ENTRY.exec(entry) ?? [];
      const isOurs = this.#keys.verify(
        SIGN_IN_KEYS.knownBrowser,
        said(account, time, id),
        Buffer.from(tag, 'base64url'),
      );
      const age = now / DAY - Number.parseInt(time, 36);
      if (isOurs && age < LIFE_DAYS && age > -1) found = { id, entry };
    }
    return found;
  }
}

/** The account comes last: it may hold anything. */
function said(account: string, time: string, id: string): string {
  return `${time}/${id}/${account}`;
}

/** The entries of a Cookie header, last used last. Of two cookies of one name, someone planted one. */
function entriesOf(cookies: string | undefined): readonly string[] {
  if (cookies?.includes(KNOWN_BROWSER_COOKIE) !== true) return [];
  const values = cookies
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${KNOWN_BROWSER_COOKIE}=`));
  const [value = ''] = values;
  const entries = value.slice(KNOWN_BROWSER_COOKIE.length + 1).split(BETWEEN, MOST_ENTRIES + 1);
  return values.length === 1 && entries.length <= MOST_ENTRIES && entries.every((entry) => ENTRY.test(entry))
    ? entries
    : [];
}
