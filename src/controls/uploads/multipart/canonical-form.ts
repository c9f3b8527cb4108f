/** A form, written anew in one form of words, so that whoever reads it has nothing left to read otherwise. */
import { type FormLimits, FormScanner, type FormSink } from './form-scanner.ts';
import type { PartHead } from './part-head.ts';
import { plainFilename } from './plain-filename.ts';

/** What of a form is changed. */
export interface Remaking {
  /** The boundary that it came with. */
  readonly from: string;
  /** The boundary that it goes on with: nobody could know it who wrote the form. */
  readonly boundary: string;
  readonly limits: FormLimits;
}

/**
 * Writes a form anew as it comes: one disposition a part, one name, one name of a file without folders, a type for each file,
 * no padding and nothing else.
 *
 * @throws MultipartFault where the form is outside of the grammar
 */
export async function* canonicalForm(
  pieces: AsyncIterable<Uint8Array>,
  { from, boundary, limits }: Remaking,
): AsyncGenerator<Uint8Array, void, void> {
  const written: Uint8Array[] = [];
  const scanner = new FormScanner(
    from,
    limits,
    writerOf(boundary, (bytes) => written.push(bytes)),
  );
  for await (const piece of pieces) {
    scanner.push(piece);
    yield* written.splice(0);
  }
  scanner.finish();
  yield Buffer.from(`--${boundary}--\r\n`);
}

function writerOf(boundary: string, write: (bytes: Uint8Array) => void): FormSink {
  return {
    part: (head) => write(Buffer.from(`--${boundary}\r\n${linesOf(head)}\r\n`)),
    data: write,
    end: () => write(LINE_END),
  };
}

const LINE_END = Buffer.from('\r\n');

function linesOf({ name, filename, type }: PartHead): string {
  const disposition = `Content-Disposition: form-data; name="${name}"`;
  if (filename !== undefined) {
    // Without a type, formidable takes a file for a field.
    // Parameters of a type are kept by some readers, and cut off by others.
    const said = type?.replace(/;.*/s, '') ?? 'application/octet-stream';
    return `${disposition}; filename="${plainFilename(filename)}"\r\nContent-Type: ${said}\r\n`;
  }
  // Every field is text: where that is said, formidable takes it for a file.
  const said = type === undefined || type.startsWith('text/plain') ? '' : `Content-Type: ${type}\r\n`;
  return `${disposition}\r\n${said}`;
}
