import { BulwarkError } from '../../core/errors.ts';

/** The error of a file whose bytes are not all there, or are others than were stored. */
export function damaged(): BulwarkError {
  const said =
    'The bytes of a file are not those that were stored. Put back a copy of them, or remove the file.';
  return new BulwarkError('ERR_BULWARK_FILE_DAMAGED', said);
}
