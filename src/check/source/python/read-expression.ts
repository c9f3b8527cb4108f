/** Expressions out of tokens, by descent: each as it is written, without a tree between. */
import type { Call, Entry, Expression } from './ast.ts';
import { attributeOf, readArguments, readParameters } from './read-arguments.ts';
import { readStrings } from './read-strings.ts';
import { LOST, type Notes, type Reads } from './reader.ts';
import type { Scanner } from './scanner.ts';
import { LEVELS, T } from './tokens.ts';

/** Deeper than this nobody writes; whoever generates it must not end the run. */
const MOST_DEPTH = 150;

const NOT_IN = /^\s+in\b/;
const NOT = 4;
const ARITHMETIC = 5;
const UNARY = 12;

/** Reads the expression that a scanner stands before, and leaves it behind that. */
export class ExpressionReader implements Reads {
  readonly scan: Scanner;
  readonly #notes: Notes;
  #depth = 0;

  constructor(scan: Scanner, notes: Notes) {
    this.scan = scan;
    this.#notes = notes;
  }

  /** Forgets how deep it was, after a mistake. */
  reset(): void {
    this.#depth = 0;
  }

  /** Any one: `a if b else c`, `lambda`, `x := y`. */
  read(): Expression {
    const { scan } = this;
    const { from } = scan;
    this.#deeper();
    let expression = this.binary(1);
    if (scan.kind === T.if) {
      scan.next();
      const test = this.binary(1);
      this.expect(T.else);
      const falsy = this.read();
      const end = scan.last;
      this.#notes.onTest(test, from - 1, end, { from: from - 1, to: test.at }, { from: test.at, to: end });
      expression = { kind: 'either', at: from, test, truthy: expression, falsy };
    } else if (scan.kind === T.walrus) {
      scan.next();
      const value = this.read();
      this.#notes.onBinding(expression, value, 'is');
      expression = value;
    }
    this.#depth -= 1;
    return expression;
  }

  /** One, or many with commas between; stars before them are no part of what is read. */
  readMany(): Expression[] {
    const { scan } = this;
    const items = [this.readStarred()];
    while (scan.kind === T.comma) {
      scan.next();
      if (!this.begins()) break;
      items.push(this.readStarred());
    }
    return items;
  }

  /** What `for` gives a value: up to `in`, which is no operator here. */
  readTargets(): Expression[] {
    const { scan } = this;
    const targets: Expression[] = [];
    do {
      if (targets.length > 0) scan.next();
      if (scan.kind === T.in) break;
      if (scan.kind === T.star) scan.next();
      targets.push(this.binary(ARITHMETIC));
    } while (scan.kind === T.comma);
    return targets;
  }

  /** Whether an expression can begin here. */
  begins(): boolean {
    switch (this.scan.kind) {
      case T.name:
      case T.number:
      case T.string:
      case T.format:
      case T.open:
      case T.openSquare:
      case T.openCurly:
      case T.star:
      case T.minus:
      case T.plus:
      case T.tilde:
      case T.ellipsis:
      case T.not:
      case T.lambda:
      case T.await:
      case T.yield:
      case T.true:
      case T.false:
      case T.none:
        return true;
      default:
        return false;
    }
  }

  /** What `case` is given. */
  readPattern(): void {
    do {
      if (this.scan.kind === T.comma) this.scan.next();
      if (this.begins()) this.#notTernary();
    } while (this.scan.kind === T.comma);
  }

  expect(kind: number): void {
    if (this.scan.kind !== kind) throw LOST;
    this.scan.next();
  }

  /** What operators of a level, or above, put together. */
  binary(level: number): Expression {
    const { scan } = this;
    const { from } = scan;
    let left = this.#unary();
    for (let links = 0; ; links += 1) {
      const { kind } = scan;
      const own = LEVELS[kind] ?? 0;
      if (own === 0 || own < level) return left;
      // `match not x:`
      if (
        kind === T.not &&
        left.kind === 'name' &&
        left.id === 'match' &&
        !NOT_IN.test(scan.text.slice(scan.to, scan.to + 40))
      )
        return left;
      let operator = scan.text.slice(scan.from, scan.to);
      scan.next();
      if (kind === T.not) {
        this.expect(T.in);
        operator = 'not in';
      } else if (kind === T.isWord && scan.kind === T.not) {
        scan.next();
        operator = 'is not';
      }
      // `a ** b ** c` is the one that goes on to its right.
      if (kind === T.power) this.#deeper();
      const right = this.binary(kind === T.power ? own : own + 1);
      if (kind === T.power) this.#depth -= 1;
      left = this.#link({ kind: 'binary', at: from, operator, left, right }, links);
    }
  }

  /** A chain of links is as deep as what it is a chain of. */
  #link(expression: Expression, links: number): Expression {
    if (links < MOST_DEPTH) return expression;
    if (links === MOST_DEPTH) this.#notes.onUnknown(expression.at);
    return { kind: 'other', at: expression.at, items: [] };
  }

  #deeper(): void {
    this.#depth += 1;
    if (this.#depth > MOST_DEPTH) throw LOST;
  }

  #unary(): Expression {
    const { scan } = this;
    const { kind, from } = scan;
    if (kind === T.await) {
      scan.next();
      return this.#primary();
    }
    if (kind !== T.not && kind !== T.minus && kind !== T.plus && kind !== T.tilde) return this.#primary();
    const operator = scan.text.slice(from, scan.to);
    scan.next();
    this.#deeper();
    const operand = this.binary(kind === T.not ? NOT : UNARY);
    this.#depth -= 1;
    return { kind: 'unary', at: from, operator, operand };
  }

  #primary(): Expression {
    const { scan } = this;
    const { from } = scan;
    let left = this.#atom();
    for (let links = 0; ; links += 1) {
      switch (scan.kind) {
        case T.dot:
          scan.next();
          if (scan.kind < T.and && scan.kind !== T.name) throw LOST;
          left = { kind: 'attribute', at: from, object: left, name: scan.word };
          scan.next();
          break;
        case T.open: {
          const call: Call = { kind: 'call', at: from, callee: left, args: readArguments(this) };
          this.#notes.onCall(call);
          left = attributeOf(call) ?? call;
          break;
        }
        case T.openSquare:
          left = { kind: 'subscript', at: from, object: left, index: this.#index(from) };
          break;
        default:
          return left;
      }
      left = this.#link(left, links);
    }
  }

  #index(at: number): Expression {
    const { scan } = this;
    const items: Expression[] = [];
    scan.next();
    while (scan.kind !== T.closeSquare) {
      if (scan.kind === T.comma || scan.kind === T.colon) scan.next();
      else items.push(this.readStarred());
    }
    scan.next();
    const [only, ...more] = items;
    return only !== undefined && more.length === 0 ? only : { kind: 'other', at, items };
  }

  #atom(): Expression {
    const { scan } = this;
    const { kind, from } = scan;
    switch (kind) {
      case T.name: {
        const id = scan.word;
        scan.next();
        return { kind: 'name', at: from, id };
      }
      case T.string:
      case T.format:
        return this.#strings();
      case T.number: {
        const text = scan.text.slice(from, scan.to);
        scan.next();
        return {
          kind: 'number',
          at: from,
          value: Number(text.includes('_') ? text.replaceAll('_', '') : text),
        };
      }
      case T.true:
      case T.false:
        scan.next();
        return { kind: 'constant', at: from, value: kind === T.true };
      case T.none:
        scan.next();
        return { kind: 'constant', at: from, value: undefined };
      case T.open:
        return this.#parentheses();
      case T.openSquare:
        return this.#list(T.closeSquare);
      case T.openCurly:
        return this.#curly();
      case T.lambda: {
        scan.next();
        this.#deeper();
        readParameters(this, T.colon);
        this.expect(T.colon);
        const items = [this.read()];
        this.#depth -= 1;
        return { kind: 'other', at: from, items };
      }
      case T.yield:
        scan.next();
        if (scan.kind === T.from) scan.next();
        return { kind: 'other', at: from, items: this.begins() ? this.readMany() : [] };
      case T.ellipsis:
        scan.next();
        return { kind: 'other', at: from, items: [] };
      default:
        throw LOST;
    }
  }

  /** The `if` behind a pattern is none of a value. */
  #notTernary(): void {
    if (this.scan.kind === T.star) this.scan.next();
    this.binary(1);
    if (this.scan.kind !== T.as) return;
    this.scan.next();
    this.binary(1);
  }

  /** One in a list: a star before it is no part of it. */
  readStarred(): Expression {
    const { scan } = this;
    if (scan.kind === T.star || scan.kind === T.power) scan.next();
    const item = this.read();
    if (scan.kind !== T.as) return item;
    // `with (a as b, c as d):`
    scan.next();
    this.#notes.onBinding(this.binary(ARITHMETIC), item, 'is');
    return item;
  }

  #parentheses(): Expression {
    const whole = this.#list(T.close);
    if (whole.kind !== 'sequence') return whole;
    const [only] = whole.items;
    return only !== undefined && whole.items.length === 1 && !this.#endsWithComma ? only : whole;
  }

  #endsWithComma = false;

  /** What stands between two brackets: one after the other, or made for each of something. */
  #list(end: number): Expression {
    const { scan } = this;
    const at = scan.from;
    const items: Expression[] = [];
    let comma = false;
    scan.next();
    while (scan.kind !== end) {
      comma = false;
      const item = this.readStarred();
      items.push(item);
      if (scan.kind === T.for || scan.kind === T.async) {
        const parts = this.readClauses(at);
        this.expect(end);
        return { kind: 'comprehension', at, element: item, parts };
      }
      if (scan.kind !== T.comma) break;
      scan.next();
      comma = true;
    }
    this.expect(end);
    this.#endsWithComma = comma;
    return { kind: 'sequence', at, items };
  }

  #curly(): Expression {
    const { scan } = this;
    const at = scan.from;
    const entries: Entry[] = [];
    const items: Expression[] = [];
    scan.next();
    while (scan.kind !== T.closeCurly) {
      const isSpread = scan.kind === T.power;
      const first = this.readStarred();
      const hasValue = !isSpread && scan.kind === T.colon;
      if (hasValue) scan.next();
      const value = hasValue ? this.readStarred() : first;
      if (scan.kind === T.for || scan.kind === T.async) {
        const parts = this.readClauses(at);
        this.expect(T.closeCurly);
        const element: Expression = hasValue ? { kind: 'sequence', at, items: [first, value] } : first;
        return { kind: 'comprehension', at, element, parts };
      }
      if (hasValue || isSpread) entries.push({ key: hasValue ? first : undefined, value });
      else items.push(first);
      if (scan.kind !== T.comma) break;
      scan.next();
    }
    this.expect(T.closeCurly);
    return items.length > 0 ? { kind: 'sequence', at, items } : { kind: 'dict', at, entries };
  }

  /**
   * `for x in y if z`. Its names are taken for names of the scope around it: one name for two things is rare, and costs
   * little.
   */
  readClauses(at: number): readonly Expression[] {
    const { scan } = this;
    const parts: Expression[] = [];
    while (scan.kind === T.for || scan.kind === T.async) {
      if (scan.kind === T.async) scan.next();
      this.expect(T.for);
      const targets = this.readTargets();
      this.expect(T.in);
      const source = this.binary(1);
      parts.push(source);
      // Its element stands before what it is taken from.
      for (const target of targets) this.#notes.onBinding(target, source, 'one-of', at);
      while (scan.kind === T.if) {
        scan.next();
        const test = this.binary(1);
        // What is named here is named of the whole.
        if (scan.kind === T.walrus) {
          scan.next();
          this.#notes.onBinding(test, this.binary(1), 'is', at);
        }
        this.#notes.onTest(test, at, scan.last, { from: at - 1, to: scan.last });
      }
    }
    return parts;
  }

  #strings(): Expression {
    this.#deeper();
    const whole = readStrings(this);
    this.#depth -= 1;
    return whole;
  }
}
