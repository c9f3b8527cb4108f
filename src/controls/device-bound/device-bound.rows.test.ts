/** The rows of this room among those of src/layer/modes.test.ts. */
import assert from 'node:assert/strict';
import type { Exchange } from '../../core/exchange.ts';
import type { Layer } from '../../layer/layer.ts';
import { SessionHandle } from '../sessions/session-handle.ts';

interface Head {
  getHeader(name: string): unknown;
}

export const MODE_ROWS: readonly object[] = [
  {
    guard: 'device-bound',
    holds: 'a session that begins is offered a binding to its device',
    policy: { session: { deviceBound: 'enforce' } },
    asked: {},
    answer: async (exchange: Exchange, { sessions }: Layer): Promise<object> => {
      await new SessionHandle(sessions, exchange).signIn({ account: 'ann' });
      return {};
    },
    check: ({ head }: { head: Head }): void =>
      assert.match(
        String(head.getHeader('secure-session-registration')),
        /^\(ES256 RS256\);path="\/-\/device\/register";challenge="[\w.-]{54}"$/,
      ),
  },
];
