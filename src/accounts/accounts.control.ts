import type { Control, Section } from '../core/control.ts';
import { ACCOUNTS_EVENTS } from './accounts.events.ts';
import { ACCOUNTS_KEYS } from './accounts.keys.ts';
import { type AccountsOptions, accountsOptions, type AccountsSettings } from './accounts.options.ts';
import {
  accountPagesOptions,
  type AccountPagesOptions,
  type AccountPagesSettings,
} from './pages/account-pages.options.ts';

interface Sections {
  /** Who may make an account, and how. Left out: there are none. Their code is loaded by `bulwark/accounts` or their pages. */
  readonly accounts: Section<AccountsOptions, AccountsSettings>;
  /** The pages of accounts. `false`: the application has its own, and no rules of these are added to its routes. */
  readonly accountPages: Section<AccountPagesOptions | false, AccountPagesSettings>;
}

/** What others collect of this room. */
export const accountsControl: Control<Sections, typeof ACCOUNTS_EVENTS> = {
  sections: { accounts: { table: accountsOptions }, accountPages: { table: accountPagesOptions } },
  events: ACCOUNTS_EVENTS,
  keys: ACCOUNTS_KEYS,
  rules: async () => {
    const rooms = await Promise.all([import('./accounts.check.ts'), import('./second-factor.check.ts')]);
    const [{ accountsRules }, { secondFactorRules }] = rooms;
    return [...accountsRules, ...secondFactorRules];
  },
};
