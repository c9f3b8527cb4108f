/** The rows of this room among those of src/layer/modes.test.ts. */
import assert from 'node:assert/strict';

export const MODE_ROWS: readonly object[] = [
  {
    guard: 'isolation',
    holds: 'a page of another site loads nothing as a script',
    section: 'isolation',
    asked: {
      headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' },
    },
    check: ({ verdict }: { verdict?: { status: number } }): void => assert.equal(verdict?.status, 403),
  },
];
