/** Names of files as people see them: data, and never part of a path. */

const LONGEST = 255;

/**
 * Controls and line breaks end a line of a header or a list; the marks of direction turn `gpj.exe` into `exe.jpg`; the rest has no
 * shape, so that two names look the same.
 */
const UNSEEN =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

/** Names that are devices to Windows, whatever stands behind a dot: who saves one there writes to a printer. */
const RESERVED =
  /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])(?=\.|$)/i;

/**
 * The name of a file as it is kept: the last part of a path, in one normal form, without what nobody can see, at most 255 bytes
 * with its ending kept, and never empty. Quotes, other alphabets and whatever else people write stay.
 */
export function fileName(given: string): string {
  const base = given.split(/[/\\]/).at(-1) ?? '';
  const line = base
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(UNSEEN, '')
    .replaceAll(/\p{Zs}+/gu, ' ');
  // Windows cuts them off: two names would be one.
  const trimmed = line.replace(/[. ]+$/, '').replace(/^ +/, '');
  const safe = RESERVED.test(trimmed) ? `_${trimmed}` : trimmed;
  const whole = safe === '' ? 'file' : safe;
  return Buffer.byteLength(whole) <= LONGEST ? whole : shortened(whole);
}

/** Cut between what people see as letters: half of an emoji is another sign. */
function shortened(name: string): string {
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 && name.length - dot <= LONGEST_ENDING ? name.slice(dot) : '';
  const room = LONGEST - Buffer.byteLength(ending);
  let kept = '';
  let bytes = 0;
  for (const { segment } of LETTERS.segment(name.slice(0, name.length - ending.length))) {
    bytes += Buffer.byteLength(segment);
    if (bytes > room) break;
    kept += segment;
  }
  return `${kept.replace(/[. ]+$/, '')}${ending}`;
}

const LONGEST_ENDING = 16;
const LETTERS = new Intl.Segmenter('en', { granularity: 'grapheme' });
