/** What only an application can know: it writes these by name, `bulwark.of(request).audit('sensitive_delete', { note })`. */
export const APPLICATION_EVENTS = {
  rightsChanged: {
    name: 'authz_change',
    level: 'warn',
    meaning: 'What someone may do was changed.',
    details: {},
  },
  sensitiveCreated: {
    name: 'sensitive_create',
    level: 'warn',
    meaning: 'Something confidential was made.',
    details: {},
  },
  sensitiveDeleted: {
    name: 'sensitive_delete',
    level: 'warn',
    meaning: 'Something confidential was deleted.',
    details: {},
  },
} as const;
