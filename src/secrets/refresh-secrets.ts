/** Asks the provider of secrets again while the application runs, so that a rotation needs no restart. */
import type { Audit } from '../core/events.ts';
import type { KeyRing } from '../core/key-ring.ts';
import { Problems } from '../core/problems.ts';
import type { SecretProvider } from './provider.ts';
import { readSecrets } from './read-secrets.ts';
import type { SecretEnd } from './secret-end.ts';
import { codeOf } from './secret-file.ts';
import { SECRETS_EVENTS } from './secrets.events.ts';

/** Of a policy that was read. */
export interface SecretsInUse {
  readonly keys: KeyRing;
  readonly secretProvider: SecretProvider | undefined;
}

/** One that is read at the start alone has an end all the same. */
const DAY_MS = 86_400_000;
/** The one that puts secrets into an application, which reads its own. */
const NAME = 'BULWARK_SECRET';

/** Begins, where the provider says how often, or knows an end. Call what it returns to stop. Keeps no process alive. */
export function refreshSecrets(inUse: SecretsInUse, audit: Audit): () => void {
  const { keys, secretProvider: provider } = inUse;
  if (provider === undefined) return () => undefined;
  const ends = new Ends(provider, audit);
  if (provider.refreshMs === undefined)
    return provider.tellsEnds === true || provider.maxAgeMs !== undefined ? ends.watch() : () => undefined;
  let asking = false;
  const timer = setInterval(() => {
    // A provider that takes longer than that is not asked twice at once.
    if (asking) return;
    asking = true;
    void refreshOnce(keys, provider, audit, ends).finally(() => (asking = false));
  }, provider.refreshMs).unref();
  return () => clearInterval(timer);
}

/** What is there stays unless all that came is good: half of a rotation would be worse than none. */
async function refreshOnce(keys: KeyRing, provider: SecretProvider, audit: Audit, ends: Ends): Promise<void> {
  await rotate(provider, audit);
  // As in production everywhere: a random secret in place of a weak one is for a start, and would void what is signed.
  const problems = new Problems('production');
  const given = await readSecrets(provider, problems);
  if (given === undefined) {
    const [problem] = problems.errors;
    const reason = problem === undefined ? 'nothing came' : `${problem.option}: ${problem.reason}`;
    audit(SECRETS_EVENTS.refreshFailed, { provider: provider.name, reason });
    return;
  }
  const { secrets, end } = given;
  if (keys.replace(secrets))
    audit(SECRETS_EVENTS.rotated, { provider: provider.name, secrets: secrets.length });
  ends.tell(end);
}

/** What cannot be rotated stays as it is, and its end goes on to be told. */
async function rotate(provider: SecretProvider, audit: Audit): Promise<void> {
  try {
    await provider.rotateIfDue?.(NAME, Date.now());
  } catch (error) {
    const reason = `a new secret could not be put there (${codeOf(error)})`;
    audit(SECRETS_EVENTS.refreshFailed, { provider: provider.name, reason });
  }
}

/** Tells of an end that is near, once a day. */
class Ends {
  readonly #provider: SecretProvider;
  readonly #audit: Audit;
  #toldAt = -Infinity;

  constructor(provider: SecretProvider, audit: Audit) {
    this.#provider = provider;
    this.#audit = audit;
  }

  tell(end: SecretEnd | undefined): void {
    const now = Date.now();
    if (end === undefined || now - this.#toldAt < DAY_MS) return;
    this.#toldAt = now;
    const { at, days } = end;
    this.#audit(SECRETS_EVENTS.ending, {
      provider: this.#provider.name,
      until: new Date(at).toISOString(),
      days,
    });
  }

  /** Of a provider that is asked at the start alone. Returns what stops it. */
  watch(): () => void {
    const look = async (): Promise<void> => {
      const given = await readSecrets(this.#provider, new Problems('production'));
      this.tell(given?.end);
    };
    void look();
    const timer = setInterval(() => void look(), DAY_MS).unref();
    return () => clearInterval(timer);
  }
}
