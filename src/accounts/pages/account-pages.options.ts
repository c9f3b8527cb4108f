import { isLocalPath } from '../../core/local-path.ts';
import { type OptionTable, Unfit } from '../../core/options.ts';

/** The pages of accounts: where they lead. */
export interface AccountPagesOptions {
  /** Where to go after signing in. */
  home?: string;
  /** What stands before the paths of all these pages: `/-` for `/-/login`, where the application has a `/login` of its own. */
  base?: string;
}

/** {@link AccountPagesOptions}, read. */
export interface AccountPagesSettings {
  readonly home: string;
  /** Empty, or a path that does not end in a slash. */
  readonly base: string;
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
  base: {
    default: '',
    shown: '/',
    read: (value) => {
      if (value === '/') return '';
      if (typeof value === 'string' && BASE.test(value)) return value.replace(/\/$/, '');
      throw new Unfit("a path of plain segments, such as '/-'");
    },
    reason:
      'Addresses that people know from everywhere; an application that has them already says where ours go.',
    source: 'W3C, A Well-Known URL for Changing Passwords: that one address stays where it is',
    example: "accountPages: { base: '/-' }",
  },
};

// No segment of dots: browsers take those out of an address before they ask.
const BASE = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)+\/?$/;
