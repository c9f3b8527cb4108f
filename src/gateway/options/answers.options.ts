/** What is mended in the answers of an application. */
import type { Mode } from '../../core/guard.ts';
import { mode } from '../../core/mode.ts';
import type { OptionTable } from '../../core/options.ts';
import { cookieNames, KNOWN_SESSION_COOKIES } from './vault-names.ts';

/** What is mended in answers. */
export interface AnswersOptions {
  /** Pages that a framework makes for developers: `enforce` (default) replaces them, `observe` tells of them, `off`. */
  debugPages?: Mode;
  /**
   * Cookies by which the application knows its visitors: what it answers to who brings one is theirs, and kept by nobody.
   * Default `true`: what frameworks call theirs.
   */
  sessions?: true | readonly string[];
}

/** {@link AnswersOptions}, read. */
export interface AnswersSettings {
  readonly debugPages: Mode;
  readonly sessions: readonly string[];
}

/** The defaults and why. */
export const answersOptions: OptionTable<AnswersSettings> = {
  debugPages: {
    default: 'enforce',
    read: mode,
    reason:
      'A page for developers shows code and settings, and has a console, to whoever makes a request fail.',
    source: 'CWE-489; ASVS v5.0.0-13.4.2',
    example: "gateway: { answers: { debugPages: 'observe' } }",
  },
  sessions: {
    default: KNOWN_SESSION_COOKIES,
    shown: 'those that frameworks use',
    read: cookieNames,
    reason:
      'A page that was made for one visitor is in no cache, and not behind the back button after signing out.',
    source: 'RFC 9111 5.2.2.5; ASVS v5.0.0-14.3.2',
    example: "gateway: { answers: { sessions: ['session', 'sso'] } }",
  },
};
