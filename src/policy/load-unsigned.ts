/** A policy for commands that look at what is stored and sign nothing: where its secret is not there, it does not matter. */
import { randomBytes } from '../core/random.ts';
import { Problems } from '../core/problems.ts';
import { env } from '../secrets/env.ts';
import { type DatedSecret, isProvider, type SecretProvider } from '../secrets/provider.ts';
import { importPolicy } from './load-policy.ts';
import type { Policy } from './policy.ts';
import { readPolicy, type Surroundings, thisProcess } from './read-policy.ts';

/** A policy, and whether its keys are those of the application. */
export interface UnsignedPolicy {
  readonly policy: Policy;
  /** False: they are random, and gone with this process. What was signed or peppered elsewhere is not read by them. */
  readonly hasSecret: boolean;
}

/**
 * Reads a policy from its file as `loadPolicy` does, but for a missing secret and for the origin: a command on a laptop or in CI
 * runs without the secret of the server, and answers nobody. A secret that is there and weak is refused.
 *
 * @throws PolicyError with every other problem of the policy
 * @throws BulwarkError ERR_BULWARK_POLICY_FILE where the file is not there, does not run or exports no policy
 */
export async function loadUnsignedPolicy(file: string): Promise<UnsignedPolicy> {
  const options = await importPolicy(file);
  const given: unknown = options.secrets ?? env();
  const here: Surroundings = { ...thisProcess(), answersNobody: true };
  if (!isProvider(given)) return { policy: await readPolicy(options, here), hasSecret: true };
  const secrets = new OrRandom(given);
  const policy = await readPolicy({ ...options, secrets }, here);
  return { policy, hasSecret: secrets.found };
}

const RANDOM_BYTES = 48;

class OrRandom implements SecretProvider {
  readonly name: string;
  found = true;
  readonly #given: SecretProvider;

  constructor(given: SecretProvider) {
    this.#given = given;
    this.name = given.name;
  }

  async load(name: string, problems: Problems): Promise<readonly (string | DatedSecret)[]> {
    const found = await this.#find(name, problems);
    if (found !== undefined) return found;
    // Another secret, of a provider, is asked for by nothing that these commands do.
    if (name === 'BULWARK_SECRET') this.found = false;
    return [randomBytes(RANDOM_BYTES).toString('base64')];
  }

  async #find(
    name: string,
    { environment }: Problems,
  ): Promise<readonly (string | DatedSecret)[] | undefined> {
    const own = new Problems(environment);
    try {
      const found = await this.#given.load(name, own);
      return own.errors.length > 0 || found.length === 0 ? undefined : found;
    } catch {
      // A vault that does not answer from here is a secret that is not here.
      return undefined;
    }
  }
}
