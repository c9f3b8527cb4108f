/**
 * Why an archive is not taken. `broken`: it is no archive from its first byte to its last, or is damaged. `directory`: what
 * stands before an entry says something else than the directory at the end, or bytes stand where no entry is. `name`: a name
 * leads out of its folder, is reserved, or has no one reading. `twice`: two entries unpack to one place. `link`: an entry is a
 * link or a device. `encrypted`, `method`: an entry that cannot be looked into. `bomb`: it unpacks to far too much. `entries`,
 * `nesting`: too many, or too deep in one another.
 */
export type ArchiveReason =
  | 'broken'
  | 'directory'
  | 'name'
  | 'twice'
  | 'link'
  | 'encrypted'
  | 'method'
  | 'bomb'
  | 'entries'
  | 'nesting';

/** An archive that is not taken. */
export class ArchiveFault extends Error {
  override readonly name = 'ArchiveFault';
  readonly reason: ArchiveReason;

  constructor(reason: ArchiveReason, cause?: unknown) {
    super(`The archive is not taken: ${reason}.`, { cause });
    this.reason = reason;
  }
}
