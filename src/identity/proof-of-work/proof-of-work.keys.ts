/** The sub-keys of proofs of work. */
export const PROOF_OF_WORK_KEYS = { challenge: { signs: 'proof-of-work' } } as const;
