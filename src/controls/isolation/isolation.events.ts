/** What the isolation room tells the audit log. */
export const ISOLATION_EVENTS = {
  refused: {
    name: 'resource_isolated',
    level: 'info',
    meaning:
      'A page of another site loaded something here that is not for other sites: an image, a script, a frame of a plugin. A stranger may have been measuring it; a partner needs the line in `fix`.',
    details: { site: 'text?', mode: 'text?', dest: 'text?', fix: 'text' },
  },
  ahead: {
    name: 'prefetch_refused',
    level: 'info',
    meaning: 'A browser fetched a page ahead that changes something when it is opened.',
    details: { purpose: 'text' },
  },
} as const;
