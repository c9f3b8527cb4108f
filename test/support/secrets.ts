export { fixedSecrets } from '../../src/testing/fakes.ts';

/** A secret for tests: as random as a real one, and no one's. */
export const TEST_SECRET = 'kV3nR8yQ0sXw5TzB1mJd7LfHc2Gp9eUo4iAaZxNqWvErYt6b';
