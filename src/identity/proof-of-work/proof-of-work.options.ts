import type { OptionTable } from '../../core/options.ts';
import { type Duration, duration, integer } from '../../core/readers.ts';

/** Work that a browser does before a form is taken: how much, and for how long it counts. */
export interface ProofOfWorkOptions {
  /** Leading zero bits that each puzzle asks for: one more doubles the work. */
  bits?: number;
  /** How long a challenge can be answered. */
  lifetime?: Duration;
}

/** {@link ProofOfWorkOptions}, read. The lifetime is milliseconds. */
export interface ProofOfWorkSettings {
  readonly bits: number;
  readonly lifetime: number;
}

const MINUTE = 60_000;

/** The defaults and why. */
export const proofOfWorkOptions: OptionTable<ProofOfWorkSettings> = {
  bits: {
    default: 13,
    read: integer(8, 20),
    reason:
      'About half a second in Chromium where it was measured, while its owner types; paid anew for each try.',
    source: 'measured: src/identity/proof-of-work/README.md; OWASP Automated Threats, OAT-008',
    example: 'ProofOfWork.of(policy, { bits: 13 })',
  },
  lifetime: {
    default: 10 * MINUTE,
    shown: '10m',
    read: duration(MINUTE, 30 * MINUTE),
    reason: 'Long enough to type in a password that has to be looked up, too short to hoard.',
    source: 'OWASP Automated Threats, OAT-008; WCAG 2.2, 2.2.1',
    example: "ProofOfWork.of(policy, { lifetime: '10m' })",
  },
};
