import { isLocalPath } from '../../core/local-path.ts';
import { type OptionTable, Unfit } from '../../core/options.ts';

/** The pages of accounts: where they lead. */
export interface AccountPagesOptions {
  /** Where to go after signing in. */
  home?: string;
}

/** {@link AccountPagesOptions}, read. */
export interface AccountPagesSettings {
  readonly home: string;
}

/** The defaults and why. */
export const accountPagesOptions: OptionTable<AccountPagesSettings> = {
  home: {
    default: '/',
    read: (value) => {
      if (typeof value === 'string' && isLocalPath(value)) return value;
      throw new Unfit("a path of this site, such as '/files'");
    },
    reason: 'Every site has a first page.',
    source: 'CWE-601: a path of this site, and no other',
    example: "accountPages: { home: '/files' }",
  },
};
