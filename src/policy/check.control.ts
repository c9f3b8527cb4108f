import type { Control, Section } from '../core/control.ts';
import type { OptionTable } from '../core/options.ts';
import { listOf, text } from '../core/readers.ts';

/** What `bulwark check` takes from the policy. The layer itself does nothing with it. */
export interface CheckOptions {
  /**
   * Packages whose rules run beside ours, by name, looked for from the folder of the policy: `['acme-rules']`. A path begins with
   * a dot: `['./checks/acme.mjs']`. Default: none.
   */
  rules?: readonly string[];
}

/** {@link CheckOptions}, read. */
export interface CheckSettings {
  readonly rules: readonly string[];
}

/** A path from elsewhere, or an address, is nothing that a lock file has: a package is what was installed, a path what stands beside. */
const NAME = /^(?:@[a-z\d~-][\w.~-]*\/)?[a-z\d~-][\w.~-]*(?:\/[\w.~-]+)*$|^\.\.?\/[^\0]{1,4000}$/i;

/** The defaults and why. */
export const checkOptions: OptionTable<CheckSettings> = {
  rules: {
    default: [],
    shown: 'none: the rules of Bulwark',
    read: listOf(
      text(NAME, "the name of a package, such as 'acme-rules', or a path that begins with './'"),
      "a list of packages, such as ['acme-rules']",
    ),
    reason:
      'A rule runs as code of whoever checks: what is named here was chosen by whoever writes the policy.',
    source: 'house rule: nothing of a tree under check runs unless it is named',
    example: "check: { rules: ['acme-rules'] }",
  },
};

/** What others collect of it. The rules of the check itself stand in the rooms. */
export const checkControl: Control<{ readonly check: Section<CheckOptions, CheckSettings> }> = {
  sections: { check: { table: checkOptions } },
};
