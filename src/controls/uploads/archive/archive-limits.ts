/** How much an archive may be. */
export interface ArchiveLimits {
  /** Entries, with those of archives in it. */
  readonly entries: number;
  /** What it unpacks to, with what archives in it unpack to. */
  readonly bytes: number;
  /** How many times as much as was sent. Up to a megabyte is free. */
  readonly ratio: number;
  /** Archives in one another: 1 is an archive without any in it. */
  readonly depth: number;
}

/** The defaults: more than people send, and less than hurts. */
export const ARCHIVE_LIMITS: ArchiveLimits = {
  entries: 10_000,
  bytes: 4 * 1024 ** 3,
  ratio: 200,
  depth: 3,
};

const FREE = 1024 ** 2;

/** What a file of this size may unpack to. */
export function mostUnpacked(size: number, { bytes, ratio }: ArchiveLimits): number {
  return Math.min(bytes, Math.max(size * ratio, FREE));
}
