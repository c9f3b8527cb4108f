/** What providers around a secret manager share. */
import { BulwarkError } from '../../core/errors.ts';
import { anyText, callback, type Fit, maybe, type Shape } from '../../core/call.ts';
import { type Duration, parseDuration } from '../../core/readers.ts';
import { maxAgeFit, maxAgeOf } from '../max-age.ts';
import type { DatedSecret, SecretProvider } from '../provider.ts';

/** How a manager is asked. */
export interface ManagerOptions {
  /** What the manager calls a secret that is called `BULWARK_SECRET` here. Each provider says its default. */
  id?: (name: string) => string;
  /** The member to take, where the secret is an object in JSON. Default: the secret is the text itself. */
  field?: string;
  /** How many older versions still verify: 0 to 8. Default 1. */
  previous?: number;
  /** How often it is asked again while the application runs. Default `'5m'`; `false`: at the start alone. */
  refresh?: Duration | false;
  /** How old the secret may get before the log asks for a new one, such as `'90d'`. Default: any age, or what the manager says. */
  maxAge?: Duration;
}

/** {@link ManagerOptions}, read. */
export interface ManagerSettings {
  readonly field: string | undefined;
  readonly previous: number;
}

/** What each `call` of a provider takes of these. */
export const MANAGER_SHAPE: Shape<ManagerOptions> = {
  id: maybe(callback),
  field: maybe(anyText),
  previous: maybe(countFit),
  refresh: maybe(refreshFit),
  maxAge: maybe(maxAgeFit),
};

function countFit(value: unknown): ReturnType<Fit> {
  const is = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_PREVIOUS;
  return is ? undefined : { path: '', reason: `it must be a whole number from 0 to ${MOST_PREVIOUS}` };
}

const MOST_PREVIOUS = 8;
const LEAST_REFRESH_MS = 10_000;
const REFRESH_MS = 300_000;

function refreshFit(value: unknown): ReturnType<Fit> {
  const ms = typeof value === 'string' ? parseDuration(value) : undefined;
  if (value === false || (ms !== undefined && ms >= LEAST_REFRESH_MS)) return undefined;
  return { path: '', reason: "it must be a duration of at least 10 seconds, such as '5m', or false" };
}

/**
 * Makes the provider.
 *
 * @param ask - answers with the version in use and the older ones, newest first; with none where there is no such secret
 * @param placeOf - how a message names where it is kept, where the id alone leads nowhere
 */
export function managed(
  name: string,
  options: ManagerOptions,
  defaultId: (name: string) => string,
  ask: (id: string, settings: ManagerSettings) => Promise<readonly DatedSecret[]>,
  placeOf: (id: string) => string = (one) => one,
): SecretProvider {
  const { id = defaultId, field, previous = 1, refresh = '5m', maxAge } = options;
  const settings: ManagerSettings = { field, previous };
  return {
    name,
    load: async (secret) => {
      const versions = await ask(id(secret), settings);
      return versions
        .slice(0, previous + 1)
        .map((version) => withValue(version, fieldOf(version.value, settings)));
    },
    ...(refresh !== false && { refreshMs: parseDuration(refresh) ?? REFRESH_MS }),
    ...maxAgeOf(maxAge),
    remedy: (secret) => `keep the output of \`openssl rand -base64 32\` there as ${placeOf(id(secret))}`,
    rotation: (secret) =>
      `keep the output of \`openssl rand -base64 32\` there as a new version of ${placeOf(id(secret))}`,
  };
}

function withValue({ since, until }: DatedSecret, value: string): DatedSecret {
  return until === undefined ? { value, since } : { value, since, until };
}

/** A secret as it is kept: a text, or one member of an object. */
function fieldOf(text: string, { field }: ManagerSettings): string {
  const trimmed = text.trim();
  if (field === undefined) return trimmed;
  const value = memberOf(trimmed, field);
  if (typeof value === 'string') return value.trim();
  // Its message names the member, and never what is there.
  throw new BulwarkError(
    'ERR_BULWARK_SECRET_MISSING',
    `the secret is no object in JSON with a text in ${field}`,
  );
}

function memberOf(text: string, field: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && Object.hasOwn(parsed, field)
      ? (parsed as Readonly<Record<string, unknown>>)[field]
      : undefined;
  } catch {
    return undefined;
  }
}

/** Milliseconds of what a client calls a time: a Date, seconds with nanoseconds as protocol buffers have it, a text. */
export function timeOf(value: unknown): number {
  if (value instanceof Date) return orNone(value.getTime());
  if (typeof value === 'string') return orNone(Date.parse(value));
  if (typeof value !== 'object' || value === null || !('seconds' in value)) return 0;
  return orNone(Number(value.seconds) * 1000);
}

/** Nothing is known of it: it was always there. */
function orNone(ms: number): number {
  return Number.isFinite(ms) ? ms : 0;
}
