import { randomBytes } from 'node:crypto';
import { loadPolicy } from '../../policy/load-policy.ts';
import type { Policy, PolicyOptions } from '../../policy/policy.ts';
import { memory } from '../../stores/memory/state.ts';
import type { RuleBook } from './list-routes.ts';

/**
 * What a policy says of routes. Read as at a start, since a rule that would be refused there would be in no listing; but
 * with a secret and a store of its own, so that nothing has to be there and nothing is opened.
 *
 * @param policy - as it is declared, or as `loadPolicy` has read it
 * @throws PolicyError with every problem of the policy
 */
export async function readRuleBook(policy: PolicyOptions | Policy): Promise<RuleBook> {
  const { routes, access } = 'keys' in policy ? policy : await loadPolicy(standIn(policy));
  const { otherwise, serverFunctions, frameworks } = access;
  return { routes, otherwise, named: frameworks, ...(serverFunctions !== undefined && { serverFunctions }) };
}

function standIn(policy: PolicyOptions): PolicyOptions {
  const secret = randomBytes(32).toString('base64');
  return {
    environment: 'development',
    ...policy,
    secrets: { name: 'a stand-in', load: () => [secret] },
    state: memory(),
  };
}
