/** From a provider to a key ring: every secret is judged once, at start-up, and none is ever shown. */
import { randomBytes } from 'node:crypto';
import { sameSecret } from '../core/constant-time.ts';
import { KeyRing } from '../core/key-ring.ts';
import { type MaybePromise, whenReady } from '../core/maybe-promise.ts';
import type { Problems } from '../core/problems.ts';
import { NEW_SECRET, type SecretProvider } from './provider.ts';
import { codeOf } from './secret-file.ts';
import { MIN_SECRET_BYTES, weaknessOf } from './secret-strength.ts';

const NAME = 'BULWARK_SECRET';
// Each one is tried at every verification, and each one that leaked still opens everything.
const MOST_PREVIOUS = 8;
const DEADLINE_MS = 10_000;

/**
 * Reads the secrets of an application into its key ring. Undefined: they were refused, and `problems` says why.
 *
 * In production a missing or weak secret is refused. In development it is a warning, and a random secret is made for
 * this run: a weak one is never signed with, since what is called development may be reachable by others.
 *
 * A key is the text of its secret as it stands (UTF-8), never a decoded form: the same text gives the same key
 * everywhere, whatever it looks like.
 *
 * @param deadlineMs - how long an asynchronous provider may take
 */
export function readKeyRing(
  provider: SecretProvider,
  problems: Problems,
  deadlineMs: number = DEADLINE_MS,
): MaybePromise<KeyRing | undefined> {
  const before = problems.errors.length;
  const failed = (error: unknown): undefined => {
    const reason =
      error instanceof LateError ? `did not answer in ${deadlineMs} ms` : `failed (${codeOf(error)})`;
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
    return whenReady(inTime, (secrets) =>
      problems.errors.length > before ? undefined : keyRingFrom(secrets, provider, problems),
    );
  } catch (error) {
    return failed(error);
  }
}

function keyRingFrom(loaded: unknown, provider: SecretProvider, problems: Problems): KeyRing | undefined {
  const before = problems.errors.length;
  const fix = provider.remedy?.(NAME) ?? `keep the output of \`${NEW_SECRET.openssl}\` there as ${NAME}`;
  if (!isTexts(loaded)) {
    problems.refuse(
      'ERR_BULWARK_INVALID_OPTION',
      'secrets',
      `the provider ${provider.name} must answer with a list of texts, the current secret first.`,
      `load: async (name) => [await fetchSecret(name)]`,
    );
    return undefined;
  }
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
  const first = current !== undefined && good[0] === current ? [] : [randomBytes(MIN_SECRET_BYTES)];
  return new KeyRing([...first, ...good.map((secret) => Buffer.from(secret))]);
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

class LateError extends Error {}

async function withDeadline(loaded: PromiseLike<unknown>, deadlineMs: number): Promise<unknown> {
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

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}
