/** The rows of this room among those of src/layer/modes.test.ts. */
import assert from 'node:assert/strict';

const PARTNER = 'https://partner.example';
const POLICY = { cors: { origins: [PARTNER] } };

export const MODE_ROWS: readonly object[] = [
  {
    guard: 'cors',
    holds: 'a page of an origin that nobody named may not even ask',
    section: 'cors',
    policy: POLICY,
    asked: {
      method: 'OPTIONS',
      headers: { origin: 'https://attacker.example', 'access-control-request-method': 'PUT' },
    },
    check: ({ verdict }: { verdict?: { status: number } }): void => assert.equal(verdict?.status, 403),
  },
  {
    guard: 'cors',
    holds: 'what the application opens to everyone stays closed',
    section: 'cors',
    policy: POLICY,
    asked: { headers: { origin: 'https://attacker.example' } },
    answer: () => ({ headers: { 'access-control-allow-origin': '*' } }),
    check: ({ head }: { head: { getHeader: (name: string) => unknown } }): void =>
      assert.equal(head.getHeader('access-control-allow-origin'), undefined),
  },
];
