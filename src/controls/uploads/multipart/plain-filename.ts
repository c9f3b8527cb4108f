/** The name of a file as every reader has it who is given it. */

/**
 * What readers change of a name, each in its own way, is changed here: folders are cut off, controls, direction marks and other
 * signs without a shape left out, quotes, and what HTML would take for a character, replaced.
 */
export function plainFilename(name: string): string {
  if (name === '') return '';
  const base = name.slice(name.lastIndexOf('/') + 1);
  const plain = base
    .normalize('NFC')
    .replaceAll(/\p{Z}/gu, ' ')
    .replaceAll(/\p{C}/gu, '')
    // A quote is escaped in three ways, and a percent escape of one is read by some (WHATWG HTML, multipart/form-data).
    .replaceAll(/"|%(?=22|0d|0a)/gi, '_')
    // Django reads names as HTML, formidable some of it.
    .replaceAll(/&(?=#|[a-z]{2})/gi, '_')
    .trim();
  return plain === '' || plain === '.' || plain === '..' ? '_' : plain;
}
