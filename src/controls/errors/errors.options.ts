import type { Mode } from '../../core/guard.ts';
import { mode } from '../../core/mode.ts';
import type { OptionTable } from '../../core/options.ts';
import { oneOf } from '../../core/readers.ts';

/** What a client sees when something fails. */
export interface ErrorsOptions {
  /** `enforce` (default), `observe` or `off`. */
  mode?: Mode;
  /**
   * Which answers of 400 to 499 get a page of ours. `framework` (default): those a framework made by itself, as far as
   * their head tells. `all`: every one, for an application behind the gateway whose own pages say what it runs on.
   * A server error is always replaced; a route keeps its own pages with `ownErrors: true`.
   */
  clientErrors?: 'framework' | 'all';
}

/** {@link ErrorsOptions}, read. */
export interface ErrorsSettings {
  readonly mode: Mode;
  readonly clientErrors: 'framework' | 'all';
}

/** The defaults and why. */
export const errorsOptions: OptionTable<ErrorsSettings> = {
  mode: {
    default: 'enforce',
    read: mode,
    reason: 'A stack trace tells an attacker the versions, the paths and the queries to work with.',
    source: 'ASVS v5.0.0-16.5.1; CWE-209',
    example: "errors: { mode: 'observe' }",
  },
  clientErrors: {
    default: 'framework',
    read: oneOf('framework', 'all'),
    reason:
      'What an application says about a wrong input is for its users; what its framework says is for nobody.',
    source: 'ASVS v5.0.0-13.4.6; OWASP Error Handling Cheat Sheet',
    example: "errors: { clientErrors: 'all' }",
  },
};
