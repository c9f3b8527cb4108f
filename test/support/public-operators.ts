/** What operators do, for the list of public objects. */
import type { Accounts } from '../../src/accounts/accounts.ts';
import type { Calls } from './refused-calls.ts';

export function operatorObjects(
  accounts: Accounts,
  visit: object,
): Readonly<Record<string, readonly [object, Calls]>> {
  return {
    'accounts.operators.accounts': [
      accounts.operators.accounts,
      {
        find: [{ begins: 'a', holds: 'a', state: 'active', role: 'a', after: 'a', limit: 1 }],
        look: ['a'],
      },
    ],
    'accounts.operators.acts': [
      accounts.operators.acts,
      {
        signOut: [visit, 'a'],
        endSession: [visit, 'a', ''],
        disable: [visit, 'a'],
        enable: [visit, 'a'],
        grantRole: [visit, 'a', 'a'],
        revokeRole: [visit, 'a', 'a'],
      },
    ],
    'accounts.operators.resets': [
      accounts.operators.resets,
      {
        ask: [visit, 'a', 'a'],
        confirm: [visit, ''],
        withdraw: [visit, ''],
        waiting: ['a'],
        find: ['a'],
        resetNow: [visit, 'a'],
      },
    ],
  };
}
