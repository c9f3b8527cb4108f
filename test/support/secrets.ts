import type { SecretProvider } from '../../src/secrets/provider.ts';

/** A secret for tests: as random as a real one, and no one's. */
export const TEST_SECRET = 'kV3nR8yQ0sXw5TzB1mJd7LfHc2Gp9eUo4iAaZxNqWvErYt6b';

/** A provider of fixed secrets. */
export function fixedSecrets(...secrets: string[]): SecretProvider {
  return { name: 'test', load: () => secrets };
}
