/** What a route takes of files, as its policy writes it. */
import { type OptionTable, type Read, readOptions, Unfit } from '../../core/options.ts';
import type { Problems } from '../../core/problems.ts';
import { integer, listOf, oneOf, optional, type Size, size } from '../../core/readers.ts';
import type { UploadRule } from '../../core/route-rules.ts';
import { FILE_TYPES, type FileType } from './content/file-kinds.ts';

/** What a route takes of files. */
export interface UploadOptions {
  /** The kinds, judged by content: a file is taken where its bytes, its name and what its client says are one of these. */
  types: readonly FileType[];
  /** Of one file: default `'10MB'`. */
  size?: Size;
  /** How many in one form: default 1. */
  files?: number;
  /** Of all files of one form: default as many as may come, each as large as it may be. */
  total?: Size;
  /**
   * The files are stored by `uploads.take` of `bulwark/uploads`: one that is not taken is left out, and the others of its form stay.
   * The form is theirs alone: a handler that reads it itself finds no body. Default false: a form is taken whole, or not.
   *
   * `'resumable'`: they come to `uploads.resume`, one an upload, over as many requests as their line needs.
   */
  store?: boolean | 'resumable';
}

interface UploadSettings {
  readonly types: readonly FileType[];
  readonly size: number;
  readonly files: number;
  readonly total: number | undefined;
  readonly store: boolean | 'resumable';
}

const stored: Read<boolean | 'resumable'> = (value) => {
  if (typeof value === 'boolean' || value === 'resumable') return value;
  throw new Unfit("true, false or 'resumable'");
};

const MB = 1024 ** 2;
const GB = 1024 ** 3;

/** The defaults and why. */
const uploadOptions: OptionTable<UploadSettings> = {
  types: {
    default: [],
    shown: 'none: they are named',
    read: listOf(oneOf(...FILE_TYPES), "a list of types, such as ['image/png', 'application/pdf']"),
    reason: 'What is not named is not taken; a list of what is forbidden is never whole.',
    source: 'ASVS v5.0.0-5.2.2; OWASP File Upload Cheat Sheet',
    example: "upload: { types: ['image/png', 'application/pdf'] }",
  },
  size: {
    default: 10 * MB,
    shown: "'10MB'",
    read: size(1, 10 * GB),
    reason: 'A photograph or a scan; more is said by the route that needs it.',
    source: 'ASVS v5.0.0-5.2.1',
    example: "upload: { types: ['application/pdf'], size: '50MB' }",
  },
  files: {
    default: 1,
    read: integer(1, 1000),
    reason: 'One file a form, until a route says more.',
    source: 'ASVS v5.0.0-5.2.1; CWE-770',
    example: "upload: { types: ['image/png'], files: 5 }",
  },
  total: {
    default: undefined,
    shown: 'size x files',
    read: optional(size(1, 100 * GB)),
    reason: 'Tighter where many small ones are usual and many large ones are not.',
    source: 'CWE-770',
    example: "upload: { types: ['image/png'], files: 50, total: '20MB' }",
  },
  store: {
    default: false,
    read: stored,
    reason:
      'A form that the application reads is judged before it does; one that Bulwark stores is judged as it is stored.',
    source: 'OWASP File Upload Cheat Sheet',
    example: "upload: { types: ['application/pdf'], files: 20, store: true }",
  },
};

/** Reads the rule of a route. */
export function readUpload(value: unknown, path: string, problems: Problems): UploadRule {
  const before = problems.errors.length;
  const { types, size: one, files, total, store } = readOptions(path, uploadOptions, value, problems);
  // Types that are none of ours were told of by their own name.
  if (types.length === 0 && problems.errors.length === before)
    throw new Unfit("an object with the types that are taken: { types: ['image/png'] }");
  return { types, size: one, files, total: total ?? one * files, store };
}

/** Fields, and what stands between parts, beside the files of a form. */
export const BESIDE_FILES: number = 2 * MB;
