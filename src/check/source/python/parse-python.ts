/** Modules out of a text: scopes with what is assigned, called, imported and returned in them. */
import type { Block, Expression, Leaves, Module, ParsePython, Path, Scope } from './ast.ts';
import { lastWord, ModuleNotes, newOutline, newScope } from './module-notes.ts';
import { readArguments, readParameters } from './read-arguments.ts';
import { ExpressionReader } from './read-expression.ts';
import { LOST } from './reader.ts';
import { readSimple } from './read-simple.ts';
import { Scanner } from './scanner.ts';
import { T } from './tokens.ts';

/** Reads a text. Never throws: what it does not know is named, and the rest is read. */
export const parsePython: ParsePython = (text) => {
  const notes = new ModuleNotes({ from: 0, to: text.length });
  const { scope, unknown, tries } = notes;
  new Reader(text, notes).readAll();
  return { scope, unknown, tries };
};

/** A module without what its functions do. */
export interface Outline {
  readonly module: Module;
  /** How much of the text was read, and not only passed over. */
  readonly read: number;
}

/** Reads what other files can name: as much of a text as a look-up needs, in a fraction of the time and memory. */
export function outlinePython(text: string): Outline {
  const notes = new ModuleNotes({ from: 0, to: text.length });
  const { scope, unknown, tries } = notes;
  const reader = new Reader(text, notes, true);
  reader.readAll();
  return { module: { scope, unknown, tries }, read: text.length - reader.passedOver };
}

/** Blocks of blocks, each a level of calls here. */
const MOST_BLOCKS = 100;

/** Calls that nothing comes back from. */
const ENDS = /(?:(?:flask|bottle|sys|os)\s*\.\s*)?(?:abort|exit|_exit)\s*\(/y;

/** What the simple statements that leave are, by their first word. */
const LEAVING: ReadonlyMap<number, Leaves> = new Map<number, Leaves>([
  [T.break, 1],
  [T.continue, 1],
  [T.return, 2],
  [T.raise, 3],
]);

class Reader {
  readonly #notes: ModuleNotes;
  readonly #scan: Scanner;
  readonly #read: ExpressionReader;
  readonly #isOutline: boolean;
  passedOver = 0;
  /** How far the block at hand is moved in, and in how many others it stands. */
  #indent = 0;
  #blocks = 0;

  constructor(text: string, notes: ModuleNotes, isOutline = false) {
    this.#notes = notes;
    this.#isOutline = isOutline;
    this.#scan = new Scanner(text);
    this.#read = new ExpressionReader(this.#scan, notes);
  }

  readAll(): void {
    while (this.#scan.kind !== T.end) this.#readStatement();
  }

  /** One, whatever it is. Behind a mistake the next is looked for. */
  #readStatement(): Leaves {
    const scan = this.#scan;
    const { from } = scan;
    const [scope, block] = [this.#notes.scope, this.#notes.block];
    try {
      return this.#readAny();
    } catch (error) {
      if (error !== LOST) throw error;
      [this.#notes.scope, this.#notes.block] = [scope, block];
      this.#notes.onUnknown(scan.from);
      this.#read.reset();
      scan.recover(from);
      return 0;
    }
  }

  /** How it ends, whatever was true. */
  #readAny(): Leaves {
    switch (this.#scan.kind) {
      case T.if:
      case T.while:
        return this.#readTested();
      case T.for:
        return this.#readFor();
      case T.def:
        return this.#readFunction([], this.#scan.from);
      case T.class:
        return this.#readClass([]);
      case T.try:
        return this.#readTry();
      case T.with:
        return this.#readWith();
      case T.async:
        return this.#readAsync([]);
      case T.decorator:
        return this.#readDecorated();
      default:
        return this.#readLine();
    }
  }

  #readLine(): Leaves {
    const scan = this.#scan;
    let leaves: Leaves = 0;
    for (;;) {
      const { kind, from } = scan;
      readSimple(this.#read, this.#notes, this.#readMatch);
      if (leaves === 0) leaves = LEAVING.get(kind) ?? (kind === T.name && this.#ends(from) ? 3 : 0);
      if (scan.kind !== T.semicolon) break;
      scan.next();
      if (scan.kind === T.newline) break;
    }
    // `match x:` has read its lines already.
    if (scan.kind === T.newline) scan.next();
    else if (scan.kind !== T.end && !scan.isFirst) throw LOST;
    return leaves;
  }

  /** `abort(400)`, and not `abort(400) if bad else go()`. */
  #ends(from: number): boolean {
    const { text, last } = this.#scan;
    ENDS.lastIndex = from;
    return ENDS.test(text) && !/\bif\b|\blambda\b/.test(text.slice(from, last));
  }

  readonly #readMatch = (): void => void this.#readBlock(() => this.#readCase());

  /** Patterns look like expressions, and are none: nothing in them is called. */
  #readCase(): Leaves {
    const scan = this.#scan;
    if (scan.kind !== T.name || scan.word !== 'case') return this.#readStatement();
    const { from } = scan;
    const { calls, assignments } = this.#notes.scope;
    const [called, assigned] = [calls.length, assignments.length];
    try {
      scan.next();
      this.#read.readPattern();
      calls.length = called;
      assignments.length = assigned;
      const tests: Expression[] = [];
      if (scan.kind === T.if) {
        scan.next();
        tests.push(this.#read.read());
      }
      const { from: seen } = scan;
      const { block: body, leaves } = this.#readBranch();
      for (const test of tests) this.#noteDecision([{ test, seen, body, leaves }], undefined, false);
    } catch (error) {
      if (error !== LOST) throw error;
      this.#notes.onUnknown(scan.from);
      this.#read.reset();
      scan.recover(from);
    }
    return 0;
  }

  #readBlock(readOne?: () => Leaves): Block {
    return this.#readBranch(readOne).block;
  }

  /** From the colon on: lines that are moved in, or the rest of this one. */
  #readBranch(readOne: () => Leaves = () => this.#readStatement()): Branch {
    const scan = this.#scan;
    if (scan.kind !== T.colon) throw LOST;
    const [outer, outerIndent] = [this.#notes.block, this.#indent];
    const block: Branch['block'] = { from: scan.from, to: Number.POSITIVE_INFINITY, outer };
    let leaves: Leaves = 0;
    this.#notes.block = block;
    this.#notes.scope.blocks.push(block);
    scan.next();
    if (scan.kind !== T.newline) leaves = this.#readLine();
    else {
      scan.next();
      this.#indent = scan.indent;
      this.#blocks += 1;
      if (scan.indent <= outerIndent) this.#notes.onUnknown(scan.from);
      else if (this.#blocks > MOST_BLOCKS) this.#skipBlock();
      else {
        while (scan.indent >= this.#indent) {
          const one = readOne();
          if (leaves === 0) leaves = one;
        }
      }
      this.#blocks -= 1;
    }
    block.to = scan.last;
    this.#notes.block = outer;
    this.#indent = outerIndent;
    return { block, leaves };
  }

  #skipBlock(): void {
    const scan = this.#scan;
    this.#notes.onUnknown(scan.from);
    while (scan.indent >= this.#indent) scan.next();
  }

  #noteDecision(paths: readonly Path[], otherwise: Branch | undefined, isLoop: boolean): void {
    const { scope, block } = this.#notes;
    const last = paths.length - 1;
    paths.forEach(({ test, body, leaves }, place) => {
      const one = { test, from: test.at, body, leaves: leaves > 0 };
      scope.tests.push(
        place < last || otherwise === undefined
          ? one
          : { ...one, otherwise: { block: otherwise.block, leaves: otherwise.leaves > 0 } },
      );
    });
    const [first] = paths;
    const text = isLoop && first !== undefined ? this.#scan.text.slice(first.body.from, first.body.to) : '';
    const untilFalse = isLoop && !/\bbreak\b/.test(text);
    scope.decisions.push({ paths, otherwise, block, end: this.#scan.last, untilFalse });
  }

  /** Whether the statement that began so far in goes on here. */
  #goesOn(kind: number, indent: number): boolean {
    return this.#scan.kind === kind && this.#scan.indent === indent;
  }

  #readTested(): Leaves {
    const scan = this.#scan;
    const { indent } = scan;
    const isLoop = scan.kind === T.while;
    const paths: Path[] = [];
    do {
      scan.next();
      const test = this.#read.read();
      const seen = scan.from;
      const { block: body, leaves } = this.#readBranch();
      paths.push({ test, seen, body, leaves });
    } while (this.#goesOn(T.elif, indent));
    const otherwise = this.#readElse(indent);
    this.#noteDecision(paths, otherwise, isLoop);
    if (isLoop || otherwise === undefined) return 0;
    return least([...paths, otherwise]);
  }

  #readElse(indent: number): Branch | undefined {
    if (!this.#goesOn(T.else, indent)) return undefined;
    this.#scan.next();
    return this.#readBranch();
  }

  #readFor(): Leaves {
    const scan = this.#scan;
    const { indent } = scan;
    scan.next();
    const targets = this.#read.readTargets();
    this.#read.expect(T.in);
    for (const item of this.#read.readMany())
      for (const target of targets) this.#notes.onBinding(target, item, 'one-of');
    this.#readBlock();
    this.#readElse(indent);
    return 0;
  }

  #readTry(): Leaves {
    const scan = this.#scan;
    const { indent } = scan;
    scan.next();
    const place = this.#notes.tries.length;
    this.#notes.tries.push({ from: scan.from, to: scan.from });
    const tried = this.#readBranch();
    this.#notes.tries[place] = tried.block;
    const handlers: Branch[] = [];
    while (this.#goesOn(T.except, indent)) {
      scan.next();
      if (scan.kind === T.star) scan.next();
      // `except A, e:` of Python 2.
      for (; scan.kind !== T.colon; scan.next()) {
        this.#read.read();
        if (scan.kind !== T.as && scan.kind !== T.comma) break;
      }
      handlers.push(this.#readBranch());
    }
    const otherwise = this.#readElse(indent);
    const handled = handlers.every(({ leaves }) => leaves > 0);
    tried.block.goesOn = handled;
    tried.block.escapes = !handled;
    if (otherwise !== undefined) otherwise.block.goesOn = handled;
    const done: Branch = { block: tried.block, leaves: otherwise?.leaves || tried.leaves };
    const leaves = least([done, ...handlers]);
    if (!this.#goesOn(T.finally, indent)) return leaves;
    scan.next();
    const last = this.#readBranch();
    last.block.goesOn = true;
    return last.leaves || leaves;
  }

  #readWith(): Leaves {
    this.#scan.next();
    const swallows = this.#read
      .readMany()
      .some((one) => one.kind === 'call' && /^(?:suppress|raises|ignored)$/.test(lastWord(one.callee)));
    const { block, leaves } = this.#readBranch();
    block.goesOn = !swallows;
    block.escapes = swallows;
    return swallows && leaves === 3 ? 0 : leaves;
  }

  #readAsync(decorators: readonly Expression[]): Leaves {
    const { from } = this.#scan;
    this.#scan.next();
    switch (this.#scan.kind) {
      case T.def:
        return this.#readFunction(decorators, from);
      case T.for:
        return this.#readFor();
      case T.with:
        return this.#readWith();
      default:
        throw LOST;
    }
  }

  #readDecorated(): Leaves {
    const scan = this.#scan;
    const decorators: Expression[] = [];
    while (scan.kind === T.decorator) {
      scan.next();
      decorators.push(this.#read.read());
      this.#read.expect(T.newline);
    }
    if (scan.kind === T.def) return this.#readFunction(decorators, scan.from);
    if (scan.kind === T.class) return this.#readClass(decorators);
    if (scan.kind !== T.async) throw LOST;
    return this.#readAsync(decorators);
  }

  #readFunction(decorators: readonly Expression[], at: number): Leaves {
    const scan = this.#scan;
    const name = this.#readName();
    this.#read.expect(T.open);
    const parameters = readParameters(this.#read, T.close);
    this.#read.expect(T.close);
    if (scan.kind === T.arrow) {
      scan.next();
      this.#read.read();
    }
    const outer = this.#notes.scope;
    if (!this.#isOutline)
      return this.#readWithin(newScope('function', name, at, outer, parameters, decorators));
    if (scan.kind !== T.colon) throw LOST;
    outer.scopes.push(newOutline(name, at, outer, parameters));
    this.passedOver += scan.skipBlock(scan.indent);
    return 0;
  }

  #readClass(decorators: readonly Expression[]): Leaves {
    const at = this.#scan.from;
    const name = this.#readName();
    const bases = this.#scan.kind === T.open ? readArguments(this.#read) : [];
    return this.#readWithin(newScope('class', name, at, this.#notes.scope, [], decorators, bases));
  }

  /** Behind `def` and `class`: the name, without the types that it takes. */
  #readName(): string {
    const scan = this.#scan;
    scan.next();
    if (scan.kind !== T.name) throw LOST;
    const name = scan.word;
    scan.next();
    if (scan.kind === T.openSquare) scan.skipBrackets();
    return name;
  }

  #readWithin(scope: Scope): Leaves {
    const outer = this.#notes.scope;
    if (this.#scan.kind !== T.colon) throw LOST;
    outer.scopes.push(scope);
    this.#notes.scope = scope;
    this.#readBlock();
    this.#notes.scope = outer;
    return 0;
  }
}

/** A block while it is read, and how it ends. */
interface Branch {
  readonly block: { -readonly [Key in keyof Block]: Block[Key] };
  readonly leaves: Leaves;
}

/** Some lead to one place: what all of them do. */
function least(some: readonly { readonly leaves: Leaves }[]): Leaves {
  return some.reduce<Leaves>((sofar, { leaves }) => (leaves < sofar ? leaves : sofar), 3);
}
