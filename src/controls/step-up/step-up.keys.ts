/** The sub-keys of the step-up room. */
export const STEP_UP_KEYS = { heldRequest: { seals: 'held-request-seal' } } as const;
