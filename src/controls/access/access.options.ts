import type { Mode } from '../../core/guard.ts';
import { mode } from '../../core/mode.ts';
import type { OptionTable } from '../../core/options.ts';
import { listOf, oneOf, optional, text } from '../../core/readers.ts';
import type { RouteRules } from '../../core/route-rules.ts';
import { FRAMEWORK_NAMES, type FrameworkName } from './frameworks.ts';
import { type AccessOptionsOfRoute, readRequire } from './require.ts';

/** Who may call a route. The rules themselves are in `routes`, as `require`. */
export interface AccessOptions {
  /** `enforce` (default), `observe` or `off`. */
  mode?: Mode;
  /** Path of the sign-in page. A page asked for by someone not signed in leads there, with `next` set to come back. */
  signIn?: string;
  /**
   * Who may call what no `require` speaks of: `anyone` (default), `signed-in`, or `nobody`. Holds for files and for paths
   * that do not exist too. `bulwark routes` lists what it would hold for.
   */
  otherwise?: Otherwise;
  /**
   * Path of the page where someone who is signed in proves it again. Whoever needs a fresher or stronger sign-in for a
   * page, or for a form, is led there and back. It is open to every account: no rule of its own asks for `mfa` or `fresh`.
   */
  stepUp?: string;
  /**
   * The full-stack frameworks that answer under this policy, such as `['react-router']`: the data of a page, which has an
   * address of its own, is then opened with the page. It is closed with the page in any case.
   */
  frameworks?: readonly FrameworkName[];
  /**
   * Who may call functions of the server that a framework takes past the address of their page, beside what the rule of the
   * address says. Until it is said they are refused, where the policy closes anything.
   */
  serverFunctions?: 'anyone' | 'signed-in' | AccessOptionsOfRoute;
}

/** Who may call what no rule speaks of. */
export type Otherwise = 'anyone' | 'signed-in' | 'nobody';

/** {@link AccessOptions}, read. */
export interface AccessSettings {
  readonly mode: Mode;
  readonly signIn: string | undefined;
  readonly otherwise: Otherwise;
  readonly stepUp: string | undefined;
  readonly frameworks: readonly FrameworkName[];
  readonly serverFunctions: RouteRules['require'];
}

/** The defaults and why. */
export const accessOptions: OptionTable<AccessSettings> = {
  mode: {
    default: 'enforce',
    read: mode,
    reason: 'A rule that only logs protects nothing.',
    source: 'OWASP Authorization Cheat Sheet; ASVS v5.0.0-8.2.1',
    example: "access: { mode: 'observe' }",
  },
  signIn: {
    default: undefined,
    shown: 'none: 401',
    read: optional(text(/^\/(?![/\\])[\x21-\x7e]*$/, "a path of this site, such as '/login'")),
    reason: 'Bulwark does not know the page until it is told; programs want the plain 401.',
    source: 'RFC 9110 15.5.2',
    example: "access: { signIn: '/login' }",
  },
  otherwise: {
    default: 'anyone',
    read: oneOf('anyone', 'signed-in', 'nobody'),
    reason:
      'Anything else closes the sign-in page and every style sheet of an application that has said nothing yet. Once each route has its rule, write nobody: what is forgotten is then closed.',
    source: 'OWASP Authorization Cheat Sheet, deny by default; ASVS v5.0.0-8.2.1',
    example: "access: { otherwise: 'nobody' }",
  },
  stepUp: {
    default: undefined,
    shown: 'none: 403',
    read: optional(
      // Its query is ours.
      text(
        /^\/(?![/\\])[\x21\x22\x24-\x3e\x40-\x7e]*$/,
        "a path of this site without a query, such as '/login/again'",
      ),
    ),
    reason: 'Bulwark does not know the page until it is told; programs want the plain 403.',
    source: 'RFC 9470; ASVS v5.0.0-7.5.3',
    example: "access: { stepUp: '/login/again' }",
  },
  frameworks: {
    default: [],
    read: listOf(oneOf(...FRAMEWORK_NAMES), `a list of ${FRAMEWORK_NAMES.join(', ')}`),
    reason: 'What opens is written down: the data of an open page is open once the policy says whose it is.',
    source: 'OWASP Authorization Cheat Sheet, deny by default',
    example: "access: { frameworks: ['react-router'] }",
  },
  serverFunctions: {
    default: undefined,
    shown: 'nobody, where anything is closed',
    read: (value, path, problems) => readRequire(value, path, problems),
    reason:
      'A function belongs to a page, and its address does not say to which: no rule of a page holds for it.',
    source: 'ASVS v5.0.0-8.2.1; OWASP Authorization Cheat Sheet, deny by default',
    example: "access: { serverFunctions: 'signed-in' }",
  },
};
