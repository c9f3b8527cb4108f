/** What the csp room tells the audit log. */
export const CSP_EVENTS = {
  raised: {
    name: 'sys_header_raised',
    level: 'warn',
    meaning:
      'A handler set a Content-Security-Policy of its own that opens more than the policy: pages are held to both, so that it opens nothing; or one whose nonce can be known, so that it is not taken; or a Cache-Control that lets shared caches keep a page with its nonce. Told once for each route.',
    details: { header: 'text', fix: 'text' },
  },
} as const;
