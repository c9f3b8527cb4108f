/** The rows of this room among those of src/layer/modes.test.ts. */
import assert from 'node:assert/strict';

export const MODE_ROWS: readonly object[] = [
  {
    guard: 'well-known',
    holds: 'password managers are led to the page for it',
    policy: { wellKnown: { changePassword: '/settings/password' } },
    asked: { target: '/.well-known/change-password' },
    check: ({ verdict }: { verdict?: { status: number } }): void => assert.equal(verdict?.status, 303),
  },
];
