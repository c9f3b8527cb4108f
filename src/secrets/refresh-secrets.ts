/** Asks the provider of secrets again while the application runs, so that a rotation needs no restart. */
import type { Audit } from '../core/events.ts';
import type { KeyRing } from '../core/key-ring.ts';
import { Problems } from '../core/problems.ts';
import type { SecretProvider } from './provider.ts';
import { readSecrets } from './read-secrets.ts';
import { SECRETS_EVENTS } from './secrets.events.ts';

/** Of a policy that was read. */
export interface SecretsInUse {
  readonly keys: KeyRing;
  readonly secretProvider: SecretProvider | undefined;
}

/** Begins, where the provider says how often. Call what it returns to stop. Keeps no process alive. */
export function refreshSecrets(inUse: SecretsInUse, audit: Audit): () => void {
  const { keys, secretProvider: provider } = inUse;
  if (provider?.refreshMs === undefined) return () => undefined;
  let asking = false;
  const timer = setInterval(() => {
    // A provider that takes longer than that is not asked twice at once.
    if (asking) return;
    asking = true;
    void refreshOnce(keys, provider, audit).finally(() => (asking = false));
  }, provider.refreshMs).unref();
  return () => clearInterval(timer);
}

/** What is there stays unless all that came is good: half of a rotation would be worse than none. */
async function refreshOnce(keys: KeyRing, provider: SecretProvider, audit: Audit): Promise<void> {
  // As in production everywhere: a random secret in place of a weak one is for a start, and would void what is signed.
  const problems = new Problems('production');
  const secrets = await readSecrets(provider, problems);
  if (secrets === undefined) {
    const [problem] = problems.errors;
    const reason = problem === undefined ? 'nothing came' : `${problem.option}: ${problem.reason}`;
    audit(SECRETS_EVENTS.refreshFailed, { provider: provider.name, reason });
  } else if (keys.replace(secrets)) {
    audit(SECRETS_EVENTS.rotated, { provider: provider.name, secrets: secrets.length });
  }
}
