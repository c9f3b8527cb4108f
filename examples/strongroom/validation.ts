/** What people type, parsed: a value that may be used, or the sentence that tells them what to change. */

/** A value, or what to tell the person who typed it. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string };

/** The longest note, in UTF-16 units as the browser's `maxlength` counts them. */
export const MAX_NOTE_LENGTH = 4000;

/** Reads one field of a form. Parsers hand out arrays and objects for `email[]=` and `email=a&email=b`: those are none. */
export function field(body: unknown, name: string): string {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return '';
  const value: unknown = (body as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : '';
}

/** Reads a note: some text, line ends made one kind, no more of it than {@link MAX_NOTE_LENGTH}. */
export function parseNote(text: string): Parsed<string> {
  const note = text.replaceAll('\r\n', '\n').trim();
  if (note === '') return refuse('Write something first.');
  if (note.length > MAX_NOTE_LENGTH) {
    const excess = note.length - MAX_NOTE_LENGTH;
    return refuse(
      `That is ${excess} character${excess === 1 ? '' : 's'} too long. A note holds ${MAX_NOTE_LENGTH}.`,
    );
  }
  // A NUL ends the text for SQLite's own functions, and nobody types one.
  return note.includes('\0')
    ? refuse('That note has characters that cannot be kept.')
    : { ok: true, value: note };
}

function refuse(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message };
}
