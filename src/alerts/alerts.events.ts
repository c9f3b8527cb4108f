/** What alerts tell the audit log. */
export const ALERTS_EVENTS = {
  raised: {
    name: 'alert_raised',
    level: 'warn',
    meaning:
      'Events together came to something that a person has to look at: `rule` says what, `about` whom or where, `help` what to do. Not told again for the same before its quiet time is over; `escalated`: it came again and again.',
    details: {
      rule: 'text',
      severity: 'text',
      summary: 'personal',
      about: 'person',
      because: 'personal',
      help: 'text',
      escalated: 'flag?',
    },
  },
  silenced: {
    name: 'alert_silenced',
    level: 'warn',
    meaning: 'An operator silenced a rule, or one thing that it is about, until a moment, and says why.',
    details: { rule: 'text', about: 'person?', until: 'text', reason: 'text' },
  },
  dropped: {
    name: 'alert_events_dropped',
    level: 'critical',
    meaning:
      'Events came faster than the rules of alerts could look at them; `dropped` were left out. The log has all of them: bulwark alerts replay.',
    details: { dropped: 'number' },
    bounded: true,
  },
  logBroken: {
    name: 'log_verification_failed',
    level: 'critical',
    meaning:
      'The log is not what was written, as `bulwark audit verify --alert` found; `first` is the first fault.',
    details: { faults: 'number', first: 'text' },
  },
} as const;
