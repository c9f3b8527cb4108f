/**
 * Why a file is not taken. `extension`: its name ends with nothing that the route takes. `declared`: its client says that it is
 * something else than its name does. `content`: its bytes are something else. `archive`: what is in it is packed in a way that unpackers take otherwise than each other, or unpacks to far
 * too much. `macros`: an Office file that has some. `empty`: it has no bytes.
 * The rest is too much.
 */
export type FileReason =
  | 'extension'
  | 'declared'
  | 'content'
  | 'archive'
  | 'macros'
  | 'empty'
  | 'size'
  | 'total'
  | 'files';

/** A file that is not taken. */
export class FileFault extends Error {
  override readonly name = 'FileFault';
  readonly reason: FileReason;

  constructor(reason: FileReason) {
    super(`The file is not taken: ${reason}.`);
    this.reason = reason;
  }
}
