/** Modules out of the parser's tree: scopes with what is assigned, called, imported and returned in them. */
import type { TreeCursor } from '@lezer/common';
import { parser } from '@lezer/python';
import type { Argument, Assignment, Block, Expression, ParsePython, Parameter, Scope } from './ast.ts';
import {
  eachChild,
  isExpression,
  isGap,
  readArguments,
  readExpression,
  readParameters,
  type Reading,
} from './read-expression.ts';
import { readImport } from './read-import.ts';

/** Reads a text. Never throws: what it does not know is named, and the rest is read. */
export const parsePython: ParsePython = (text) => {
  const unknown: number[] = [];
  // Old Macs ended lines so, and Python still reads them.
  const lines = text.includes('\n') ? text : text.replaceAll('\r', '\n');
  const cursor = parser.parse(lines).cursor();
  const scope = newScope('module', '', 0, undefined);
  const reader = new Reader(lines, scope, (at) => unknown.push(at));
  reader.readBlock(cursor, { from: 0, to: text.length });
  return { scope, unknown, tries: reader.tries };
};

function newScope(
  kind: Scope['kind'],
  name: string,
  at: number,
  parent: Scope | undefined,
  more: Partial<Pick<Scope, 'parameters' | 'decorators' | 'bases'>> = {},
): Scope {
  const { parameters = [], decorators = [], bases = [] } = more;
  return {
    kind,
    name,
    at,
    parent,
    parameters,
    decorators,
    bases,
    assignments: [],
    imports: [],
    returns: [],
    tests: [],
    calls: [],
    scopes: [],
  };
}

/** Blocks of blocks, each a level of calls here. */
const MOST_BLOCKS = 100;

/** The last line of a block that nothing comes after. */
const LEAVES = /^[:\s]*(?:return|raise|continue|break|(?:flask\.)?abort|sys\.exit)\b/;

class Reader {
  readonly tries: Block[] = [];
  readonly #text: string;
  readonly #reading: Reading;
  #scope: Scope;
  #block: Block = { from: 0, to: 0 };
  #blocks = 0;

  constructor(text: string, scope: Scope, onUnknown: (at: number) => void) {
    this.#text = text;
    this.#scope = scope;
    this.#reading = {
      text,
      depth: 0,
      onCall: (call) => this.#scope.calls.push(call),
      onTest: (test, from = test.at) =>
        this.#scope.tests.push({ test, from, body: undefined, leaves: false }),
      onBinding: (target, value, how, at) => this.#assign(target, value, how, at),
      onUnknown,
    };
  }

  readBlock(cursor: TreeCursor, block: Block): void {
    if (this.#blocks > MOST_BLOCKS) return this.#reading.onUnknown(cursor.from);
    const outer = this.#block;
    this.#block = block;
    this.#blocks += 1;
    eachChild(cursor, () => this.#readStatement(cursor));
    this.#blocks -= 1;
    this.#block = outer;
  }

  #readStatement(cursor: TreeCursor): void {
    switch (cursor.name) {
      case 'AssignStatement':
        return this.#readAssignment(cursor);
      case 'UpdateStatement': {
        const [target, value] = this.#expressions(cursor);
        if (target !== undefined && value !== undefined) this.#assign(target, value, 'adds');
        return;
      }
      case 'ImportStatement':
        this.#scope.imports.push(...readImport(cursor, this.#text));
        return;
      case 'ReturnStatement':
      case 'YieldStatement':
        this.#scope.returns.push(...this.#expressions(cursor));
        return;
      case 'DecoratedStatement':
        return this.#readDecorated(cursor);
      case 'FunctionDefinition':
        return this.#readFunction(cursor, []);
      case 'ClassDefinition':
        return this.#readClass(cursor, []);
      case 'ForStatement':
        return this.#readFor(cursor);
      case 'WithStatement':
        return this.#readWith(cursor);
      case 'TryStatement':
        this.#noteTry(cursor);
        return this.#readParts(cursor, false);
      case 'IfStatement':
      case 'WhileStatement':
      case 'AssertStatement':
      case 'Guard':
        return this.#readParts(cursor, true);
      default:
        if (cursor.type.isError) this.#reading.onUnknown(cursor.from);
        else if (/^[A-Z]/.test(cursor.name)) this.#readParts(cursor, false);
    }
  }

  #noteTry(cursor: TreeCursor): void {
    let noted = false;
    eachChild(cursor, () => {
      if (cursor.name !== 'Body' || noted) return;
      this.tries.push({ from: cursor.from, to: cursor.to });
      noted = true;
    });
  }

  /** A statement of expressions, blocks and other statements. */
  #readParts(cursor: TreeCursor, tests: boolean): void {
    let pending: Expression[] = [];
    eachChild(cursor, () => {
      if (cursor.name === 'Body' || cursor.name === 'MatchBody') {
        this.#decides(pending, cursor);
        pending = [];
        this.readBlock(cursor, { from: cursor.from, to: cursor.to });
      } else if (/(?:Statement|Definition|Clause|^Guard|Group)$/.test(cursor.name)) {
        this.#readStatement(cursor);
      } else if (cursor.type.isError) this.#reading.onUnknown(cursor.from);
      else if (isExpression(cursor)) {
        const expression = readExpression(cursor, this.#reading);
        if (tests) pending.push(expression);
      }
    });
    for (const test of pending) this.#reading.onTest(test);
  }

  #decides(tests: readonly Expression[], cursor: TreeCursor): void {
    const body = { from: cursor.from, to: cursor.to };
    const lines = this.#text.slice(body.from, body.to).trimEnd();
    const leaves = LEAVES.test(lines.slice(Math.max(lines.lastIndexOf('\n'), 0)));
    for (const test of tests) this.#scope.tests.push({ test, from: test.at, body, leaves });
  }

  #readAssignment(cursor: TreeCursor): void {
    const sides: Expression[][] = [[]];
    eachChild(cursor, () => {
      if (cursor.name === 'AssignOp') sides.push([]);
      else if (cursor.type.isError) this.#reading.onUnknown(cursor.from);
      else if (isExpression(cursor)) sides.at(-1)?.push(readExpression(cursor, this.#reading));
    });
    const right = sides.pop() ?? [];
    const [only, ...more] = right;
    if (only === undefined) return;
    const value: Expression = more.length === 0 ? only : { kind: 'sequence', at: only.at, items: right };
    for (const targets of sides) this.#assignAll(targets, value);
  }

  #assignAll(targets: readonly Expression[], value: Expression): void {
    const [first, ...rest] = targets;
    if (first === undefined) return;
    if (rest.length === 0) return this.#assign(first, value, 'is');
    targets.forEach((target, place) => {
      const own = value.kind === 'sequence' && value.items.length === targets.length;
      this.#assign(target, own ? (value.items[place] ?? value) : value, own ? 'is' : 'one-of');
    });
  }

  #assign(target: Expression, value: Expression, how: Assignment['how'], at = target.at): void {
    if (target.kind === 'sequence') {
      for (const item of target.items) this.#assign(item, value, 'one-of', at);
      return;
    }
    this.#scope.assignments.push({ target, value, how, at, block: this.#block });
  }

  #readDecorated(cursor: TreeCursor): void {
    const decorators: Expression[] = [];
    eachChild(cursor, () => {
      if (cursor.name === 'Decorator') decorators.push(this.#readDecorator(cursor));
      else if (cursor.name === 'FunctionDefinition') this.#readFunction(cursor, decorators);
      else if (cursor.name === 'ClassDefinition') this.#readClass(cursor, decorators);
    });
  }

  /** Its parts lie side by side, and not as in a call. */
  #readDecorator(cursor: TreeCursor): Expression {
    let made: Expression | undefined;
    eachChild(cursor, () => {
      const at = cursor.from;
      if (cursor.name === 'ArgList' && made !== undefined) {
        const call = {
          kind: 'call',
          at: made.at,
          callee: made,
          args: readArguments(cursor, this.#reading),
        } as const;
        this.#scope.calls.push(call);
        made = call;
      } else if (cursor.name === 'VariableName' || cursor.name === 'PropertyName') {
        const name = this.#text.slice(cursor.from, cursor.to);
        made =
          made === undefined
            ? { kind: 'name', at, id: name }
            : { kind: 'attribute', at: made.at, object: made, name };
      } else if (isExpression(cursor)) made = readExpression(cursor, this.#reading);
    });
    return made ?? { kind: 'other', at: cursor.from, items: [] };
  }

  #readFunction(cursor: TreeCursor, decorators: readonly Expression[]): void {
    const at = cursor.from;
    let name = '';
    let parameters: readonly Parameter[] = [];
    eachChild(cursor, () => {
      if (cursor.name === 'VariableName') name = this.#text.slice(cursor.from, cursor.to);
      else if (cursor.name === 'ParamList') parameters = readParameters(cursor, this.#reading);
      else if (cursor.name === 'Body') {
        this.#within(newScope('function', name, at, this.#scope, { parameters, decorators }), cursor);
      } else if (cursor.type.isError) this.#reading.onUnknown(cursor.from);
    });
  }

  #readClass(cursor: TreeCursor, decorators: readonly Expression[]): void {
    const at = cursor.from;
    let name = '';
    let bases: readonly Argument[] = [];
    eachChild(cursor, () => {
      if (cursor.name === 'VariableName') name = this.#text.slice(cursor.from, cursor.to);
      else if (cursor.name === 'ArgList') bases = readArguments(cursor, this.#reading);
      else if (cursor.name === 'Body') {
        this.#within(newScope('class', name, at, this.#scope, { bases, decorators }), cursor);
      } else if (cursor.type.isError) this.#reading.onUnknown(cursor.from);
    });
  }

  #within(scope: Scope, cursor: TreeCursor): void {
    const outer = this.#scope;
    outer.scopes.push(scope);
    this.#scope = scope;
    this.readBlock(cursor, { from: cursor.from, to: cursor.to });
    this.#scope = outer;
  }

  #readFor(cursor: TreeCursor): void {
    const targets: Expression[] = [];
    let inside = false;
    eachChild(cursor, () => {
      if (cursor.name === 'in') inside = true;
      else if (cursor.name === 'Body') this.readBlock(cursor, { from: cursor.from, to: cursor.to });
      else if (cursor.type.isError) this.#reading.onUnknown(cursor.from);
      else if (isExpression(cursor)) {
        const item = readExpression(cursor, this.#reading);
        if (!inside) targets.push(item);
        else for (const target of targets) this.#assign(target, item, 'one-of');
      }
    });
  }

  /** In brackets it is newer than the parser, whose pieces are right all the same. */
  #readWith(cursor: TreeCursor): void {
    let last: Expression | undefined;
    let named = false;
    const visit = (): void => {
      if (cursor.name === 'Body') this.readBlock(cursor, { from: cursor.from, to: cursor.to });
      else if (cursor.name === 'as') named = true;
      else if (cursor.name === 'ParenthesizedExpression') eachChild(cursor, visit);
      else if (!cursor.type.isError && isExpression(cursor)) {
        const item = readExpression(cursor, this.#reading);
        if (named && last !== undefined) this.#assign(item, last, 'is');
        last = item;
        named = false;
      }
    };
    eachChild(cursor, visit);
  }

  #expressions(cursor: TreeCursor): Expression[] {
    const found: Expression[] = [];
    eachChild(cursor, () => {
      if (isGap(cursor)) this.#reading.onUnknown(cursor.from);
      else if (isExpression(cursor)) found.push(readExpression(cursor, this.#reading));
    });
    return found;
  }
}
