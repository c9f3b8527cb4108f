/** `bulwark/api-tokens`: tokens by which programs act for an account. Made, listed and revoked here; taken by the layer. */
import { API_TOKEN_CALLS } from './api-tokens.calls.ts';
import type { Audit } from '../../core/events.ts';
import { cleanName } from '../../core/clean-name.ts';
import type { Principal } from '../../core/exchange.ts';
import { Problems } from '../../core/problems.ts';
import { randomId } from '../../core/random.ts';
import { parseDuration } from '../../core/readers.ts';
import { tendMethods } from '../../core/tended.ts';
import type { AccountStore, ApiTokenRecord, ApiTokenStore } from '../../stores/ports/accounts.ts';
import type { ApiTokensSettings } from './api-tokens.options.ts';
import { hashToken, hintOf, newToken } from './token-text.ts';
import { API_TOKEN_EVENTS } from './api-tokens.events.ts';
import { FIRST_USE } from '../../core/bound-to.ts';

export type { ApiTokensOptions } from './api-tokens.options.ts';
export { apiTokenPattern } from './token-text.ts';

/** What tokens need of a policy: what `loadPolicy` gives back has it. */
export interface ApiTokensPolicy {
  readonly state: { readonly accounts?: AccountStore };
  readonly apiTokens: ApiTokensSettings;
}

/** What a call needs of the request it is made for: `bulwark.of(request)` is one. */
export interface ApiTokenVisit {
  /** Where events go. */
  readonly audit: Audit;
  /** Who asks. A token makes no tokens. */
  readonly principal: Principal | undefined;
}

/** What a token is to be. */
export interface ApiTokenWish {
  /** What its owner will know it by. */
  readonly name: string;
  /** Of `apiTokens.scopes`; at least one. */
  readonly scopes: readonly string[];
  /** A duration such as `'30d'`, at most `apiTokens.longest`. Default: `apiTokens.expiresIn`. */
  readonly expiresIn?: string | undefined;
  /**
   * Binds the token to a key (DPoP): the thumbprint of that key (RFC 7638), or `'first-use'`, for the one that it first comes with.
   * Default: none; where `apiTokens.dpop` is `'required'`, that of its first use.
   */
  readonly boundTo?: string | undefined;
}

/** One line of a list of tokens. Times are milliseconds since 1970. */
export interface ApiTokenSummary {
  readonly id: string;
  readonly name: string;
  /** Its first characters. */
  readonly hint: string;
  readonly scopes: readonly string[];
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly expired: boolean;
  /** To the minute; undefined: never. */
  readonly usedAt: number | undefined;
  /** The address it was last used from; empty: never. */
  readonly usedFrom: string;
  /** The thumbprint of the key that it is bound to, or `'first-use'`; undefined: to none. */
  readonly boundTo: string | undefined;
}

/**
 * What became of a wish. `by-token`: a token asked for it, which might give itself more than it has. `no-scope`,
 * `unknown-scope`: there is nothing, or something, in `scopes` that the policy does not know. `expiry`: no duration, or too
 * long a one. `too-many`: others must be revoked first. `no-account`: `bulwark/accounts` has none of this id, or no longer.
 */
export type ApiTokenVerdict =
  | {
      readonly ok: true;
      /** The token. Show it once, with a button that copies it: it is nowhere to be had again. */
      readonly token: string;
      readonly summary: ApiTokenSummary;
    }
  | { readonly ok: false; readonly reason: 'by-token' | 'no-account' | 'no-scope' }
  | { readonly ok: false; readonly reason: 'unknown-scope'; readonly scopes: readonly string[] }
  | { readonly ok: false; readonly reason: 'expiry'; readonly longestMs: number }
  | { readonly ok: false; readonly reason: 'too-many'; readonly most: number };

const ID_BYTES = 12;
const UNNAMED = 'Token';

/** The tokens of one application's accounts. */
export class ApiTokens {
  /** What tokens can be allowed: for the boxes of a form. */
  readonly scopes: readonly string[];
  /** How long a token works where nothing else is asked for, and at most: milliseconds. */
  readonly life: { readonly usual: number; readonly longest: number };
  /** Whether each token is bound to a key, or those that are made so. */
  readonly dpop: ApiTokensSettings['dpop'];
  readonly #settings: ApiTokensSettings;
  readonly #accounts: AccountStore;
  readonly #store: ApiTokenStore;
  readonly #clock: () => number;

  private constructor(settings: ApiTokensSettings, accounts: AccountStore, clock: () => number) {
    this.scopes = settings.scopes;
    this.dpop = settings.dpop;
    this.life = { usual: Math.min(settings.expiresIn, settings.longest), longest: settings.longest };
    this.#settings = settings;
    this.#accounts = accounts;
    this.#store = accounts.apiTokens;
    this.#clock = clock;
  }

  /**
   * The tokens of the application that a policy is for. Its `apiTokens` says what they may do, and the layer takes them
   * by the same.
   *
   * @example
   * ```ts
   * const policy = await loadPolicy({
   *   apiTokens: { scopes: ['files:read'] },
   *   routes: { 'GET /api/files/**': { require: { scope: 'files:read' } } },
   * });
   * const layer = bulwark(policy);
   * const tokens = ApiTokens.of(policy);
   * ```
   * @param clock - milliseconds since 1970
   * @throws PolicyError where the policy declares no scopes, or its state keeps no accounts
   */
  static of(policy: ApiTokensPolicy, clock: () => number = Date.now): ApiTokens {
    API_TOKEN_CALLS.of(policy, clock);
    return new ApiTokens(policy.apiTokens, accountsOf(policy), clock);
  }

  /**
   * Makes a token for an account. Ask for a fresh sign-in first (`require: { fresh: '15m' }`): it outlives the session.
   *
   * @param before - awaited once the token is drawn, and before it is stored and works: a notice of it is written there
   */
  async create(
    visit: ApiTokenVisit,
    account: string,
    wish: ApiTokenWish,
    before: (token: ApiTokenSummary) => Promise<void> = () => Promise.resolve(),
  ): Promise<ApiTokenVerdict> {
    API_TOKEN_CALLS.create(visit, account, wish, before);
    const { prefix, expiresIn, longest, perAccount, dpop } = this.#settings;
    if (visit.principal?.via === 'token') {
      visit.audit(API_TOKEN_EVENTS.askedForToken, { by: 'api-token', reason: 'a token asked for a token' });
      return { ok: false, reason: 'by-token' };
    }
    const scopes = [...new Set(wish.scopes)];
    if (scopes.length === 0) return { ok: false, reason: 'no-scope' };
    const unknown = scopes.filter((scope) => !this.scopes.includes(scope));
    if (unknown.length > 0) return { ok: false, reason: 'unknown-scope', scopes: unknown };
    const life = wish.expiresIn === undefined ? expiresIn : parseDuration(wish.expiresIn);
    if (life === undefined || life > longest) return { ok: false, reason: 'expiry', longestMs: longest };

    const token = newToken(prefix);
    const now = this.#clock();
    const record: ApiTokenRecord = {
      id: randomId(ID_BYTES),
      hash: hashToken(token),
      account,
      name: cleanName(wish.name, UNNAMED),
      scopes,
      hint: hintOf(token, prefix),
      createdAt: now,
      expiresAt: now + life,
      usedAt: undefined,
      usedFrom: '',
      jkt: wish.boundTo ?? (dpop === 'required' ? FIRST_USE : undefined),
    };
    await before(summary(record, now));
    if (!(await this.#store.add(record, perAccount, now))) {
      return (await this.#accounts.find(account)) === undefined
        ? { ok: false, reason: 'no-account' }
        : { ok: false, reason: 'too-many', most: perAccount };
    }
    const { id, expiresAt } = record;
    visit.audit(API_TOKEN_EVENTS.created, { by: 'api-token', account, id, scopes, expiresAt });
    return { ok: true, token, summary: summary(record, now) };
  }

  /** The tokens of an account, newest first, expired ones included until they are swept. */
  async list(account: string): Promise<readonly ApiTokenSummary[]> {
    API_TOKEN_CALLS.list(account);
    const now = this.#clock();
    return (await this.#store.list(account)).map((record) => summary(record, now));
  }

  /** Ends a token at once, in every process. False: the account has none of this id. */
  async revoke(visit: ApiTokenVisit, account: string, id: string): Promise<boolean> {
    API_TOKEN_CALLS.revoke(visit, account, id);
    const removed = await this.#store.remove(account, id);
    if (removed) visit.audit(API_TOKEN_EVENTS.revoked, { by: 'api-token', account, id });
    return removed;
  }

  /** Ends every token of an account: after a theft, and when it is removed. Returns how many. */
  async revokeAll(visit: ApiTokenVisit, account: string): Promise<number> {
    API_TOKEN_CALLS.revokeAll(visit, account);
    const count = await this.#store.removeAll(account);
    if (count > 0) visit.audit(API_TOKEN_EVENTS.revoked, { by: 'api-token', account, count });
    return count;
  }

  static {
    tendMethods(ApiTokens);
  }
}

/**
 * Where the accounts are whose tokens these are.
 *
 * @throws PolicyError where tokens are not declared, or there is no such place
 */
export function accountsOf({ state, apiTokens }: ApiTokensPolicy): AccountStore {
  const problems = new Problems('production');
  const { accounts } = state;
  if (apiTokens.scopes.length === 0) {
    const reason = 'it declares no scopes, so that no token could do anything.';
    problems.refuse(
      'ERR_BULWARK_INVALID_OPTION',
      'apiTokens',
      reason,
      "apiTokens: { scopes: ['files:read'] }",
    );
  }
  if (accounts === undefined) {
    const reason = 'it keeps no accounts, and tokens belong where those are.';
    problems.refuse('ERR_BULWARK_INVALID_OPTION', 'state', reason, "state: sqlite('data/')");
  }
  problems.throwIfAny();
  return accounts as AccountStore;
}

function summary(record: ApiTokenRecord, now: number): ApiTokenSummary {
  const { id, name, hint, scopes, createdAt, expiresAt, usedAt, usedFrom, jkt } = record;
  const expired = expiresAt <= now;
  return { id, name, hint, scopes, createdAt, expiresAt, expired, usedAt, usedFrom, boundTo: jkt };
}
