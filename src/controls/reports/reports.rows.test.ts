/** The rows of this room among those of src/layer/modes.test.ts. */
import assert from 'node:assert/strict';

export const MODE_ROWS: readonly object[] = [
  {
    guard: 'reports',
    holds: 'where browsers report, nothing but reports is taken',
    section: 'reports',
    policy: { reports: { path: '/csp-reports' } },
    asked: {
      method: 'POST',
      target: '/csp-reports',
      headers: { 'content-type': 'text/plain', 'content-length': '1', 'sec-fetch-site': 'same-origin' },
      body: 'x',
    },
    check: ({ verdict }: { verdict?: { status: number } }): void => assert.equal(verdict?.status, 415),
  },
];
