/** Why a multipart form is not taken. Forms that are within the grammar are read alike by every reader that was tried. */
export type MultipartReason =
  /** The Content-Type has no boundary, two, or one that is none (RFC 2046, 5.1.1). */
  | 'boundary'
  /** Something stands before the first boundary, after the last one, or on the line of one; or one is not on a line. */
  | 'between'
  /** The form ends before its last boundary. */
  | 'cut'
  /** The head of a part is none, is too long, or has a line that no form needs. */
  | 'head'
  /** The Content-Disposition of a part is not `form-data; name="..."`, with `; filename="..."` for a file. */
  | 'disposition'
  /** A name is empty, too long, not UTF-8, or has something in it that readers take for another name. */
  | 'name'
  /** A field is said to be bytes, or a text in another encoding than UTF-8. */
  | 'type'
  /** A field is not UTF-8, or says that the others are not. */
  | 'text'
  /** A field is longer than allowed. */
  | 'field'
  /** There are more parts than allowed. */
  | 'parts';

/** A multipart form that is not taken. */
export class MultipartFault extends Error {
  override readonly name = 'MultipartFault';
  readonly reason: MultipartReason;

  constructor(reason: MultipartReason) {
    super(`The form is not taken: ${reason}.`);
    this.reason = reason;
  }
}
