/** What the step-up room tells the audit log. */
export const STEP_UP_EVENTS = {
  unsealed: {
    name: 'crypt_decrypt_fail',
    level: 'critical',
    meaning:
      'A form that was kept does not open: it was tampered with, or the secret that sealed it is gone.',
    details: { sealed: 'text', account: 'person' },
  },
} as const;
