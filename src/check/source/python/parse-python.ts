/** Modules out of a text: scopes with what is assigned, called, imported and returned in them. */
import type { Block, Expression, ParsePython, Scope } from './ast.ts';
import { ModuleNotes, newScope } from './module-notes.ts';
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

/** Blocks of blocks, each a level of calls here. */
const MOST_BLOCKS = 100;

/** The last line of a block that nothing comes after. */
const LEAVES = /^[:\s]*(?:return|raise|continue|break|(?:flask\.)?abort|sys\.exit)\b/;

class Reader {
  readonly #notes: ModuleNotes;
  readonly #scan: Scanner;
  readonly #read: ExpressionReader;
  /** How far the block at hand is moved in, and in how many others it stands. */
  #indent = 0;
  #blocks = 0;

  constructor(text: string, notes: ModuleNotes) {
    this.#notes = notes;
    this.#scan = new Scanner(text);
    this.#read = new ExpressionReader(this.#scan, notes);
  }

  readAll(): void {
    while (this.#scan.kind !== T.end) this.#readStatement();
  }

  /** One, whatever it is. Behind a mistake the next is looked for. */
  #readStatement(): void {
    const scan = this.#scan;
    const { from } = scan;
    const [scope, block] = [this.#notes.scope, this.#notes.block];
    try {
      this.#readAny();
    } catch (error) {
      if (error !== LOST) throw error;
      [this.#notes.scope, this.#notes.block] = [scope, block];
      this.#notes.onUnknown(scan.from);
      this.#read.reset();
      scan.recover(from);
    }
  }

  #readAny(): void {
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

  #readLine(): void {
    const scan = this.#scan;
    for (;;) {
      readSimple(this.#read, this.#notes, this.#readMatch);
      if (scan.kind !== T.semicolon) break;
      scan.next();
      if (scan.kind === T.newline) break;
    }
    // `match x:` has read its lines already.
    if (scan.kind === T.newline) scan.next();
    else if (scan.kind !== T.end && !scan.isFirst) throw LOST;
  }

  readonly #readMatch = (): void => void this.#readBlock(() => this.#readCase());

  /** Patterns look like expressions, and are none: nothing in them is called. */
  #readCase(): void {
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
      this.#readDecided(tests);
    } catch (error) {
      if (error !== LOST) throw error;
      this.#notes.onUnknown(scan.from);
      this.#read.reset();
      scan.recover(from);
    }
  }

  /** From the colon on: lines that are moved in, or the rest of this one. */
  #readBlock(readOne: () => void = () => this.#readStatement()): Block {
    const scan = this.#scan;
    if (scan.kind !== T.colon) throw LOST;
    const [outer, outerIndent] = [this.#notes.block, this.#indent];
    const block = { from: scan.from, to: Number.POSITIVE_INFINITY };
    this.#notes.block = block;
    scan.next();
    if (scan.kind !== T.newline) this.#readLine();
    else {
      scan.next();
      this.#indent = scan.indent;
      this.#blocks += 1;
      if (scan.indent <= outerIndent) this.#notes.onUnknown(scan.from);
      else if (this.#blocks > MOST_BLOCKS) this.#skipBlock();
      else while (scan.indent >= this.#indent) readOne();
      this.#blocks -= 1;
    }
    block.to = scan.last;
    this.#notes.block = outer;
    this.#indent = outerIndent;
    return block;
  }

  #skipBlock(): void {
    const scan = this.#scan;
    this.#notes.onUnknown(scan.from);
    while (scan.indent >= this.#indent) scan.next();
  }

  /** A block that is done where something holds. */
  #readDecided(tests: readonly Expression[]): void {
    const body = this.#readBlock();
    const leaves = this.#leaves(body);
    for (const test of tests) this.#notes.scope.tests.push({ test, from: test.at, body, leaves });
  }

  #leaves(block: Block): boolean {
    const lines = this.#scan.text.slice(block.from, block.to).trimEnd();
    return LEAVES.test(lines.slice(Math.max(lines.lastIndexOf('\n'), 0)));
  }

  /** Whether the statement that began so far in goes on here. */
  #goesOn(kind: number, indent: number): boolean {
    return this.#scan.kind === kind && this.#scan.indent === indent;
  }

  #readTested(): void {
    const scan = this.#scan;
    const { indent } = scan;
    do {
      scan.next();
      this.#readDecided([this.#read.read()]);
    } while (this.#goesOn(T.elif, indent));
    const { tests } = this.#notes.scope;
    const place = tests.length - 1;
    const last = tests[place];
    const block = this.#readElse(indent);
    if (last !== undefined && block !== undefined)
      tests[place] = { ...last, otherwise: { block, leaves: this.#leaves(block) } };
  }

  #readElse(indent: number): Block | undefined {
    if (!this.#goesOn(T.else, indent)) return undefined;
    this.#scan.next();
    return this.#readBlock();
  }

  #readFor(): void {
    const scan = this.#scan;
    const { indent } = scan;
    scan.next();
    const targets = this.#read.readTargets();
    this.#read.expect(T.in);
    for (const item of this.#read.readMany())
      for (const target of targets) this.#notes.onBinding(target, item, 'one-of');
    this.#readBlock();
    this.#readElse(indent);
  }

  #readTry(): void {
    const scan = this.#scan;
    const { indent } = scan;
    scan.next();
    const place = this.#notes.tries.length;
    this.#notes.tries.push({ from: scan.from, to: scan.from });
    this.#notes.tries[place] = this.#readBlock();
    while (this.#goesOn(T.except, indent)) {
      scan.next();
      if (scan.kind === T.star) scan.next();
      // `except A, e:` of Python 2.
      for (; scan.kind !== T.colon; scan.next()) {
        this.#read.read();
        if (scan.kind !== T.as && scan.kind !== T.comma) break;
      }
      this.#readBlock();
    }
    this.#readElse(indent);
    if (!this.#goesOn(T.finally, indent)) return;
    scan.next();
    this.#readBlock();
  }

  #readWith(): void {
    this.#scan.next();
    this.#read.readMany();
    this.#readBlock();
  }

  #readAsync(decorators: readonly Expression[]): void {
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

  #readDecorated(): void {
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

  #readFunction(decorators: readonly Expression[], at: number): void {
    const scan = this.#scan;
    const name = this.#readName();
    this.#read.expect(T.open);
    const parameters = readParameters(this.#read, T.close);
    this.#read.expect(T.close);
    if (scan.kind === T.arrow) {
      scan.next();
      this.#read.read();
    }
    this.#readWithin(newScope('function', name, at, this.#notes.scope, parameters, decorators));
  }

  #readClass(decorators: readonly Expression[]): void {
    const at = this.#scan.from;
    const name = this.#readName();
    const bases = this.#scan.kind === T.open ? readArguments(this.#read) : [];
    this.#readWithin(newScope('class', name, at, this.#notes.scope, [], decorators, bases));
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

  #readWithin(scope: Scope): void {
    const outer = this.#notes.scope;
    if (this.#scan.kind !== T.colon) throw LOST;
    outer.scopes.push(scope);
    this.#notes.scope = scope;
    this.#readBlock();
    this.#notes.scope = outer;
  }
}
