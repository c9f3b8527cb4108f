/** Holds the files of a form to what its route takes, while they go by. */
import type { UploadRule } from '../../../core/route-rules.ts';
import type { FormSink } from '../multipart/form-scanner.ts';
import type { PartHead } from '../multipart/part-head.ts';
import { ArchiveFault } from '../archive/archive-fault.ts';
import { FileFault } from './file-fault.ts';
import { FILE_KINDS, type FileKind, FILE_TYPES } from './file-kinds.ts';
import { SeenBytes } from './seen-bytes.ts';

/** What ends a form with a {@link FileFault}: never later than the last byte of the file that it is for. */
export class UploadSink implements FormSink {
  readonly #rule: UploadRule;
  #files = 0;
  #total = 0;
  #file: OpenFile | undefined;

  constructor(rule: UploadRule) {
    this.#rule = rule;
  }

  part(head: PartHead): void {
    this.#file = undefined;
    // A field, or a place for a file where none was chosen.
    if (head.filename === undefined || head.filename === '') return;
    this.#files += 1;
    if (this.#files > this.#rule.files) throw new FileFault('files');
    this.#file = new OpenFile(kindOf(head.filename, head.type, this.#rule.types));
  }

  data(bytes: Buffer): void {
    if (this.#file === undefined) return;
    this.#total += bytes.length;
    if (this.#file.size + bytes.length > this.#rule.size) throw new FileFault('size');
    if (this.#total > this.#rule.total) throw new FileFault('total');
    this.#file.add(bytes);
  }

  end(): void {
    this.#file?.end();
    this.#file = undefined;
  }
}

/** By the end of its name, with which what its client says must agree. A client that says nothing, or bytes, says nothing. */
function kindOf(filename: string, declared: string | undefined, taken: readonly string[]): FileKind {
  const extension = /\.([^./]+)$/.exec(filename)?.[1]?.toLowerCase() ?? '';
  const type = FILE_TYPES.find(
    (one) => taken.includes(one) && FILE_KINDS[one].extensions.includes(extension),
  );
  if (type === undefined) throw new FileFault('extension');
  const kind = FILE_KINDS[type];
  const said = declared?.replace(/;.*/s, '') ?? 'application/octet-stream';
  const agrees =
    said === 'application/octet-stream' || said === type || kind.aliases?.includes(said) === true;
  if (!agrees) throw new FileFault('declared');
  return kind;
}

/** Whatever is no text has some of these in it. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\x00-\x08\x0b\x0e-\x1f\x7f]/;

class OpenFile {
  readonly #kind: FileKind;
  readonly #seen: SeenBytes;
  readonly #decoder: InstanceType<typeof TextDecoder> | undefined;

  constructor(kind: FileKind) {
    this.#kind = kind;
    this.#seen = new SeenBytes(kind.archive === true ? 'archive' : 'other');
    this.#decoder = kind.text === true ? new TextDecoder('utf-8', { fatal: true }) : undefined;
  }

  get size(): number {
    return this.#seen.size;
  }

  add(bytes: Buffer): void {
    this.#seen.add(bytes);
    if (this.#decoder !== undefined) assertText(this.#decoder, bytes);
  }

  end(): void {
    if (this.#seen.size === 0) throw new FileFault('empty');
    if (this.#decoder !== undefined) assertText(this.#decoder, undefined);
    if (!fits(this.#kind, this.#seen)) throw new FileFault('content');
  }
}

function fits(kind: FileKind, seen: SeenBytes): boolean {
  try {
    return kind.fits(seen);
  } catch (error) {
    throw error instanceof ArchiveFault
      ? new FileFault(error.reason === 'broken' ? 'content' : 'archive')
      : error;
  }
}

/** @param bytes - undefined at the end */
function assertText(decoder: InstanceType<typeof TextDecoder>, bytes: Buffer | undefined): void {
  let text: string;
  try {
    text = bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch {
    throw new FileFault('content');
  }
  if (CONTROL.test(text)) throw new FileFault('content');
}
