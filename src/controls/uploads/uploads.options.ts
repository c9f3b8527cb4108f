import type { Mode } from '../../core/guard.ts';
import { mode } from '../../core/mode.ts';
import type { OptionTable } from '../../core/options.ts';
import { integer, type Size, size } from '../../core/readers.ts';

/** Forms with files: that there is one reading of them, whoever reads them afterwards. */
export interface UploadsOptions {
  /** `enforce` (default), `observe` or `off`. A route may take what it likes: `form: 'any'`. */
  mode?: Mode;
  /** Fields and files of one form: default 1,000. */
  parts?: number;
  /** The longest field that is no file: default `'1MB'`. */
  field?: Size;
  /** A form of no more is read whole before the handler is asked; a longer one is judged on its way: default `'256KB'`. */
  ahead?: Size;
}

/** {@link UploadsOptions}, read. Sizes are bytes. */
export interface UploadsSettings {
  readonly mode: Mode;
  readonly parts: number;
  readonly field: number;
  readonly ahead: number;
}

const KB = 1024;

/** The defaults and why. */
export const uploadsOptions: OptionTable<UploadsSettings> = {
  mode: {
    default: 'enforce',
    read: mode,
    reason:
      'Two readers of one form that see two names of a file are a way past whichever of them checks it.',
    source: 'ASVS v5.0.0-1.5.3; RFC 7578, RFC 2046 5.1',
    example: "uploads: { mode: 'observe' }",
  },
  parts: {
    default: 1_000,
    read: integer(1, 100_000),
    reason: 'What Starlette, Werkzeug and Django take; each part is work for whoever reads it.',
    source: 'CWE-770; Django DATA_UPLOAD_MAX_NUMBER_FIELDS',
    example: 'uploads: { parts: 100 }',
  },
  field: {
    default: 1024 * KB,
    shown: "'1MB'",
    read: size(1, 64 * 1024 * KB),
    reason: 'busboy and multer cut a longer field there without a word, and Starlette fails.',
    source: 'CWE-770; CWE-436',
    example: "uploads: { field: '4MB' }",
  },
  ahead: {
    default: 256 * KB,
    shown: "'256KB'",
    read: size(KB, 16 * 1024 * KB),
    reason: 'Held in memory, for each form that is on its way at once.',
    source: 'CWE-770',
    example: "uploads: { ahead: '1MB' }",
  },
};
