/** One provider: what it says of itself, where it sends people, what it makes of a code. */
import { hash } from 'node:crypto';
import type { Configuration } from 'openid-client';
import type { Attempt } from './attempts.ts';
import { emailOf, type Identity, identityFrom } from './claims.ts';
import { Fault } from './fault.ts';
import { type AddressRule, mayUse, type Metadata, readMetadata } from './metadata.ts';
import { loadOpenIdClient, type OpenIdClient } from './optional-types.ts';
import { Wire } from './wire.ts';

/** A provider of the policy, with all that it needs. */
export interface ProviderDescription {
  readonly label: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  readonly clientAuthentication: 'basic' | 'post' | undefined;
  /** Where it sends people back to. */
  readonly redirectUri: string;
  /** Milliseconds, for all that one visitor needs of it. */
  readonly timeout: number;
  /** Milliseconds that a person may take there. */
  readonly attemptFor: number;
}

/** Providers change their addresses seldom. Their keys are looked up every five minutes by openid-client. */
const METADATA_FOR_MS = 60 * 60_000;
/** While a provider is gone, what it said before is good: it is asked again after this. */
const RETRY_METADATA_MS = 60_000;
/** What UserInfo may take: someone waits for their sign-in, and it is only for a greeting. */
const GREETING_MS = 2000;
/** Their clock may be behind ours. */
const CLOCKS_DIFFER_MS = 30_000;

/** Who signed in, and what is missing of how to call them. */
export interface Redeemed {
  readonly identity: Identity;
  /** Why UserInfo had nothing to say, for the log, where it was asked. */
  readonly noGreeting: string | undefined;
}

/** A provider, as it is asked. */
export class Provider {
  readonly description: ProviderDescription;
  readonly #rule: AddressRule;
  readonly #clock: () => number;
  #metadata: { readonly value: Metadata; readonly until: number } | undefined;
  #underWay: Promise<Metadata> | undefined;
  #keys: ReturnType<OpenIdClient['getJwksCache']>;

  /** @param clock - milliseconds since 1970 */
  constructor(description: ProviderDescription, clock: () => number) {
    this.description = description;
    this.#clock = clock;
    // The options take http for this machine in development alone.
    this.#rule = { issuer: description.issuer, loopback: description.issuer.startsWith('http:') };
  }

  /**
   * Where to send someone.
   *
   * @param attempt - begun once the provider is known to be there: a failure leaves none behind
   * @throws Fault
   */
  async authorizationUrl(attempt: () => Promise<Attempt & { readonly state: string }>): Promise<string> {
    const { redirectUri, scopes } = this.description;
    const client = await loadOpenIdClient();
    const wire = this.#wire();
    const config = await this.#configure(client, wire);
    const { state, nonce, verifier, purpose } = await attempt();
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: scopes.join(' '),
      state,
      nonce,
      code_challenge: hash('sha256', verifier, 'base64url'),
      code_challenge_method: 'S256',
      // OpenID Connect Core 1.0, 3.1.2.1: some heed one, some the other. What they did is in the token.
      ...(purpose === 'again' && { prompt: 'login', max_age: '0' }),
    });
    return url.href;
  }

  /**
   * Who signed in, by the answer that came back with them.
   *
   * @param query - with a state that was taken, once
   * @throws Fault
   */
  async redeem(query: URLSearchParams, state: string, attempt: Attempt): Promise<Redeemed> {
    const client = await loadOpenIdClient();
    const wire = this.#wire();
    const config = await this.#configure(client, wire);
    // RFC 9207: of a code that an attacker's provider passed on, the one who issued it says whose it is.
    const announced = config.serverMetadata().authorization_response_iss_parameter_supported === true;
    if (announced && !query.has('iss')) throw new Fault('mix-up', 'the answer does not say who it is from');
    try {
      const redeemed = await this.#exchange(client, config, wire, query, state, attempt);
      if (attempt.purpose === 'again' && !isFresh(redeemed.identity, attempt)) throw new Fault('not-fresh');
      return redeemed;
    } catch (error) {
      throw faultOf(client, error, wire);
    } finally {
      this.#keys = client.getJwksCache(config) ?? this.#keys;
    }
  }

  async #exchange(
    client: OpenIdClient,
    config: Configuration,
    wire: Wire,
    query: URLSearchParams,
    state: string,
    { nonce, verifier }: Attempt,
  ): Promise<Redeemed> {
    // By our own words, not by the address that a Host header made: it is sent with the code.
    const url = new URL(`${this.description.redirectUri}?${query.toString()}`);
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier };
    const tokens = await client.authorizationCodeGrant(config, url, { ...checks, idTokenExpected: true });
    const claims = tokens.claims();
    if (claims === undefined) throw new Fault('invalid', 'there is no ID token');
    const ask = emailOf(claims) === undefined && this.#hasUserInfo(config);
    const { said, noGreeting } = ask
      ? await this.#greeting(client, wire.aside(GREETING_MS), tokens.access_token, claims.sub)
      : {};
    const identity = identityFrom(claims, said);
    if (identity === undefined) throw new Fault('invalid', 'the subject is none');
    return { identity, noGreeting };
  }

  /**
   * What UserInfo says of a subject. The signed token has said already who it is: whatever becomes of this, of the
   * provider, of the answer or of its subject (then it is not used: OpenID Connect Core 1.0, 5.3.2), they are signed in.
   */
  async #greeting(
    client: OpenIdClient,
    wire: Wire,
    accessToken: string,
    subject: string,
  ): Promise<{ readonly said?: Readonly<Record<string, unknown>>; readonly noGreeting?: string }> {
    try {
      return { said: await client.fetchUserInfo(await this.#configure(client, wire), accessToken, subject) };
    } catch (error) {
      return { noGreeting: wire.trouble ?? describe(error) };
    }
  }

  #hasUserInfo(config: Configuration): boolean {
    const { userinfo_endpoint: endpoint } = config.serverMetadata();
    return endpoint !== undefined && this.description.scopes.includes('email');
  }

  #wire(): Wire {
    return Wire.of(this.description.timeout, (url) => mayUse(url, this.#rule));
  }

  /** One for each call: what is asked through it has one deadline. */
  async #configure(client: OpenIdClient, wire: Wire): Promise<Configuration> {
    const { clientId, clientSecret } = this.description;
    const metadata = await this.#current(client);
    const prove = this.#usesPost(metadata) ? client.ClientSecretPost : client.ClientSecretBasic;
    const config = new client.Configuration(metadata, clientId, undefined, prove(clientSecret));
    config[client.customFetch] = wire.fetch;
    if (this.#rule.loopback) client.allowInsecureRequests(config);
    // TLS says who answered; the signature says who made the token, whatever stands between.
    client.enableNonRepudiationChecks(config);
    if (this.#keys !== undefined) client.setJwksCache(config, this.#keys);
    return config;
  }

  #usesPost(metadata: Metadata): boolean {
    const { clientAuthentication } = this.description;
    if (clientAuthentication !== undefined) return clientAuthentication === 'post';
    const announced = metadata.token_endpoint_auth_methods_supported;
    return Array.isArray(announced) && !announced.includes('client_secret_basic');
  }

  /** What the provider says of itself. Asked once for all who wait for it. */
  async #current(client: OpenIdClient): Promise<Metadata> {
    const known = this.#metadata;
    if (known !== undefined && known.until > this.#clock()) return known.value;
    this.#underWay ??= this.#discover(client).finally(() => {
      this.#underWay = undefined;
    });
    return await this.#underWay;
  }

  async #discover(client: OpenIdClient): Promise<Metadata> {
    const { issuer, clientId } = this.description;
    const before = this.#metadata?.value;
    const wire = this.#wire();
    try {
      const execute = this.#rule.loopback ? [client.allowInsecureRequests] : [];
      const options = { [client.customFetch]: wire.fetch, execute };
      const found = await client.discovery(new URL(issuer), clientId, undefined, client.None(), options);
      const value = readMetadata(found.serverMetadata(), this.#rule);
      if (typeof value === 'string') throw new Fault('misconfigured', value);
      this.#metadata = { value, until: this.#clock() + METADATA_FOR_MS };
      return value;
    } catch (error) {
      if (wire.trouble === undefined) throw error instanceof Fault ? error : notFound(error);
      if (before === undefined) throw new Fault('unavailable', wire.trouble);
      this.#metadata = { value: before, until: this.#clock() + RETRY_METADATA_MS };
      return before;
    }
  }
}

/** Whether someone signed in at the provider after they were sent there, and not before. */
function isFresh({ provedAt }: Identity, { begunAt }: Attempt): boolean {
  return provedAt !== undefined && provedAt >= begunAt - CLOCKS_DIFFER_MS;
}

/** Errors of the token endpoint that are about this application, not about the code. */
const ABOUT_US = new Set([
  'invalid_client',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
]);
const ABOUT_THEM = new Set(['server_error', 'temporarily_unavailable']);

function faultOf(client: OpenIdClient, error: unknown, wire: Wire): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof client.AuthorizationResponseError) return answered(error.error);
  if (wire.trouble !== undefined) return new Fault('unavailable', wire.trouble);
  if (error instanceof client.ResponseBodyError) {
    const { error: code } = error;
    if (ABOUT_US.has(code)) return new Fault('misconfigured', code);
    return ABOUT_THEM.has(code) ? new Fault('unavailable', code) : new Fault('invalid', codeOf(code));
  }
  if (error instanceof client.WWWAuthenticateChallengeError) {
    return new Fault('misconfigured', 'it did not take what was to prove this application');
  }
  return new Fault('invalid', describe(error));
}

/**
 * What came back instead of a code (RFC 6749 4.1.2.1). Whoever comes back can write it into the address: it wakes nobody.
 */
function answered(code: string): Fault {
  if (code === 'access_denied') return new Fault('denied');
  return new Fault(ABOUT_THEM.has(code) ? 'unavailable' : 'invalid', codeOf(code), 'hearsay');
}

function notFound(error: unknown): Fault {
  return new Fault('misconfigured', `its metadata is not as it has to be: ${describe(error)}`);
}

/** A code of openid-client. Its messages and causes hold what the provider sent. */
function describe(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? codeOf(code) : 'it could not be read';
}

/** A code that came from outside, where it is one. */
function codeOf(code: string): string {
  return /^\w{1,64}$/.test(code) ? code : 'another code';
}
