/** Statements without a block of their own. */
import type { Expression } from './ast.ts';
import type { ModuleNotes } from './module-notes.ts';
import type { Reads } from './reader.ts';
import { readImport } from './read-import.ts';
import { T } from './tokens.ts';

/** Words that begin a statement and are names all the same. */
const SOFT = /^(?:match|print|exec|type)$/;
/** A colon that nothing stands behind. */
const OPENS = /:(?:[ \t\f]|\\(?:\r\n|[\r\n]))*(?:#|[\r\n])/y;

/**
 * Reads one, up to what ends it.
 *
 * @param onMatch - called at the colon of `match x:`, which nothing tells from a name before it is read
 */
export function readSimple(read: Reads, notes: ModuleNotes, onMatch: () => void): void {
  const { scan } = read;
  switch (scan.kind) {
    case T.return:
      scan.next();
      if (read.begins()) notes.scope.returns.push(...read.readMany());
      return;
    case T.import:
    case T.from:
      notes.scope.imports.push(...readImport(scan));
      return;
    case T.raise:
      scan.next();
      if (read.begins()) read.readMany();
      if (scan.kind !== T.from) return;
      scan.next();
      read.read();
      return;
    case T.assert:
      scan.next();
      for (const test of read.readMany().slice(0, 1)) notes.onTest(test, test.at, scan.last);
      return;
    case T.del:
      scan.next();
      read.readMany();
      return;
    case T.pass:
    case T.break:
    case T.continue:
      return scan.next();
    case T.global:
    case T.nonlocal:
      do scan.next();
      while (scan.kind === T.name || scan.kind === T.comma);
      return;
    default:
      return readExpressions(read, notes, onMatch);
  }
}

/** An assignment, or a call and its like. */
function readExpressions(read: Reads, notes: ModuleNotes, onMatch: () => void): void {
  const { scan } = read;
  const { kind, from, word } = scan;
  const first = read.readMany();
  const [only] = first;
  if (kind === T.yield && only?.kind === 'other') notes.scope.returns.push(...only.items);
  if (kind === T.name && scan.kind !== T.newline && SOFT.test(word)) {
    const isName = first.length === 1 && only?.kind === 'name';
    if (word === 'match' && readMatch(read, notes, from, isName)) return onMatch();
    if (word !== 'match' && isName && read.begins()) return readNamed(read, word);
  }
  if (scan.kind === T.colon) {
    scan.next();
    read.read();
  }
  if (scan.kind === T.adds) {
    scan.next();
    const [value] = read.readMany();
    if (only !== undefined && value !== undefined) notes.onBinding(only, value, 'adds');
  } else if (scan.kind === T.is) readAssignment(read, notes, first);
}

function readAssignment(read: Reads, notes: ModuleNotes, first: Expression[]): void {
  const { scan } = read;
  const sides = [first];
  while (scan.kind === T.is) {
    scan.next();
    sides.push(read.readMany());
  }
  const right = sides.pop() ?? [];
  const [only, ...more] = right;
  if (only === undefined) return;
  const value: Expression = more.length === 0 ? only : { kind: 'sequence', at: only.at, items: right };
  for (const targets of sides) notes.assignAll(targets, value);
}

/** Whether a line that begins with this name is a statement. */
function readMatch(read: Reads, notes: ModuleNotes, from: number, isName: boolean): boolean {
  const { scan } = read;
  if (isName && read.begins()) read.readMany();
  if (scan.kind !== T.colon) return false;
  OPENS.lastIndex = scan.from;
  if (!OPENS.test(scan.text)) return false;
  // `match (x):` looked like a call.
  const { calls } = notes.scope;
  if (calls.at(-1)?.at === from) calls.pop();
  return true;
}

/** `type X = int`, and what Python 2 writes: `print x`, `exec x in y`. */
function readNamed(read: Reads, word: string): void {
  const { scan } = read;
  if (word === 'type') {
    scan.next();
    if (scan.kind === T.openSquare) scan.skipBrackets();
    read.expect(T.is);
  }
  read.readMany();
}
