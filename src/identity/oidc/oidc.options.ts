import { type MaybePromise, whenReady } from '../../core/maybe-promise.ts';
import { isPlainObject, type OptionTable, type Read, readOptions, Unfit } from '../../core/options.ts';
import { isLoopbackName } from '../../core/origin.ts';
import type { Problems } from '../../core/problems.ts';
import { type Duration, duration, listOf, oneOf, optional, text } from '../../core/readers.ts';
import { type DatedSecret, type SecretProvider, textOf } from '../../secrets/provider.ts';

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
  /** Where it sends people back to, on this site. Default: `/login/with/google/callback` for `google`. */
  path?: `/${string}`;
  /** How long it may take for all that one visitor needs of it. */
  timeout?: Duration;
  /** How long a person may take there. */
  attemptFor?: Duration;
}

/** Sign-in with others: by the name that stands in addresses, `google` for `/login/with/google/callback`. */
export type ProvidersOptions = Readonly<Record<string, ProviderOptions>>;

/** {@link ProviderOptions}, read. */
export interface ProviderSettings {
  readonly name: string | undefined;
  readonly issuer: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  readonly scopes: readonly string[];
  readonly clientAuthentication: 'basic' | 'post' | undefined;
  readonly path: string | undefined;
  /** Milliseconds. */
  readonly timeout: number;
  readonly attemptFor: number;
}

/** {@link ProvidersOptions}, read. */
export type ProvidersSettings = Readonly<Record<string, ProviderSettings>>;

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
  if (typeof value === 'string' && value.length <= 256 && /^(?:\/[\w.~-]+)+$/.test(value)) return value;
  throw new Unfit("a path of this site, such as '/auth/google/callback'");
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
  path: {
    default: undefined,
    shown: '/login/with/<name>/callback',
    read: optional(path),
    reason:
      'Each provider has an address of its own, so that the answer of one cannot pass for that of another.',
    source: 'RFC 9700 4.4.2.2',
    example: "path: '/auth/google/callback'",
  },
  timeout: {
    default: 5 * SECOND,
    shown: '5s',
    read: duration(50, MINUTE),
    reason: 'Someone waits for it, and a connection is held.',
    source: 'ASVS v5.0.0-13.2.6',
    example: "timeout: '5s'",
  },
  attemptFor: {
    default: 10 * MINUTE,
    shown: '10m',
    read: duration(MINUTE, 60 * MINUTE),
    reason: 'Long enough for a password and a second factor there, too short to keep an answer for later.',
    source: 'RFC 9700 4.7.1; ASVS v5.0.0-10.2.1',
    example: "attemptFor: '10m'",
  },
};

/** Reads the policy's `providers`. */
export function readProviders(given: unknown, problems: Problems): ProvidersSettings {
  if (given === undefined) return {};
  const refuse = (reason: string): ProvidersSettings => {
    problems.refuse('ERR_BULWARK_INVALID_OPTION', 'providers', reason, `providers: { ${EXAMPLE} }`);
    return {};
  };
  if (!isPlainObject(given)) return refuse('it must be an object of providers, by name.');
  const names = Object.keys(given);
  if (!names.every((name) => PROVIDER_NAME.test(name))) {
    return refuse('its names must be of lower-case letters, digits and hyphens, 32 at most.');
  }
  return Object.fromEntries(names.map((name) => [name, readProvider(name, given[name], problems)]));
}

function readProvider(name: string, entry: unknown, problems: Problems): ProviderSettings {
  const where = `providers.${name}`;
  const settings = readOptions(where, providerOptions, entry ?? {}, problems);
  for (const key of ['name', 'issuer', 'clientId'] as const) {
    const given: unknown = (entry as Partial<ProviderOptions> | undefined)?.[key];
    if (given !== undefined) continue;
    const reason = 'a provider cannot do without it.';
    problems.refuse('ERR_BULWARK_INVALID_OPTION', `${where}.${key}`, reason, providerOptions[key].example);
  }
  return settings;
}

/** What providers ask of the rest of a policy. */
export function checkProviders(
  providers: ProvidersSettings,
  rest: { readonly hasOrigin: boolean; readonly sameSite: 'lax' | 'strict' },
  problems: Problems,
): void {
  if (Object.keys(providers).length === 0) return;
  const code = 'ERR_BULWARK_INVALID_OPTION';
  if (!rest.hasOrigin) {
    const reason = 'providers send people back to it, and must have been told of it.';
    problems.refuse(code, 'origin', reason, "origin: 'http://localhost:3000'");
  }
  if (rest.sameSite === 'strict') {
    const reason =
      'whoever comes back from a provider comes from another site, without such a cookie: each sign-in there would end in "expired".';
    problems.refuse(code, 'session.sameSite', reason, "session: { sameSite: 'lax' }");
  }
  const seen = new Map<string, string>();
  for (const [name, { path: at }] of Object.entries(providers)) {
    if (at === undefined) continue;
    const other = seen.get(at);
    if (other !== undefined) {
      const reason = `${other} has it too, and the answer of one could pass for that of the other.`;
      problems.refuse(code, `providers.${name}.path`, reason, `path: '/auth/${name}/callback'`);
    }
    seen.set(at, name);
  }
}

/** Fills in the client secrets that are not given, from where secrets are kept. Of several, the first is the current one. */
export function withClientSecrets(
  providers: ProvidersSettings,
  secrets: SecretProvider,
  problems: Problems,
): MaybePromise<ProvidersSettings> {
  const all = Object.entries(providers).map(([name, settings]) => {
    if (settings.clientSecret !== undefined) return [name, settings] as const;
    const found = readClientSecret(name, secrets, problems);
    return whenReady(found, (clientSecret) => [name, { ...settings, clientSecret }] as const);
  });
  if (!all.some((one) => one instanceof Promise)) return gathered(all as Awaited<(typeof all)[number]>[]);
  return Promise.all(all.map((one) => Promise.resolve(one))).then(gathered);
}

function gathered(entries: readonly (readonly [string, ProviderSettings])[]): ProvidersSettings {
  return Object.fromEntries(entries);
}

function readClientSecret(
  provider: string,
  secrets: SecretProvider,
  problems: Problems,
): MaybePromise<string | undefined> {
  const name = `BULWARK_OIDC_${provider.replaceAll('-', '_').toUpperCase()}_SECRET`;
  const before = problems.errors.length;
  const refuse = (what: string): undefined => {
    const reason = `${what}: the provider would not know this application.`;
    const option = `providers.${provider}.clientSecret`;
    problems.refuse(
      'ERR_BULWARK_SECRET_MISSING',
      option,
      reason,
      `set ${name} to what the provider gave you`,
    );
  };
  const take = (loaded: readonly (string | DatedSecret)[]): string | undefined => {
    const secret: unknown = loaded[0] === undefined ? undefined : textOf(loaded[0]);
    if (typeof secret === 'string' && secret !== '') return secret;
    return problems.errors.length > before ? undefined : refuse(`${secrets.name} has no ${name}`);
  };
  try {
    const loaded = secrets.load(name, problems);
    if (!(loaded instanceof Promise)) return take(loaded);
    return loaded.then(take, () => refuse(`${secrets.name} did not give ${name}`));
  } catch {
    return refuse(`${secrets.name} did not give ${name}`);
  }
}
