/** What passwords tell the audit log. */
export const PASSWORDS_EVENTS = {
  rangeServiceUnavailable: {
    name: 'sys_service_unavailable',
    level: 'warn',
    meaning: 'The service that knows breached passwords did not answer; its list was done without.',
    details: { service: 'text', message: 'text' },
  },
} as const;
