/** Files that are there as a whole, looked through before anybody is given them: what is in them, and not only what they are. */
import { ArchiveFault, type ArchiveReason } from '../archive/archive-fault.ts';
import { ARCHIVE_LIMITS, type ArchiveLimits } from '../archive/archive-limits.ts';
import { inspectArchive } from '../archive/inspect-archive.ts';
import type { WholeFile } from '../content/whole-file.ts';
import { inspectPdf, PdfLook } from '../pdf/inspect-pdf.ts';
import { PDF_ACTS, type PdfAct } from '../pdf/pdf-acts.ts';
import { withPassingLook } from './passing-look.ts';
import { checkScan } from './scan.calls.ts';

/** A file, and what it was taken for. */
export interface ScannedFile extends WholeFile {
  /** The media type that its bytes were known by. */
  readonly type: string;
  /** Who asked waits no longer: the look stops, and throws the reason of it. */
  readonly signal?: AbortSignal;
}

/**
 * What became of a look. `wait`: nobody could look, and it is no answer; the file stays where nobody is given it, and is looked at
 * again. `reason` is a word for programs, `detail` a sentence for whoever sent the file, with nothing of it.
 */
export type ScanVerdict =
  | { readonly verdict: 'clean' }
  | {
      readonly verdict: 'refused' | 'wait';
      readonly reason: string;
      readonly detail: string;
      /** For the log: what a scanner calls what it found. */
      readonly found?: string;
    };

/** Looks through a file. It throws where reading the file fails, and is no verdict then. */
export type FileScan = (file: ScannedFile) => Promise<ScanVerdict>;

/** What is refused of what is in files. */
export interface ContentRules {
  /** How much an archive may be: 10,000 entries, 4 GB, 200 times what was sent, three in one another. */
  readonly archives?: Partial<ArchiveLimits>;
  /** `refuse` (default) Office files with macros, also those in archives; `take` is for who means them. */
  readonly macros?: 'refuse' | 'take';
  /** `take` (default) archives with others in them that are not looked into (7z, RAR, gzip, tar), or `refuse` them. */
  readonly unseenArchives?: 'refuse' | 'take';
  /** What a PDF may not do. Default: everything but `on-open`, which is the page to begin with more often than not. */
  readonly pdf?: readonly PdfAct[];
  /**
   * Looks last, at what all other rules let pass: `clamd(...)`, or any other scanner. Where it has a `size`, an archive waits that has
   * a larger entry: scanners leave these out, and say nothing of it.
   */
  readonly antivirus?: { readonly scan: FileScan; readonly size?: number };
}

/**
 * A look by these rules.
 *
 * @example
 * ```ts
 * const scan = contentScan({ antivirus: clamd({ socket: '/run/clamav/clamd.ctl' }) });
 * const { verdict } = await scan({ ...fileAt('/srv/incoming/1'), type: 'application/pdf' });
 * ```
 */
export function contentScan(rules: ContentRules = {}): FileScan {
  checkScan(rules);
  const limits = { ...ARCHIVE_LIMITS, ...rules.archives };
  const refusedActs = rules.pdf ?? PDF_ACTS.filter((act) => act !== 'on-open');
  const judge = async (file: ScannedFile): Promise<ScanVerdict> => {
    if (ARCHIVES.test(file.type)) return await judgeArchive(file, limits, rules);
    if (file.type === PDF) return pdfVerdict(await inspectPdf(file, file.signal), refusedActs);
    return CLEAN;
  };
  const then = (seen: FileScan): FileScan => {
    return async (file) => {
      const verdict = await seen(file);
      file.signal?.throwIfAborted();
      if (verdict.verdict !== 'clean' || rules.antivirus === undefined) return verdict;
      return await rules.antivirus.scan(file);
    };
  };
  return withPassingLook(then(judge), (type, signal) => {
    // What an archive is says its end: only a whole one can be looked into.
    if (type !== PDF) return undefined;
    const look = new PdfLook();
    return {
      take: (piece) => look.take(piece, signal),
      end: async () => {
        const verdict = pdfVerdict(await look.end(signal), refusedActs);
        return then(() => Promise.resolve(verdict));
      },
    };
  });
}

const PDF = 'application/pdf';

/** The one good answer. */
export const CLEAN: ScanVerdict = Object.freeze({ verdict: 'clean' });

const ARCHIVES =
  /^application\/(?:zip|java-archive|epub\+zip|vnd\.(?:openxmlformats-officedocument|oasis\.opendocument)\.)/;

async function judgeArchive(
  file: ScannedFile,
  limits: ArchiveLimits,
  { macros = 'refuse', unseenArchives = 'take', antivirus }: ContentRules,
): Promise<ScanVerdict> {
  try {
    const found = await inspectArchive(file, limits, file.signal);
    if (found.macros && macros === 'refuse')
      return refused('macros', 'An Office file has macros. Save it without them.');
    if (found.unseen.length > 0 && unseenArchives === 'refuse')
      return refused(
        'unseen',
        `In the archive are others that are not looked into: ${found.unseen.join(', ')}.`,
      );
    if (found.largest > (antivirus?.size ?? Number.POSITIVE_INFINITY))
      return {
        verdict: 'wait',
        reason: 'too-large',
        detail: 'An entry of the archive is too large for the virus scanner. Somebody has to look at it.',
      };
    return CLEAN;
  } catch (error) {
    if (error instanceof ArchiveFault) return refused(`archive-${error.reason}`, WORDS[error.reason]);
    throw error;
  }
}

function pdfVerdict(does: readonly PdfAct[], acts: readonly PdfAct[]): ScanVerdict {
  const found = does.filter((act) => acts.includes(act));
  if (found.length === 0) return CLEAN;
  return refused('active', `The PDF has active content (${found.join(', ')}). Print it to a new PDF.`);
}

function refused(reason: string, detail: string): ScanVerdict {
  return { verdict: 'refused', reason, detail };
}

const WORDS: Readonly<Record<ArchiveReason, string>> = {
  broken: 'The archive is damaged, or something else stands before or behind it.',
  directory: 'Programs would unpack different things from the archive. Pack it anew.',
  name: 'An entry of the archive has a name that leads elsewhere, or that not all programs read alike.',
  twice: 'Two entries of the archive unpack to one place.',
  link: 'There is a link in the archive.',
  encrypted: 'The archive is encrypted, so that nobody can look into it.',
  method: 'The archive is packed in a way that is not read here. Pack it as a plain ZIP file.',
  bomb: 'The archive unpacks to far more than was sent.',
  entries: 'There are too many entries in the archive.',
  nesting: 'There are too many archives in one another.',
};
