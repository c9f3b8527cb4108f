/** What the errors room tells the audit log. */
export const ERRORS_EVENTS = {
  failed: {
    name: 'sys_crash',
    level: 'critical',
    meaning: 'The application answered with a server error.',
    details: { reason: 'text', answered: 'number', error: 'any?' },
    stack: true,
  },
  unavailable: {
    name: 'sys_service_unavailable',
    level: 'warn',
    meaning: 'The application answered that it cannot for the moment, and why it could not is known.',
    details: { reason: 'text', answered: 'number', error: 'any' },
  },
} as const;
