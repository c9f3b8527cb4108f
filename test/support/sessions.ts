/** Sessions for unit tests: a clock that is moved by hand, and browsers that keep their cookie. */
import type { Exchange } from '../../src/core/exchange.ts';
import { BulwarkError, type ErrorCode } from '../../src/core/errors.ts';
import type { Guard } from '../../src/core/guard.ts';
import { defaultsOf } from '../../src/core/options.ts';
import type { Refusal } from '../../src/core/verdict.ts';
import { SESSION_COOKIE } from '../../src/controls/sessions/session-cookie.ts';
import { SessionHandle } from '../../src/controls/sessions/session-handle.ts';
import { sessionGuard } from '../../src/controls/sessions/session.ts';
import { sessionOptions, type SessionSettings } from '../../src/controls/sessions/session.options.ts';
import { Sessions } from '../../src/controls/sessions/sessions.ts';
import { memory } from '../../src/stores/memory/state.ts';
import type { SessionStore } from '../../src/stores/ports/sessions.ts';
import { FakeHead, type RequestSketch, sketchExchange } from './exchange.ts';

/** A time at which tests begin, in milliseconds since 1970. */
export const START: number = Date.parse('2026-01-01T00:00:00Z');

/** An event, as it was handed to the log. */
export interface SeenEvent {
  readonly event: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What came of one visit. */
export interface Visit {
  /** 200 where nothing refused. */
  readonly status: number;
  readonly refusal: Refusal | undefined;
  /** What the handler threw. */
  readonly error: unknown;
  readonly exchange: Exchange;
  readonly setCookies: readonly string[];
  readonly clearSiteData: string | undefined;
}

/** What a test does in the place of an application. */
export type Handler = (session: SessionHandle, exchange: Exchange) => unknown;

/** One process of an application. Several on one store are several processes. */
export class FakeSite {
  now: number = START;
  readonly events: SeenEvent[] = [];
  readonly store: SessionStore;
  readonly sessions: Sessions;
  readonly guard: Guard;

  constructor(store: SessionStore = memory().sessions, settings: Partial<SessionSettings> = {}) {
    const all = { ...defaultsOf(sessionOptions), ...settings };
    this.store = store;
    this.sessions = new Sessions(
      store,
      all,
      ({ name }, details) => this.events.push({ event: name, details }),
      () => this.now,
    );
    this.guard = sessionGuard(this.sessions);
  }
}

/** A browser that keeps the session cookie it is given. */
export class FakeBrowser {
  readonly site: FakeSite;
  id: string | undefined;

  constructor(site: FakeSite, id?: string) {
    this.site = site;
    this.id = id;
  }

  /** One request through the guard, the handler and the guard again. */
  async visit(handler: Handler = () => undefined, sketch: RequestSketch = {}): Promise<Visit> {
    const { site } = this;
    const cookie = this.id === undefined ? {} : { cookie: `${SESSION_COOKIE}=${this.id}` };
    const exchange = sketchExchange({ now: site.now, ...sketch, headers: { ...cookie, ...sketch.headers } });
    let refusal = await site.guard.onRequest?.(exchange);
    let error: unknown;
    if (refusal === undefined) {
      try {
        await handler(new SessionHandle(site.sessions, exchange), exchange);
      } catch (thrown) {
        error = thrown;
      }
      refusal = site.guard.onAnswer?.(exchange, new FakeHead(error === undefined ? 200 : 500));
    }
    exchange.headSent = true;
    site.guard.onResponse?.(exchange, new FakeHead(200));
    const setCookies = headersOf(exchange, 'Set-Cookie');
    for (const line of setCookies) this.#keep(line);
    const status = refusal?.status ?? (error === undefined ? 200 : 500);
    const clearSiteData = headersOf(exchange, 'Clear-Site-Data')[0];
    return { status, refusal, error, exchange, setCookies, clearSiteData };
  }

  #keep(line: string): void {
    const id = line.slice(SESSION_COOKIE.length + 1, line.indexOf(';'));
    this.id = id === '' ? undefined : id;
  }
}

/** A handler that signs an account in. */
export function as(account: string): (session: SessionHandle) => Promise<void> {
  return async (session) => session.signIn({ account });
}

/** A browser in which an account has signed in. */
export async function signedIn(site: FakeSite, account = 'ann'): Promise<FakeBrowser> {
  const browser = new FakeBrowser(site);
  await browser.visit(as(account));
  return browser;
}

/** What a handler sees in a visit that must succeed. */
export async function look<T>(
  browser: FakeBrowser,
  read: (session: SessionHandle) => T,
): Promise<Awaited<T>> {
  let seen: Awaited<T> | undefined;
  const { error } = await browser.visit(async (session) => {
    seen = await read(session);
  });
  if (error instanceof Error) throw error;
  return seen as Awaited<T>;
}

/** Whether an error is ours, of this code. */
export function hasCode(code: ErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof BulwarkError && error.code === code;
}

function headersOf(exchange: Exchange, wanted: string): string[] {
  return exchange.extraHeaders.filter(([name]) => name === wanted).map(([, value]) => value);
}

/** A store that answers as one across a network does: every answer is a promise. */
export function acrossNetwork(store: SessionStore): SessionStore {
  return new Proxy(store, {
    get: (target, name) => {
      const method = Reflect.get(target, name) as (...values: unknown[]) => unknown;
      return async (...values: unknown[]) => {
        await Promise.resolve();
        return method.apply(target, values);
      };
    },
  });
}

/** A store that counts its calls, by method. */
export function counted(store: SessionStore): { store: SessionStore; calls: Map<string, number> } {
  const calls = new Map<string, number>();
  const counting = new Proxy(store, {
    get: (target, name) => {
      const method = Reflect.get(target, name) as (...values: unknown[]) => unknown;
      return (...values: unknown[]) => {
        calls.set(String(name), (calls.get(String(name)) ?? 0) + 1);
        return method.apply(target, values);
      };
    },
  });
  return { store: counting, calls };
}
