/** `import` and `from ... import`. */
import type { ImportedName } from './ast.ts';
import { LOST } from './reader.ts';
import type { Scanner } from './scanner.ts';
import { T } from './tokens.ts';

/** The names that one statement brings; the scanner stands at its first word. */
export function readImport(scan: Scanner): readonly ImportedName[] {
  const at = scan.from;
  const isFrom = scan.kind === T.from;
  scan.next();
  return isFrom ? readFrom(scan, at) : readPlain(scan, at);
}

function readFrom(scan: Scanner, at: number): readonly ImportedName[] {
  const names: ImportedName[] = [];
  let up = 0;
  for (; scan.kind === T.dot || scan.kind === T.ellipsis; scan.next()) up += scan.kind === T.dot ? 1 : 3;
  const module = scan.kind === T.import ? '' : readDotted(scan);
  if (scan.kind !== T.import) throw LOST;
  scan.next();
  const isOpen = scan.kind === T.open;
  if (isOpen) scan.next();
  if (scan.kind === T.star) {
    scan.next();
    return [{ name: '*', up, module, what: '*', at }];
  }
  while (scan.kind === T.name) {
    const what = scan.word;
    scan.next();
    names.push({ name: readAlias(scan) ?? what, up, module, what, at });
    if (scan.kind !== T.comma) break;
    scan.next();
  }
  if (isOpen) {
    if (scan.kind !== T.close) throw LOST;
    scan.next();
  }
  return names;
}

function readPlain(scan: Scanner, at: number): readonly ImportedName[] {
  const names: ImportedName[] = [];
  for (;;) {
    const path = readDotted(scan);
    const as = readAlias(scan);
    const [first = path] = path.split('.', 1);
    // `import a.b` brings the name `a`; with `as`, a name for a.b.
    names.push({ name: as ?? first, up: 0, module: as === undefined ? first : path, what: undefined, at });
    if (scan.kind !== T.comma) return names;
    scan.next();
  }
}

function readDotted(scan: Scanner): string {
  let path = readName(scan);
  while (scan.kind === T.dot) {
    scan.next();
    path += `.${readName(scan)}`;
  }
  return path;
}

function readAlias(scan: Scanner): string | undefined {
  if (scan.kind !== T.as) return undefined;
  scan.next();
  return readName(scan);
}

function readName(scan: Scanner): string {
  if (scan.kind !== T.name) throw LOST;
  const { word } = scan;
  scan.next();
  return word;
}
