/** An application with API tokens, judged by its whole layer: a clock that is moved by hand, and no socket. */
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { ApiTokens, type ApiTokenVisit } from '../../src/controls/api-tokens/api-tokens.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';
import type { Exchange } from '../../src/core/exchange.ts';
import type { Refusal } from '../../src/core/verdict.ts';
import { Layer } from '../../src/layer/layer.ts';
import { sessionCookie } from '../../src/controls/sessions/session-cookie.ts';
import type { AccountRecord, AccountStore, ApiTokenStore } from '../../src/stores/ports/accounts.ts';
import { memory } from '../../src/stores/memory/state.ts';
import type { State } from '../../src/stores/ports/state.ts';
import { type RequestSketch, sketchExchange } from './exchange.ts';
import { fixedSecrets, TEST_SECRET } from './secrets.ts';
import { type SeenEvent, START } from './sessions.ts';

/** The scopes that the site declares. */
export const SCOPES: readonly string[] = ['files:read', 'files:write'];

const ROUTES: NonNullable<PolicyOptions['routes']> = {
  '/account/**': { require: 'signed-in' },
  'GET /api/files': { require: { scope: 'files:read' } },
  'POST /api/files': { require: { scope: 'files:write' }, limit: '3/1h' },
  '/api/operators': { require: { scope: 'files:read', role: 'operator' } },
  '/api/mfa': { require: { scope: 'files:read', mfa: true } },
  '/api/fresh': { require: { scope: 'files:read', fresh: '30d' } },
  '/api/open': { require: 'anyone' },
};

/** What came of one request. */
export interface Judged {
  /** 200 where nothing refused. */
  readonly status: number;
  readonly refusal: Refusal | undefined;
  readonly exchange: Exchange;
  /** What the refusal asks for, by RFC 6750. */
  readonly challenge: string | undefined;
}

/** One process of an application. */
export class TokenSite {
  now: number = START;
  readonly state: State & { readonly accounts: AccountStore };
  readonly layer: Layer;
  readonly tokens: ApiTokens;
  /** What the layer wrote. */
  readonly events: AuditEvent[] = [];
  /** What calls of {@link tokens} wrote. */
  readonly noted: SeenEvent[] = [];
  readonly visit: ApiTokenVisit = {
    audit: ({ name }, details) => void this.noted.push({ event: name, details }),
    principal: undefined,
  };

  constructor(policy: PolicyOptions = {}, state: State = memory()) {
    const read = readPolicy({
      environment: 'production',
      origin: 'https://example.com',
      secrets: fixedSecrets(TEST_SECRET),
      state,
      apiTokens: { scopes: SCOPES },
      audit: { sink: (_line, event) => void this.events.push(event) },
      routes: ROUTES,
      ...policy,
    });
    if (read instanceof Promise || state.accounts === undefined) throw new Error('not at once');
    this.state = { ...state, accounts: state.accounts };
    this.layer = new Layer(read);
    this.tokens = ApiTokens.of(read, () => this.now);
  }

  /** Makes an account. */
  async account(id: string, more: Partial<AccountRecord> = {}): Promise<void> {
    await this.state.accounts.create({ ...accountOf(id), ...more });
  }

  /** Makes a token of an account, and the account with it where there is none. */
  async token(
    account: string,
    scopes: readonly string[] = ['files:read'],
    boundTo?: string,
  ): Promise<string> {
    if ((await this.state.accounts.find(account)) === undefined) await this.account(account);
    const verdict = await this.tokens.create(this.visit, account, { name: 'Backup', scopes, boundTo });
    if (!verdict.ok) throw new Error(verdict.reason);
    return verdict.token;
  }

  /** A session cookie of an account, as its browser sends it. */
  async cookie(account: string): Promise<string> {
    const { sessions } = this.layer;
    const { exchange } = await this.ask({});
    const { id } = await sessions.signIn(exchange, this.now, { account }, undefined);
    return sessionCookie(id, sessions.settings).split(';')[0] ?? '';
  }

  /** Judges a request. */
  async ask(sketch: RequestSketch): Promise<Judged> {
    const exchange = sketchExchange({ now: this.now, ...sketch });
    const refusal = await this.layer.decide(exchange);
    const challenge = refusal?.headers?.find(([name]) => name === 'WWW-Authenticate')?.[1];
    return { status: refusal?.status ?? 200, refusal, exchange, challenge };
  }

  /** Judges a request with a token. */
  async call(token: string, target: string, sketch: RequestSketch = {}): Promise<Judged> {
    return await this.ask({
      target,
      ...sketch,
      headers: { authorization: `Bearer ${token}`, ...sketch.headers },
    });
  }
}

/** An account as it is when it is new. */
export function accountOf(id: string): AccountRecord {
  const email = `${id}@example.com`;
  return {
    id,
    email,
    emailKey: email,
    passwordHash: undefined,
    roles: [],
    createdAt: START,
    disabledAt: undefined,
    version: 1,
  };
}

/** A state whose store of tokens answers otherwise where a test says so. */
export function withTokens(state: State, change: Partial<ApiTokenStore>): State {
  const accounts = state.accounts;
  if (accounts === undefined) throw new Error('no accounts');
  const apiTokens = overlay(accounts.apiTokens, change);
  return { ...state, accounts: overlay(accounts, { apiTokens }) };
}

/** An object with some of its members replaced, and the others as they are. */
export function overlay<T extends object>(under: T, over: Partial<T>): T {
  return new Proxy(under, {
    get: (target, name) => {
      if (Object.hasOwn(over, name)) return Reflect.get(over, name) as unknown;
      const value = Reflect.get(target, name) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
