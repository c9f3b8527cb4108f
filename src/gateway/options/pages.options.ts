/** What the gateway does about the content security policy of an application that knows nothing of one. */
import { type OptionTable, type Read, Unfit } from '../../core/options.ts';
import { oneOf } from '../../core/readers.ts';

/** When the gateway looks at what pages run: while the policy is only observed, always, or never. */
export type Learning = 'observed' | 'always' | 'never';

/** What is learned of pages, and where it is kept. */
export interface PagesOptions {
  /**
   * When scripts and styles within pages are noted for `bulwark gateway csp`: while `csp.mode` is `observe` (`observed`, the
   * default), `always`, or `never`.
   */
  learn?: Learning;
  /** Where that is kept: a database of this machine, readable by its owner only. Default `data/pages.sqlite`. */
  seen?: string;
  /** The sources that an operator has accepted, which the policy of pages has beside its own. Default `bulwark.csp.json`. */
  sources?: string;
}

/** {@link PagesOptions}, read. */
export interface PagesSettings {
  readonly learn: Learning;
  readonly seen: string;
  readonly sources: string;
}

const file: Read<string> = (value) => {
  if (typeof value === 'string' && /^[^\0]{1,4096}$/.test(value)) return value;
  throw new Unfit('the path of a file');
};

/** The defaults and why. */
export const pagesOptions: OptionTable<PagesSettings> = {
  learn: {
    default: 'observed',
    read: oneOf('observed', 'always', 'never'),
    reason:
      'What pages run is to be known before a policy stops it; afterwards each look costs, and tells less.',
    source: 'W3C Content Security Policy Level 3, 3.2; docs/guides/flask-csp.md',
    example: "gateway: { pages: { learn: 'always' } }",
  },
  seen: {
    default: 'data/pages.sqlite',
    read: file,
    reason: 'Beside the default state; all processes of a machine write to it.',
    source: 'docs/guides/flask-csp.md',
    example: "gateway: { pages: { seen: '/var/lib/bulwark/pages.sqlite' } }",
  },
  sources: {
    default: 'bulwark.csp.json',
    read: file,
    reason:
      'A file to be reviewed and kept with the policy: what runs on a page is a decision of its operator.',
    source: 'docs/guides/flask-csp.md',
    example: "gateway: { pages: { sources: '/etc/bulwark/csp.json' } }",
  },
};
