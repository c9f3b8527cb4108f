/**
 * Posts that have to come from elsewhere: an answer of a sign-in provider (form_post), of SAML, of a bank (3-D Secure). Such a
 * post is believed where it brings back a state that this very browser was given here, for this route, once.
 */
import { hash } from 'node:crypto';
import { type Exchange, header } from '../../core/exchange.ts';
import type { KeyRing } from '../../core/key-ring.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { randomId } from '../../core/random.ts';
import type { Rate } from '../../core/rate.ts';
import { CSRF_KEYS } from './csrf.keys.ts';

/** What of a store is needed: that of two posts with one state at once exactly one gets through, in all processes. */
export interface StatesUsed {
  take(key: string, rate: Rate, now: number): MaybePromise<{ readonly allowed: boolean }>;
}

/** How long somebody may take at a provider or a bank. */
const LIFE_MS = 15 * 60_000;
/** Counted for longer than a state lives, so that it is never free again while it does. */
const ONCE: Rate = { count: 1, windowMs: 2 * LIFE_MS };
const ID_BYTES = 24;
/** A state has 75 bytes so, and RelayState may have 80 (SAML 2.0 bindings, 3.4.3). */
const NONCE_BYTES = 16;
/** `None`: a post of another site brings no other cookie along. It names nobody, and opens nothing by itself. */
const COOKIE = '__Host-back';
const ATTRIBUTES = `; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=${(2 * LIFE_MS) / 1000}`;
const ID = /^[\w-]{32}$/;
/** The longer ones are of older releases: somebody is at a bank with one while the application is renewed. */
const STATE = /^([a-z0-9]{8,10})\.([\w-]{22}(?:[\w-]{10})?)\.([\w-]{43})$/;

/** A state for a post to a path, bound to the browser of an exchange, which is given a cookie for it. */
export function makeState(exchange: Exchange, keys: KeyRing, path: string): string {
  const known = browserOf(exchange);
  const browser = known ?? givenTo(exchange) ?? randomId(ID_BYTES);
  if (givenTo(exchange) === undefined)
    exchange.extraHeaders.push(['Set-Cookie', `${COOKIE}=${browser}${ATTRIBUTES}`]);
  const ends = (exchange.now + LIFE_MS).toString(36);
  const nonce = randomId(NONCE_BYTES);
  const tag = keys.sign(CSRF_KEYS.back, messageOf(browser, path, ends, nonce)).toString('base64url');
  return `${ends}.${nonce}.${tag}`;
}

/** Why a post is not believed for the state that it brings back; undefined where it is. */
export async function judgeState(
  exchange: Exchange,
  keys: KeyRing,
  used: StatesUsed,
  state: string | undefined,
): Promise<string | undefined> {
  const [, ends = '', nonce = '', tag = ''] = STATE.exec(state ?? '') ?? [];
  const browser = browserOf(exchange);
  if (tag === '') return 'a post from elsewhere brings back no state';
  if (browser === undefined) return 'a post from elsewhere comes from a browser that was given no state';
  const message = messageOf(browser, exchange.path, ends, nonce);
  if (!keys.verify(CSRF_KEYS.back, message, Buffer.from(tag, 'base64url')))
    return 'the state was not given to this browser, for this route';
  if (Number.parseInt(ends, 36) < exchange.now) return 'the state is too old';
  const key = `csrf/back/${hash('sha256', nonce, 'base64url')}`;
  const { allowed } = await used.take(key, ONCE, exchange.now);
  return allowed ? undefined : 'the state was used before';
}

function messageOf(browser: string, path: string, ends: string, nonce: string): string {
  return [browser, ends, nonce, path].join(' ');
}

/** The id of the browser, if its cookie is there exactly once: of two, someone planted one. */
function browserOf({ request }: Exchange): string | undefined {
  const found = (header(request, 'cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${COOKIE}=`));
  const id = found.length === 1 ? found[0]?.slice(COOKIE.length + 1) : undefined;
  return id !== undefined && ID.test(id) ? id : undefined;
}

/** That of a cookie which goes out with this answer. */
function givenTo({ extraHeaders }: Exchange): string | undefined {
  const line = extraHeaders.find(([, value]) => value.startsWith(`${COOKIE}=`))?.[1];
  return line?.slice(COOKIE.length + 1, line.indexOf(';'));
}
