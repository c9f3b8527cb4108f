/** What is mended in the answers of an application. */
import type { Mode } from '../../core/guard.ts';
import { mode } from '../../core/mode.ts';
import type { OptionTable } from '../../core/options.ts';

/** What is mended in answers. */
export interface AnswersOptions {
  /** Pages that a framework makes for developers: `enforce` (default) replaces them, `observe` tells of them, `off`. */
  debugPages?: Mode;
}

/** {@link AnswersOptions}, read. */
export interface AnswersSettings {
  readonly debugPages: Mode;
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
};
