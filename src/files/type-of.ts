import { FILE_KINDS, FILE_TYPES } from '../controls/uploads/content/file-kinds.ts';

/** The type that a file is kept and sent as: the kind that it was judged as, and never what a client says. */
export function typeOf(filename: string, taken: readonly string[]): string {
  const extension = /\.([^./]+)$/.exec(filename)?.[1]?.toLowerCase() ?? '';
  const type = FILE_TYPES.find(
    (one) => taken.includes(one) && FILE_KINDS[one].extensions.includes(extension),
  );
  return type ?? 'application/octet-stream';
}
