/** Where secrets come from. Values are only fetched here; whether they are any good is `secret-strength.ts`. */
import type { MaybePromise } from '../core/maybe-promise.ts';
import { type Read, Unfit } from '../core/options.ts';
import type { Problems } from '../core/problems.ts';

/** A value of a secret that the place has a time of. */
export interface DatedSecret {
  readonly value: string;
  /** Since when it is there, in milliseconds since 1970. */
  readonly since: number;
  /** When it ends, in milliseconds since 1970, where the place says so. It is told before, and used on: nothing breaks by itself. */
  readonly until?: number;
}

/**
 * A place that keeps secrets: `env()`, `files()`, or any object of this shape, such as one around a secret manager.
 *
 * ```ts
 * const vault: SecretProvider = {
 *   name: 'vault',
 *   load: async (name) => (await client.versions(name)).map((version) => version.value),
 * };
 * ```
 */
export interface SecretProvider {
  /** What messages call it. */
  readonly name: string;
  /**
   * Every value of a secret that is in use: the current one first, then the previous ones, which still verify.
   * Empty: there is none. `name` is in upper case with underscores, such as `BULWARK_SECRET`. What is wrong with the
   * place itself goes to `problems`; a provider that throws is reported by its caller.
   */
  load(name: string, problems: Problems): MaybePromise<readonly (string | DatedSecret)[]>;
  /**
   * Milliseconds after which it is asked again while the application runs; absent: never. A new secret verifies from then on,
   * and signs once it is {@link DatedSecret.since} twice that old: by then every process has it.
   */
  readonly refreshMs?: number;
  /** How old the secret in use may get, in milliseconds: near that the log asks for a new one, day by day. Absent: any age. */
  readonly maxAgeMs?: number;
  /** Whether what it loads may name an end, so that one which is asked at the start alone is looked at each day. */
  readonly tellsEnds?: true;
  /**
   * Puts a new secret there where the one in use is older than {@link SecretProvider.maxAgeMs}, and keeps those before it. Called
   * by each process before it asks again, so that it has to see to it that one of them does it.
   */
  readonly rotateIfDue?: (name: string, now: number) => MaybePromise<void>;
  /** The line that puts a new secret there, for messages. */
  readonly remedy?: (name: string) => string;
  /** How the secret in use is changed for a new one and still verifies, for the message that asks for it. */
  readonly rotation?: (name: string) => string;
}

/** Reads the policy's `secrets`: a provider, never a secret itself, since a policy file lies in a repository. */
export const secretProvider: Read<SecretProvider> = (value) => {
  if (typeof value === 'string' || Array.isArray(value)) {
    throw new Unfit('a provider, never the secret itself: policy files lie in repositories', true);
  }
  if (!isProvider(value)) throw new Unfit('env(), files() or an object with `name` and `load(name)`');
  return value;
};

/** Makes a random secret, in a shell that may lack Node.js or OpenSSL. */
export const NEW_SECRET = {
  openssl: 'openssl rand -base64 32',
  node: `node -p "crypto.randomBytes(32).toString('base64')"`,
} as const;

/** The secret itself. */
export function textOf(secret: string | DatedSecret): string {
  return typeof secret === 'string' ? secret : secret.value;
}

/** Whether something is a provider, by its shape. */
export function isProvider(value: unknown): value is SecretProvider {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'load' in value &&
    typeof value.load === 'function'
  );
}
