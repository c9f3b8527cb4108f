/** Asks the provider of secrets again while the application runs, so that a rotation needs no restart. */
import type { Audit } from '../core/events.ts';
import type { KeyRing } from '../core/key-ring.ts';
import { Problems } from '../core/problems.ts';
import type { SecretProvider } from './provider.ts';
import { DEADLINE_MS, readSecrets, withDeadline } from './read-secrets.ts';
import type { SecretEnd } from './secret-end.ts';
import { failureOf } from './failure.ts';
import { codeOf } from './secret-file.ts';
import { SECRETS_EVENTS } from './secrets.events.ts';

/** Of a policy that was read. */
export interface SecretsInUse {
  readonly keys: KeyRing;
  readonly secretProvider: SecretProvider | undefined;
}

/** One that is read at the start alone has an end all the same. */
const DAY_MS = 86_400_000;
/** How long nothing is told again: a look that is quicker than the one of the day before must not wait for the next. */
const QUIET_MS = DAY_MS - 3_600_000;
/** The one that puts secrets into an application, which reads its own. */
const NAME = 'BULWARK_SECRET';

/** Begins, where the provider says how often, or knows an end. Call what it returns to stop. Keeps no process alive. */
export function refreshSecrets(inUse: SecretsInUse, audit: Audit): () => void {
  const { keys, secretProvider: provider } = inUse;
  if (provider === undefined) return () => undefined;
  const ends = new Ends(provider, audit);
  if (provider.refreshMs === undefined)
    return provider.tellsEnds === true || provider.maxAgeMs !== undefined ? ends.watch() : () => undefined;
  const rotations = new Rotations(provider, audit);
  let asking = false;
  const timer = setInterval(() => {
    // A provider that takes longer than that is not asked twice at once.
    if (asking) return;
    asking = true;
    void refreshOnce(keys, provider, audit, ends, rotations)
      .catch((error: unknown) => tellFailure(provider, audit, error))
      .finally(() => (asking = false));
  }, provider.refreshMs).unref();
  return () => clearInterval(timer);
}

/** What is there stays unless all that came is good: half of a rotation would be worse than none. */
async function refreshOnce(
  keys: KeyRing,
  provider: SecretProvider,
  audit: Audit,
  ends: Ends,
  rotations: Rotations,
): Promise<void> {
  await rotations.next();
  // As in production everywhere: a random secret in place of a weak one is for a start, and would void what is signed.
  const problems = new Problems('production');
  const given = await readSecrets(provider, problems);
  if (given === undefined) {
    const [problem] = problems.errors;
    const reason = problem === undefined ? 'nothing came' : `${problem.option}, ${problem.reason}`;
    audit(SECRETS_EVENTS.refreshFailed, { provider: provider.name, reason });
    return;
  }
  const { secrets, end } = given;
  if (keys.replace(secrets))
    audit(SECRETS_EVENTS.rotated, { provider: provider.name, count: secrets.length });
  ends.tell(end);
}

/** A provider is another's code: what it throws where nothing is expected to be must not end the process. */
function tellFailure(provider: SecretProvider, audit: Audit, error: unknown): void {
  audit(SECRETS_EVENTS.refreshFailed, { provider: provider.name, reason: `it failed (${codeOf(error)})` });
}

/** What cannot be rotated stays as it is, and its end goes on to be told; a folder that is closed stays so for months. */
class Rotations {
  readonly #provider: SecretProvider;
  readonly #audit: Audit;
  #isAtWork = false;
  #toldAt = -Infinity;

  constructor(provider: SecretProvider, audit: Audit) {
    this.#provider = provider;
    this.#audit = audit;
  }

  async next(): Promise<void> {
    if (this.#isAtWork) return this.#tell('ETIMEDOUT');
    try {
      await withDeadline(this.#rotate(), DEADLINE_MS);
      this.#toldAt = -Infinity;
    } catch (error) {
      this.#tell(failureOf(error));
    }
  }

  #tell(why: string): void {
    const now = Date.now();
    if (now - this.#toldAt < QUIET_MS) return;
    this.#toldAt = now;
    const reason = `a new secret could not be put there (${why})`;
    this.#audit(SECRETS_EVENTS.refreshFailed, { provider: this.#provider.name, reason });
  }

  /** One that hangs is not begun a second time. */
  async #rotate(): Promise<void> {
    this.#isAtWork = true;
    try {
      await this.#provider.rotateIfDue?.(NAME, Date.now());
    } finally {
      this.#isAtWork = false;
    }
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
    if (end === undefined || now - this.#toldAt < QUIET_MS) return;
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
    const tended = (): void =>
      void look().catch((error: unknown) => tellFailure(this.#provider, this.#audit, error));
    tended();
    const timer = setInterval(tended, DAY_MS).unref();
    return () => clearInterval(timer);
  }
}
