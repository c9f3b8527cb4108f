/** The session cookie: what is sent, and the one strict way in which it is read. */
import { hash } from 'node:crypto';
import type { Exchange } from '../../core/exchange.ts';
import { randomId } from '../../core/random.ts';
import type { SessionSettings } from './session.options.ts';

/**
 * The name. The prefix makes browsers refuse it from a subdomain, over plain http or for a part of the site
 * (RFC 6265bis 4.1.3.2), so that nobody but this host can set it.
 */
export const SESSION_COOKIE = '__Host-sid';

/** What makes a browser forget the session cookie. */
export const EXPIRED_SESSION_COOKIE: string = `${SESSION_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`;

const ID_BYTES = 24;
const ID_LENGTH = 32;
const PREFIX = `${SESSION_COOKIE}=`;
const ATTRIBUTES = {
  lax: '; Path=/; Secure; HttpOnly; SameSite=Lax',
  strict: '; Path=/; Secure; HttpOnly; SameSite=Strict',
} as const;

const SPACE = 0x20;
const TAB = 0x09;
const SEMICOLON = 0x3b;

/** A fresh session id: 192 random bits, 32 characters. The only copy goes to the browser. */
export function newSessionId(): string {
  return randomId(ID_BYTES);
}

/** What stores and other guards know a session by. A hash needs no salt here: nobody guesses 192 bits. */
export function hashSessionId(id: string): string {
  return hash('sha256', id, 'base64url');
}

/** The Set-Cookie value. Without Max-Age: the browser forgets it when it closes, the store by its own clock. */
export function sessionCookie(id: string, settings: SessionSettings): string {
  return PREFIX + id + ATTRIBUTES[settings.sameSite];
}

/** The session id in a Cookie header, if there is exactly one and it is well formed. */
export function readSessionCookie(cookieHeader: string | undefined): string | undefined {
  const found = findSessionCookie(cookieHeader);
  return found === '' ? undefined : found;
}

/**
 * As {@link readSessionCookie}, but `''` where a cookie of our name is there and cannot be believed: malformed, or
 * one of two. Of two, someone planted one, and which one comes first is up to them.
 */
export function findSessionCookie(cookieHeader: string | undefined): string | undefined {
  if (cookieHeader === undefined) return undefined;
  const first = indexOfCookie(cookieHeader, 0);
  if (first === -1) return undefined;
  const start = first + PREFIX.length;
  const end = start + ID_LENGTH;
  if (!hasTokenAt(cookieHeader, start)) return '';
  if (cookieHeader.length > end) {
    if (cookieHeader.charCodeAt(end) !== SEMICOLON || indexOfCookie(cookieHeader, end) !== -1) return '';
  }
  return cookieHeader.slice(start, end);
}

/** Whether a text has the shape of what {@link newSessionId} makes: 32 characters of base64url. */
export function isToken(text: string): boolean {
  return text.length === ID_LENGTH && hasTokenAt(text, 0);
}

/** Read where they stand: to cut them out first makes each of them dearer. */
function hasTokenAt(text: string, start: number): boolean {
  if (text.length < start + ID_LENGTH) return false;
  for (let at = start; at < start + ID_LENGTH; at += 1)
    if (BASE64URL[text.charCodeAt(at)] !== 1) return false;
  return true;
}

// Our name inside another cookie's value or at the end of another's name is not our cookie: it must stand at the
// start of a pair.
function indexOfCookie(header: string, from: number): number {
  for (let at = header.indexOf(PREFIX, from); at !== -1; at = header.indexOf(PREFIX, at + 1)) {
    let before = at - 1;
    while (before >= 0 && isBlank(header.charCodeAt(before))) before -= 1;
    if (before < 0 || header.charCodeAt(before) === SEMICOLON) return at;
  }
  return -1;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** By the code of a character: 1 where it is one of base64url. */
const BASE64URL = Uint8Array.from({ length: 128 }, (_, code) =>
  Number(/[\w-]/.test(String.fromCharCode(code))),
);

/** What is stored of a one-time token. The token has one length, so that no purpose can be moved into it. */
export function hashToken(purpose: string, token: string): string {
  return hash('sha256', `${token}.${purpose}`, 'base64url');
}

/** The cookies of a request: HTTP/2 lets a client send them on several lines (RFC 9113 8.2.3). */
export function cookieHeader(exchange: Exchange): string | undefined {
  const value = exchange.request.headers.cookie;
  return typeof value === 'string' || value === undefined ? value : value.join('; ');
}
