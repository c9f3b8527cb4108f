import type { OptionTable } from '../../core/options.ts';
import { type Duration, duration, integer, oneOf } from '../../core/readers.ts';

/** Work that a browser does before a form is taken: who is asked, for how much, and for how long it counts. */
export interface ChallengeOptions {
  /**
   * Work of the browser, or a pause where it runs no script, before the forms to sign in, to register and to reset a
   * password are looked at. `suspect`: of clients and for names that many tries were counted of. `always`: of everyone.
   * Never of a browser that the account knows.
   */
  when?: 'off' | 'suspect' | 'always';
  /** Leading zero bits that each puzzle asks for: one more doubles the work. */
  bits?: number;
  /** How long a challenge can be answered. */
  lifetime?: Duration;
}

/** {@link ChallengeOptions}, read. The lifetime is milliseconds. */
export interface ChallengeSettings {
  readonly when: 'off' | 'suspect' | 'always';
  readonly bits: number;
  readonly lifetime: number;
}

const MINUTE = 60_000;

/** The defaults and why. */
export const challengeOptions: OptionTable<ChallengeSettings> = {
  when: {
    default: 'off',
    read: oneOf('off', 'suspect', 'always'),
    reason: 'Limits and delays stop guessing; work makes it dearer, and costs people without script a pause.',
    source: 'OWASP Automated Threats, OAT-007, OAT-008 and OAT-019; ASVS v5.0.0-6.3.1',
    example: "challenge: { when: 'suspect' }",
  },
  bits: {
    default: 13,
    read: integer(8, 20),
    reason:
      'About half a second in Chromium where it was measured, while its owner types; paid anew for each try.',
    source: 'measured: src/identity/proof-of-work/README.md; OWASP Automated Threats, OAT-008',
    example: 'challenge: { bits: 13 }',
  },
  lifetime: {
    default: 10 * MINUTE,
    shown: '10m',
    read: duration(MINUTE, 30 * MINUTE),
    reason: 'Long enough to type in a password that has to be looked up, too short to hoard.',
    source: 'OWASP Automated Threats, OAT-008; WCAG 2.2, 2.2.1',
    example: "challenge: { lifetime: '10m' }",
  },
};
