import { type OptionTable, type Read, readOptions, Unfit } from '../../core/options.ts';
import { isLoopbackName } from '../../core/origin.ts';
import type { Problems } from '../../core/problems.ts';
import { type Duration, duration, listOf, oneOf, optional, recordOf, text } from '../../core/readers.ts';
import { env } from '../../secrets/env.ts';
import { secretProvider, type SecretProvider } from '../../secrets/provider.ts';

/** One provider of OpenID Connect. */
export interface ProviderOptions {
  /** What people see on the button. */
  name: string;
  /** As the provider writes it, to the letter: `https://accounts.google.com`. */
  issuer: string;
  /** What the provider calls this application. */
  clientId: string;
  /**
   * What the provider gave this application to prove itself by. Best left out: then it is `BULWARK_OIDC_GOOGLE_SECRET`
   * for the provider `google`, in the environment or wherever `secrets` says.
   */
  clientSecret?: string | undefined;
  /** What is asked for; `openid` among it. */
  scopes?: readonly string[];
  /** How this application proves itself. Default: as the provider announces, `basic` before `post`. */
  clientAuthentication?: 'basic' | 'post';
}

/** Sign-in with others: who they are, and how long things take. */
export interface OidcOptions {
  /** By the name that stands in addresses: `google` for `/login/with/google/callback`. */
  providers: Readonly<Record<string, ProviderOptions>>;
  /** Where providers send people back to, on this site; `{provider}` is the name of one. */
  path?: `/${string}`;
  /** How long a provider may take for all that one visitor needs of it. */
  timeout?: Duration;
  /** How long a person may take at the provider. */
  attemptFor?: Duration;
  /** Where client secrets come from that are not given: `env()`, `files()`, or another provider that answers at once. */
  secrets?: SecretProvider;
}

/** {@link ProviderOptions}, read. */
export interface ProviderSettings {
  readonly name: string | undefined;
  readonly issuer: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  readonly scopes: readonly string[];
  readonly clientAuthentication: 'basic' | 'post' | undefined;
}

/** {@link OidcOptions}, read. */
export interface OidcSettings {
  readonly providers: Readonly<Record<string, ProviderSettings>>;
  readonly path: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly attemptFor: number;
  readonly secrets: SecretProvider;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** Names stand in paths, in names of secrets and in the log. */
const PROVIDER_NAME = /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/;
const EXAMPLE = "google: { name: 'Google', issuer: 'https://accounts.google.com', clientId: '...' }";

const issuer: Read<string> = (value, _path, problems) => {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  const extra = url === undefined || [url.search, url.hash, url.username, url.password].some(Boolean);
  if (extra || !['https:', 'http:'].includes(url.protocol)) {
    throw new Unfit("an https URL without query or user, such as 'https://accounts.google.com'");
  }
  const forDevelopment = problems.environment === 'development' && isLoopbackName(url.hostname);
  if (url.protocol === 'http:' && !forDevelopment) {
    throw new Unfit(
      'https: whoever is on the way could say who signs in. http: this machine alone, in development',
      true,
    );
  }
  return String(value);
};

const scopes: Read<readonly string[]> = (value, path, problems) => {
  const expected = "a list of scopes with 'openid' among them";
  const read = listOf(text(/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/, expected), expected)(value, path, problems);
  if (!read.includes('openid')) throw new Unfit(expected);
  return read;
};

const path: Read<string> = (value) => {
  const expected = "a path with {provider} in it, such as '/login/with/{provider}/callback'";
  if (typeof value !== 'string' || value.split('{provider}').length !== 2) throw new Unfit(expected);
  if (!/^(?:\/[\w.~{}-]+)+$/.test(value)) throw new Unfit(expected);
  return value;
};

/** The defaults of one provider, and why. */
export const providerOptions: OptionTable<ProviderSettings> = {
  name: {
    default: undefined,
    shown: 'none: it must be given',
    read: text(/^[^\p{Cc}\p{Cf}]{1,64}$/u, 'a name of at most 64 characters'),
    reason: 'People must see whom they are sent to.',
    source: 'ASVS v5.0.0-10.2.1',
    example: "name: 'Google'",
  },
  issuer: {
    default: undefined,
    shown: 'none: it must be given',
    read: issuer,
    reason: 'It is half of what an account of the provider is known by, and what its tokens must say.',
    source: 'OpenID Connect Discovery 1.0, 4.3; ASVS v5.0.0-10.5.3',
    example: "issuer: 'https://accounts.google.com'",
  },
  clientId: {
    default: undefined,
    shown: 'none: it must be given',
    read: text(/^[\x20-\x7e]{1,256}$/, 'the client id that the provider gave, at most 256 characters'),
    reason: 'Tokens for another application are not for this one.',
    source: 'RFC 6749 2.2; ASVS v5.0.0-10.5.4',
    example: "clientId: '1234.apps.googleusercontent.com'",
  },
  clientSecret: {
    default: undefined,
    shown: 'BULWARK_OIDC_<NAME>_SECRET',
    read: optional(
      text(/^[\x20-\x7e]{8,512}$/, 'the client secret that the provider gave, 8 to 512 characters'),
    ),
    reason: 'A policy lies in a repository.',
    source: 'RFC 6749 2.3.1; ASVS v5.0.0-13.3.1',
    example: 'leave it out, and set BULWARK_OIDC_GOOGLE_SECRET',
  },
  scopes: {
    default: ['openid', 'email', 'profile'],
    read: scopes,
    reason: 'Enough to greet someone and to write to them.',
    source: 'OpenID Connect Core 1.0, 5.4; ASVS v5.0.0-10.2.3',
    example: "scopes: ['openid', 'email']",
  },
  clientAuthentication: {
    default: undefined,
    shown: 'as the provider announces',
    read: oneOf('basic', 'post'),
    reason: 'Providers say which they take; the standard has `basic` where they say nothing.',
    source: 'OpenID Connect Discovery 1.0, 3',
    example: "clientAuthentication: 'post'",
  },
};

/** The defaults and why. */
export const oidcOptions: OptionTable<OidcSettings> = {
  providers: {
    default: {},
    shown: 'none: at least one must be given',
    read: readProviders,
    reason: 'Whom an application trusts to say who someone is, it says itself.',
    source: 'ASVS v5.0.0-6.8.1',
    example: `SignInProviders.of(policy, { providers: { ${EXAMPLE} } })`,
  },
  path: {
    default: '/login/with/{provider}/callback',
    read: path,
    reason:
      'Each provider has an address of its own, so that the answer of one cannot pass for that of another.',
    source: 'RFC 9700 4.4.2.2',
    example: "SignInProviders.of(policy, { path: '/auth/{provider}/callback', ... })",
  },
  timeout: {
    default: 5 * SECOND,
    shown: '5s',
    read: duration(50, MINUTE),
    reason: 'Someone waits for it, and a connection is held.',
    source: 'ASVS v5.0.0-13.2.6',
    example: "SignInProviders.of(policy, { timeout: '5s', ... })",
  },
  attemptFor: {
    default: 10 * MINUTE,
    shown: '10m',
    read: duration(MINUTE, 60 * MINUTE),
    reason: 'Long enough for a password and a second factor there, too short to keep an answer for later.',
    source: 'RFC 9700 4.7.1; ASVS v5.0.0-10.2.1',
    example: "SignInProviders.of(policy, { attemptFor: '10m', ... })",
  },
  secrets: {
    default: env(),
    shown: 'env()',
    read: secretProvider,
    reason: 'Where the secrets of an application come from anyway.',
    source: 'ASVS v5.0.0-13.3.1',
    example: 'SignInProviders.of(policy, { secrets: files({ directory }), ... })',
  },
};

function readProviders(value: unknown, at: string, problems: Problems): OidcSettings['providers'] {
  const one: Read<ProviderSettings> = (entry, where) => {
    const settings = readOptions(where, providerOptions, entry, problems);
    for (const key of ['name', 'issuer', 'clientId'] as const) {
      const given: unknown = (entry as Partial<ProviderOptions> | undefined)?.[key];
      if (given !== undefined) continue;
      const reason = 'a provider cannot do without it.';
      problems.refuse('ERR_BULWARK_INVALID_OPTION', `${where}.${key}`, reason, providerOptions[key].example);
    }
    return settings;
  };
  const read = recordOf(one, 'an object of providers, by name')(value, at, problems);
  const names = Object.keys(read);
  if (names.length === 0) throw new Unfit('an object with a provider in it at least');
  if (!names.every((name) => PROVIDER_NAME.test(name))) {
    throw new Unfit('an object whose names are of lower-case letters, digits and hyphens, 32 at most');
  }
  return read;
}
