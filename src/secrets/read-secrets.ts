/** From a provider to a key ring: every secret is judged once, at start-up, and none is ever shown. */
import { randomBytes } from 'node:crypto';
import { sameSecret } from '../core/constant-time.ts';
import { KeyRing } from '../core/key-ring.ts';
import { type MaybePromise, whenReady } from '../core/maybe-promise.ts';
import type { Problems } from '../core/problems.ts';
import { failureOf } from './failure.ts';
import { type DatedSecret, NEW_SECRET, type SecretProvider, textOf } from './provider.ts';
import { nearEnd, type SecretEnd } from './secret-end.ts';
import { MIN_SECRET_BYTES, weaknessOf } from './secret-strength.ts';

const NAME = 'BULWARK_SECRET';
// Each one is tried at every verification, and each one that leaked still opens everything.
const MOST_PREVIOUS = 8;
/** How long a provider may take. */
export const DEADLINE_MS = 10_000;

/** What a provider gave. */
export interface GivenSecrets {
  /** The keys, the one that signs first. */
  readonly secrets: readonly Uint8Array[];
  /** Of the one in use, where it is near. */
  readonly end: SecretEnd | undefined;
}

/** Reads the secrets of an application into its key ring. Undefined: they were refused, and `problems` says why. */
export function readKeyRing(
  provider: SecretProvider,
  problems: Problems,
  deadlineMs: number = DEADLINE_MS,
): MaybePromise<KeyRing | undefined> {
  return whenReady(readSecrets(provider, problems, deadlineMs), (given) =>
    given === undefined ? undefined : new KeyRing(given.secrets),
  );
}

/**
 * Asks the provider, and judges what it gives. Undefined: refused, and `problems` says why.
 *
 * In production a missing or weak secret is refused. In development it is a warning, and a random secret is made for
 * this run: a weak one is never signed with, since what is called development may be reachable by others.
 *
 * A key is the text of its secret as it stands (UTF-8), never a decoded form: the same text gives the same key
 * everywhere, whatever it looks like.
 *
 * @param deadlineMs - how long an asynchronous provider may take
 */
export function readSecrets(
  provider: SecretProvider,
  problems: Problems,
  deadlineMs: number = DEADLINE_MS,
): MaybePromise<GivenSecrets | undefined> {
  const before = problems.errors.length;
  const failed = (error: unknown): undefined => {
    const reason =
      error instanceof LateError ? `did not answer in ${deadlineMs} ms` : `failed (${failureOf(error)})`;
    problems.refuse(
      'ERR_BULWARK_SECRET_MISSING',
      'secrets',
      `the provider ${provider.name} ${reason}, so there is nothing to sign with.`,
      'see that it is reachable and that this application may read from it',
    );
  };
  try {
    const loaded: unknown = provider.load(NAME, problems);
    const inTime = isThenable(loaded) ? withDeadline(loaded, deadlineMs).catch(failed) : loaded;
    return whenReady(inTime, (given) => {
      if (problems.errors.length > before) return undefined;
      const secrets = judgedSecrets(given, provider, problems);
      return secrets && { secrets, end: endOf(given, provider, problems) };
    });
  } catch (error) {
    return failed(error);
  }
}

function judgedSecrets(
  given: unknown,
  provider: SecretProvider,
  problems: Problems,
): readonly Uint8Array[] | undefined {
  const before = problems.errors.length;
  const fix = provider.remedy?.(NAME) ?? `keep the output of \`${NEW_SECRET.openssl}\` there as ${NAME}`;
  if (!areSecrets(given)) {
    problems.refuse(
      'ERR_BULWARK_INVALID_OPTION',
      'secrets',
      `the provider ${provider.name} must answer with a list of texts, or of { value, since, until }, the current secret first, with times in milliseconds.`,
      `load: async (name) => [await fetchSecret(name)]`,
    );
    return undefined;
  }
  const loaded = given.map(textOf);
  const [current, ...previous] = loaded;
  if (current === undefined) {
    problems.refuseInProduction('ERR_BULWARK_SECRET_MISSING', 'secrets', missing(provider, problems), fix);
  }
  const good = judge(loaded, fix, problems);
  if (previous.length > MOST_PREVIOUS) {
    problems.refuse(
      'ERR_BULWARK_INVALID_OPTION',
      'secrets.previous',
      `there are ${previous.length}, and each of them still opens everything.`,
      `keep at most ${MOST_PREVIOUS}, best the last one alone`,
    );
  }
  if (problems.errors.length > before) return undefined;
  if (current === undefined || good[0] !== current)
    return [randomBytes(MIN_SECRET_BYTES), ...good.map((secret) => Buffer.from(secret))];
  const dated = given.filter((secret, index) => good.includes(textOf(secret)) && isFirst(loaded, index));
  return signingFirst(dated, provider.refreshMs ?? 0, Date.now()).map((secret) => Buffer.from(secret));
}

/** Told at the start, and by every command that reads the policy. Only what was judged comes here. */
function endOf(given: unknown, provider: SecretProvider, problems: Problems): SecretEnd | undefined {
  const [current] = areSecrets(given) ? given : [];
  const end = nearEnd(current, provider, Date.now());
  if (end === undefined) return undefined;
  const day = new Date(end.at).toISOString().slice(0, 10);
  problems.warn(
    'ERR_BULWARK_SECRET_ENDING',
    'secrets.current',
    end.days < 0 ? `its time was over on ${day}.` : `its time is over on ${day}.`,
    // Not the line for a place that is empty: that one writes over the secret in use.
    provider.rotation?.(NAME) ??
      `keep the output of \`${NEW_SECRET.openssl}\` there as ${NAME}, and the one of now behind it`,
  );
  return end;
}

/** In development one that is there twice is told, and used once. */
function isFirst(texts: readonly string[], index: number): boolean {
  return texts.indexOf(texts[index] ?? '') === index;
}

/**
 * The order in which they are used. A secret that came while others ran does not sign before all of them can have it: until
 * then what signed before goes on, if there is such a one.
 */
function signingFirst(
  secrets: readonly (string | DatedSecret)[],
  refreshMs: number,
  now: number,
): readonly string[] {
  const knownSince = now - 2 * refreshMs;
  const isKnown = (secret: string | DatedSecret): boolean =>
    typeof secret === 'string' || secret.since <= knownSince;
  const first = refreshMs === 0 ? 0 : Math.max(0, secrets.findIndex(isKnown));
  const texts = secrets.map(textOf);
  return [...texts.slice(first, first + 1), ...texts.slice(0, first), ...texts.slice(first + 1)];
}

/** Those of the secrets that may be used, in their order; the others become problems. */
function judge(secrets: readonly string[], fix: string, problems: Problems): readonly string[] {
  const good: string[] = [];
  for (const [index, secret] of secrets.entries()) {
    const option = index === 0 ? 'secrets.current' : `secrets.previous[${index - 1}]`;
    const weakness = weaknessOf(secret);
    if (weakness !== undefined) {
      const use = problems.environment === 'development' ? ` ${notUsed(index)}` : '';
      const remedy = index === 0 ? fix : 'take it off the list: anyone who knows it can forge what it signs';
      problems.refuseInProduction('ERR_BULWARK_SECRET_WEAK', option, `${weakness}.${use}`, remedy);
    } else if (good.some((other) => sameSecret(other, secret))) {
      problems.refuseInProduction(
        'ERR_BULWARK_INVALID_OPTION',
        option,
        'it is the same as one before it, so a rotation that you believe in has not happened.',
        index === 1 ? fix : 'take it off the list',
      );
    } else {
      good.push(secret);
    }
  }
  return good;
}

function missing(provider: SecretProvider, problems: Problems): string {
  const what = `the provider ${provider.name} has no ${NAME}, which signs the tokens in forms`;
  return problems.environment === 'development'
    ? `${what}. A random one is used until this process ends; what it signed is void after that.`
    : `${what}.`;
}

function notUsed(index: number): string {
  return index === 0 ? 'A random one is used until this process ends.' : 'It is not used.';
}

class LateError extends Error {
  readonly code = 'ETIMEDOUT';
}

/** What a provider answers with, where that comes in time. */
export async function withDeadline(loaded: PromiseLike<unknown>, deadlineMs: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new LateError()), deadlineMs);
  });
  try {
    return await Promise.race([loaded, late]);
  } finally {
    clearTimeout(timer);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function areSecrets(value: unknown): value is readonly (string | DatedSecret)[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string' || isDated(entry));
}

function isDated(entry: unknown): entry is DatedSecret {
  return (
    typeof entry === 'object' &&
    entry !== null &&
    'value' in entry &&
    typeof entry.value === 'string' &&
    'since' in entry &&
    Number.isFinite(entry.since) &&
    (!('until' in entry) || entry.until === undefined || isTime(entry.until))
  );
}

/** Of the years since 1970: another number may be no day, and a message has to name it. */
function isTime(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
