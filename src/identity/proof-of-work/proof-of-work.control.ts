import type { Control, Section } from '../../core/control.ts';
import { PROOF_OF_WORK_KEYS } from './proof-of-work.keys.ts';
import { type ChallengeOptions, challengeOptions, type ChallengeSettings } from './proof-of-work.options.ts';

/** What others collect of this room. */
export const proofOfWorkControl: Control<{
  readonly challenge: Section<ChallengeOptions, ChallengeSettings>;
}> = {
  sections: { challenge: { table: challengeOptions } },
  keys: PROOF_OF_WORK_KEYS,
};
