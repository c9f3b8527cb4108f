/** One request and its response as guards see them, whatever the framework. */
import type { Body } from './body.ts';
import { StoreDownError } from './errors.ts';
import { type OverCode, overError } from './over.ts';
import { randomId, randomNonce } from './random.ts';
import type { RouteRules } from './route-rules.ts';
import { type Slot, slot } from './slot.ts';
import type { Refusal } from './verdict.ts';

/** What an adapter hands in: the request exactly as it came, nothing interpreted. */
export interface RequestFacts {
  readonly method: string;
  /** The request target, byte for byte: usually a path and a query. */
  readonly target: string;
  /** `'1.1'`, `'1.0'`, `'0.9'` or `'2.0'`. */
  readonly httpVersion: string;
  /** Names and values in turn, in the order and case of the wire. */
  readonly rawHeaders: readonly string[];
  /** Lower-cased names, as Node.js folds them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The address at the other end of the socket. */
  readonly peer: string;
  /** Whether this very socket is TLS. */
  readonly encrypted: boolean;
}

/** Who is asking, as far as the network tells. */
export interface Client {
  /** The address, without port or zone. */
  readonly address: string;
  /** What limits count by: the address, or the /64 of an IPv6 one, since a household owns a whole one. */
  readonly key: string;
}

/** Who is acting, as rules and handlers see it: a person who signed in, or a program by a token of theirs. */
export interface Principal {
  readonly account: string;
  readonly roles: readonly string[];
  /** Milliseconds since 1970. Of a token 0: nobody signed in, and that is never fresh. */
  readonly signedInAt: number;
  /** When a second factor was last proved, if it was. Of a token never. */
  readonly mfaAt: number | undefined;
  readonly via: 'session' | 'token';
  /** What the token may do. Empty for a session, which no scope narrows: look at `via` first. */
  readonly scopes: readonly string[];
}

/** What other guards may know of a session. The handle for handlers lives in the sessions room. */
export interface SessionFacts {
  /** SHA-256 of the session id, base64url: tokens are bound to it, the id itself goes nowhere. */
  readonly idHash: string;
  readonly principal: Principal | undefined;
  /** When a session of no device began: a new id keeps it. */
  readonly createdAt?: number;
  /** The device that the session is bound to, as it is stored. */
  readonly device?: string | undefined;
  /** Whether this request came with the proof of that device, and somebody has proved there who they are. */
  readonly deviceBound?: boolean;
}

/** What a request itself brings to say who acts, such as an API token. */
export interface Credential {
  /** What its owner's list and the log call it. Opens nothing. */
  readonly id: string;
  readonly principal: Principal;
}

/** The credential of a request. Where there is one, no session is looked at. */
export const CREDENTIAL: Slot<Credential> = slot();

/** A delivery that its sender has signed. */
export interface SignedDelivery {
  /** How it is signed. */
  readonly scheme: string;
  /** What the sender calls it; undefined where its scheme has no word for that, as those of Stripe and Slack: their bodies have one. */
  readonly id: string | undefined;
  /** Milliseconds since 1970; undefined where the scheme does not say. */
  readonly sentAt: number | undefined;
}

/** Where the body was signed by who sent it: no session is looked at, and nothing can be forged with a cookie. */
export const SIGNED: Slot<SignedDelivery> = slot();

/** What the policy lets pages of another origin do: with the visitor's cookies, or only without. */
export type CrossOriginTrust = 'with-credentials' | 'without-credentials';

/** By `cors`: how far the origin that a request names is trusted at its route, with its method. */
export const CROSS_ORIGIN: Slot<CrossOriginTrust> = slot();

/**
 * Why it cannot be known who is there. A page that does not ask is served all the same; a handler that asks must fail, and never
 * take it for nobody.
 */
export const UNKNOWN_WHO: Slot<StoreDownError> = slot();

/**
 * The answer to whatever needs the session, where the cookie of one came without the proof of its device. Who sent it is a
 * visitor, and must not be led to sign in: its owner's browser may only be slow.
 */
export const NOT_PROVED: Slot<Refusal> = slot();

/** What tells an exchange that its client has left, or that its session was ended: asked only where a signal was. */
export interface Lifeline {
  watch(exchange: Exchange): void;
}

/** Whether the request brings a session that something behind the layer keeps: then there is something to forge with. */
export const FOREIGN_SESSION: Slot<true> = slot();

/** Whether an upstream answers: what it sets is its own business, and no second layer within one application. */
export const FORWARDED: Slot<true> = slot();

const NO_RULES: RouteRules = Object.freeze({});

/** Filled, and so copied as a list without holes. */
const NO_SLOTS: readonly unknown[] = Array.from({ length: 32 }, () => undefined);

/**
 * The state of one exchange. Guards run in one order (layer/order.ts), and each fills in what those after it use;
 * the fields say which guard that is.
 */
export class Exchange {
  readonly request: RequestFacts;
  /** When the request came, in milliseconds since 1970. */
  readonly now: number;
  readonly body: Body;

  /** By `address`. Until then, and where no proxy is trusted, the peer. */
  client: Client;
  /** By `address`: whether the client's own connection is https, here or at a trusted proxy. */
  secure: boolean;
  /** By `host`: the lower-cased host with its port, when it is an allowed one. */
  host = '';
  /** By `url`: the target in origin-form (RFC 9112 3.2.1), as the application gets it. */
  target: string;
  /** By `url`: the decoded path, in the one reading that routes are matched by. */
  path = '/';
  /** By `url`: the path as it came, escapes and empty segments as they were. */
  rawPath = '/';
  /** By `url`: whether the path has one reading only. Where `observe` lets another through, no route rule can be relied on. */
  pathHasOneReading = true;
  /** By `url`: the query, as it came, without the question mark. */
  query = '';
  /** By the layer, once the path is known: the policy's `routes` for it. */
  rules: RouteRules = NO_RULES;
  /** By `session`: whether the request brought a session cookie at all, live or not. */
  hasSessionCookie = false;
  /** By `session`: the live session, if there is one. */
  session: SessionFacts | undefined = undefined;
  /** Set where a handler or rule looked at who is signed in: such an answer must not be cached. */
  sessionRead = false;
  /** Set where a handler took the nonce: a page with it must not be kept by a cache that others ask. */
  nonceTaken = false;
  /** Why the application failed, where a host saw it: for the log, and for a developer at this very machine. */
  failure: unknown = undefined;
  /** Headers to send whatever the answer: limits, session cookies. Filled by guards, written by the layer. */
  readonly extraHeaders: [name: string, value: string][] = [];

  /** Set by the layer when the head has left: from then on no cookie can be added. */
  headSent = false;

  readonly #lifeline: Lifeline | undefined;
  #abort: AbortController | undefined;
  #over: OverCode | undefined;
  #id: string | undefined;
  #nonce: string | undefined;
  // A list that is there from the start: 10 ns an exchange, where a Map costs 100 and a WeakMap 600. With a place for each slot of
  // ours and for some of the application: one that has to grow is copied, and has holes from then on.
  readonly #kept: unknown[] = NO_SLOTS.slice();

  constructor(request: RequestFacts, now: number, body: Body, lifeline?: Lifeline) {
    this.request = request;
    this.target = request.target;
    this.now = now;
    this.body = body;
    this.#lifeline = lifeline;
    this.client = { address: request.peer, key: request.peer };
    this.secure = request.encrypted;
  }

  /** What a guard keeps here, if one does. */
  get<Kept>(slot: Slot<Kept>): Kept | undefined {
    return this.#kept[slot.index] as Kept | undefined;
  }

  /** Keeps something for those who look at the exchange later, for as long as it lasts: a guard, and the handler by its view. */
  set<Kept>(slot: Slot<Kept>, kept: Kept | undefined): void {
    this.#kept[slot.index] = kept;
  }

  /**
   * Aborts where nobody waits any more for what a handler does: its answer was replaced, the client left, or the session was
   * ended. Made at the first look: who does not ask pays nothing.
   */
  get signal(): AbortSignal {
    if (this.#abort !== undefined) return this.#abort.signal;
    this.#abort = new AbortController();
    if (this.#over === undefined) this.#lifeline?.watch(this);
    else this.#abort.abort(overError(this.#over));
    return this.#abort.signal;
  }

  /** By the layer and its host: says that the exchange is over, and why. The first reason counts. */
  callOff(code: OverCode): void {
    if (this.#over !== undefined) return;
    this.#over = code;
    this.#abort?.abort(overError(code));
  }

  /** The request id: made here, never taken from the client, who could forge another's trail. */
  get id(): string {
    this.#id ??= randomId(16);
    return this.#id;
  }

  /** The CSP nonce of this response, 132 random bits: the one source for the header and for templates. */
  get nonce(): string {
    this.#nonce ??= randomNonce();
    return this.#nonce;
  }
}

/** Who is acting. A credential counts before a session: a cookie that came along must add no rights to it. */
export function principalOf(exchange: Exchange): Principal | undefined {
  const credential = exchange.get(CREDENTIAL);
  return credential === undefined ? exchange.session?.principal : credential.principal;
}

/** Notes that a store is gone, once, so that a handler that asks who is there fails for it: a 500 that comes of it leaves as 503. */
export function noteUnknownWho(exchange: Exchange, error: unknown): void {
  if (error instanceof StoreDownError && exchange.get(UNKNOWN_WHO) === undefined)
    exchange.set(UNKNOWN_WHO, error);
}

/**
 * The one value of a request header. Undefined where it is absent; a repeated one is joined as RFC 9110 5.3 says. What every
 * request is asked for is written out ({@link joined}): V8 finds a name that it knows in a third of the time.
 */
export function header(request: RequestFacts, name: string): string | undefined {
  return joined(request.headers[name]);
}

/** As {@link header}, of what stands in `headers`. */
export function joined(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' || value === undefined ? value : value.join(', ');
}
