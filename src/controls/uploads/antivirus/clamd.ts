/** Files given to clamd, the scanner of ClamAV, over its socket: what it says of a whole file, and a stated answer where it says nothing. */
import type { FileScan, ScannedFile, ScanVerdict } from '../scan/scan.ts';
import { checkClamd, checkWatch } from './clamd.calls.ts';
import { askClamd, type ClamdAnswer, type ClamdPlace, type NoAnswer } from './clamd-session.ts';
import { deepArchive } from './deep-archive.ts';
import { Places } from './places.ts';

/** Where it listens, and how much it is given. */
export interface ClamdOptions {
  /** Its socket of this machine: `/run/clamav/clamd.ctl` on Debian. Or `host` and `port`. */
  readonly socket?: string;
  /** A host in a network that nobody else reads: clamd speaks in clear, and asks nobody who they are. */
  readonly host?: string;
  /** Default 3310. */
  readonly port?: number;
  /**
   * The largest file that it is given, in bytes: default 25 MB, as Debian sets `StreamMaxLength` and `MaxFileSize`. What is larger
   * than the latter clamd calls good without a look, so that this must not be larger than either.
   */
  readonly size?: number;
  /** Milliseconds for one file: default 60,000. */
  readonly timeout?: number;
  /** Files at once: default 4. Others wait. */
  readonly atOnce?: number;
  /** Files that wait: default 100. More are told `busy`. */
  readonly waiting?: number;
}

/** A clamd. */
export interface Clamd {
  /** Bytes of the largest file that it is given. */
  readonly size: number;
  /**
   * Looks through a file. `refused` with the name of the signature; `wait` where it is `down`, `slow`, `busy`, `failed`, or the file is
   * `too-large` for it or for its own limits.
   */
  readonly scan: FileScan;
  /** Its version and that of its signatures, such as `ClamAV 1.4.6/27810/...`; undefined where it does not answer. */
  readonly version: () => Promise<string | undefined>;
  /**
   * What is set in a way that lets files pass that nobody looked through: a sentence each, empty where nothing is. It needs
   * `AlertExceedsMax yes`: without, a file that is packed too deep or too large for it is called good.
   */
  readonly problems: () => Promise<readonly string[]>;
}

/**
 * A clamd by where it listens.
 *
 * @example
 * ```ts
 * const scan = contentScan({ antivirus: clamd({ socket: '/run/clamav/clamd.ctl' }) });
 * ```
 */
export function clamd(options: ClamdOptions): Clamd {
  checkClamd(options);
  const { socket, host = '', port = 3310, size = 25 * 1024 ** 2, timeout = 60_000 } = options;
  const place: ClamdPlace = socket === undefined ? { host, port } : { socket };
  const places = new Places(options.atOnce ?? 4, options.waiting ?? 100);
  const ask = (command: string, pieces?: AsyncIterable<Uint8Array>): Promise<ClamdAnswer> =>
    askClamd({ place, command, timeout, ...(pieces && { pieces }) });
  return {
    size,
    scan: async (file) => {
      if (file.size > size) return waits('too-large');
      const leave = await places.enter();
      if (leave === undefined) return waits('busy');
      try {
        return verdictOf(await ask('INSTREAM', whole(file)));
      } finally {
        leave();
      }
    },
    version: async () => {
      const answer = await ask('VERSION');
      return 'text' in answer && answer.text.startsWith('ClamAV ') ? answer.text : undefined;
    },
    problems: async () => {
      const answer = await ask('INSTREAM', once(deepArchive()));
      if ('none' in answer) return [`clamd does not answer: ${answer.none}.`];
      return answer.text.endsWith(' OK') ? [SILENT] : [];
    },
  };
}

/**
 * Calls back where the signatures of a clamd changed, and where it answers again: files that wait are to be looked at then. What it
 * tells is the version of the official signatures that it has loaded: of a change of local ones alone it tells nothing. `after` is
 * how long is waited, so that one that has just begun is not given everything at once. Where `onChange` throws or rejects, it is
 * called again after `every`: what it has to say of that, it says itself.
 *
 * @param setup - milliseconds: `every` 5 minutes, `after` 2 minutes
 * @returns what ends it
 */
export function watchSignatures(
  scanner: Pick<Clamd, 'version'>,
  onChange: () => unknown,
  setup: { readonly every?: number; readonly after?: number } = {},
): () => void {
  checkWatch(scanner, onChange, setup);
  const { every = 5 * 60_000, after = 2 * 60_000 } = setup;
  let known: string | undefined;
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  const next = (run: () => void, delay: number): void => {
    if (!isOver) timer = setTimeout(run, delay).unref();
  };
  const look = async (isFirst: boolean): Promise<void> => {
    const found = await Promise.try(() => scanner.version()).catch(() => undefined);
    const hasChanged = found !== undefined && found !== known && !isFirst;
    known = found;
    const again = (): void => void look(false);
    if (!hasChanged) return next(again, every);
    next(() => {
      void Promise.try(onChange).catch(() => {
        // As if nobody had been told.
        known = undefined;
      });
      next(again, every);
    }, after);
  };
  void look(true);
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

const SILENT =
  'clamd calls a file good that is packed deeper than it looks: set AlertExceedsMax yes in clamd.conf.';

/** Its bytes, all of them: a file that is cut would be judged for what is left of it. */
async function* whole(file: ScannedFile): AsyncGenerator<Uint8Array, void, void> {
  let left = file.size;
  for await (const piece of file.read(0, file.size)) {
    left -= piece.length;
    yield piece;
  }
  if (left !== 0) throw new Error('The file has another size than it says: it was not looked through.');
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}

function verdictOf(answer: ClamdAnswer): ScanVerdict {
  if ('none' in answer) return waits(answer.none);
  const { text } = answer;
  if (text === 'stream: OK') return { verdict: 'clean' };
  if (text === 'INSTREAM size limit exceeded. ERROR') return waits('too-large');
  const found = /^stream: ([^\r\n]{1,500}) FOUND$/.exec(text)?.[1];
  if (found === undefined) return waits('failed');
  // Not what was found, but that nobody looked further.
  if (found.startsWith('Heuristics.Limits.Exceeded')) return waits('too-large');
  return { verdict: 'refused', reason: 'virus', detail: 'The file has a virus in it.', found };
}

const WORDS: Readonly<Record<NoAnswer | 'busy' | 'too-large', string>> = {
  down: 'The virus scanner cannot be reached. The file is looked through later.',
  slow: 'The virus scanner took too long. The file is looked through later.',
  failed: 'The virus scanner gave no clear answer. The file is looked through later.',
  busy: 'Too many files wait for the virus scanner. The file is looked through later.',
  'too-large': 'The file is too large for the virus scanner, or packed too deep. Somebody has to look at it.',
};

function waits(reason: keyof typeof WORDS): ScanVerdict {
  return { verdict: 'wait', reason, detail: WORDS[reason] };
}
