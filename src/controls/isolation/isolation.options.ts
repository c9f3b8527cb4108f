import type { Mode } from '../../core/guard.ts';
import { mode } from '../../core/mode.ts';
import type { OptionTable } from '../../core/options.ts';

/** Which pages of other sites may load what is here. */
export interface IsolationOptions {
  /** `enforce` (default), `observe` or `off`. */
  mode?: Mode;
}

/** {@link IsolationOptions}, read. */
export interface IsolationSettings {
  readonly mode: Mode;
}

/** The defaults and why. */
export const isolationOptions: OptionTable<IsolationSettings> = {
  mode: {
    default: 'enforce',
    read: mode,
    reason:
      'What is not made for another site is not made at all: there is nothing to measure, and nothing to embed.',
    source: 'W3C Fetch Metadata; XS-Leaks Wiki, resource isolation policy; ASVS v5.0.0-3.5.8',
    example: "isolation: { mode: 'observe' }",
  },
};
