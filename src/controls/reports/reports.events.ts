/** What the reports room tells the audit log. */

export const REPORTS_EVENTS = {
  seen: {
    name: 'sys_browser_report',
    level: 'warn',
    meaning:
      'A browser reported something of a page that none had reported before under this policy: what a policy blocked, or would have. It may be a page that the policy does not fit, or script that somebody got into it. Told once for each; `bulwark csp status` has the counts.',
    details: {
      kind: 'text',
      page: 'text',
      directive: 'text?',
      blocked: 'text?',
      disposition: 'text?',
      sample: 'text?',
    },
  },
  refused: {
    name: 'input_validation_fail',
    level: 'warn',
    meaning: 'Something was posted where browsers send their reports that is none, or of another site.',
    details: { reason: 'text' },
  },
  tooMany: {
    name: 'excess_rate_limit_exceeded',
    level: 'warn',
    meaning: 'A client sent more reports than a browser does.',
    details: { limit: 'text', by: 'text' },
  },
} as const;
