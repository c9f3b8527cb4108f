import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { BulwarkError } from '../core/errors.ts';
import { findingOwnPackage } from './own-package.ts';
import type { Policy, PolicyOptions } from './policy.ts';
import { importQuietly } from './quiet-import.ts';
import { readPolicy } from './read-policy.ts';

/**
 * Reads a policy, from a file or as declared, and waits for its secrets.
 *
 * @param source - a policy, or the path of a file that has one as its default export, such as `bulwark.config.ts`
 * @throws PolicyError with every problem of the policy
 * @throws BulwarkError ERR_BULWARK_POLICY_FILE where the file is not there, does not run or exports no policy
 */
export async function loadPolicy(source: string | PolicyOptions): Promise<Policy> {
  return await readPolicy(typeof source === 'string' ? await importPolicy(source) : source);
}

/** The policy that a file exports, as it is declared. */
export async function importPolicy(path: string): Promise<PolicyOptions> {
  const file = resolve(path);
  // What the import would say names a file of ours.
  if (!existsSync(file)) throw new BulwarkError('ERR_BULWARK_POLICY_FILE', `there is no policy file ${file}`);
  let module: { default?: PolicyOptions };
  try {
    module = await findingOwnPackage(() => importQuietly(file));
  } catch (cause) {
    const hint = cause instanceof Error ? cause.message : 'it could not be imported';
    throw new BulwarkError('ERR_BULWARK_POLICY_FILE', `the policy file ${file} does not load: ${hint}`, {
      cause,
    });
  }
  if (typeof module.default === 'object' && module.default !== null) return module.default;
  throw new BulwarkError(
    'ERR_BULWARK_POLICY_FILE',
    `the policy file ${file} has no policy as its default export: write export default definePolicy({ ... })`,
  );
}
