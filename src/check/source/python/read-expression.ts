/** Expressions out of the parser's tree. */
import type { TreeCursor } from '@lezer/common';
import type { Argument, Call, Entry, Expression, Parameter } from './ast.ts';
import { readLiteral } from './python-strings.ts';

/** What of a file is noted while its expressions are read. */
export interface Reading {
  readonly text: string;
  /** Each call, as soon as it is whole. */
  readonly onCall: (call: Call) => void;
  readonly onTest: (test: Expression, from?: number) => void;
  /** `:=`, and what a comprehension or `lambda` takes apart. */
  readonly onBinding: (target: Expression, value: Expression, how: 'is' | 'one-of', at?: number) => void;
  readonly onUnknown: (at: number) => void;
  depth: number;
}

/** Deeper than this nobody writes; whoever generates it must not end the run. */
const MOST_DEPTH = 150;

/** Reads the expression under the cursor, which is left where it is. */
export function readExpression(cursor: TreeCursor, reading: Reading): Expression {
  if (reading.depth > MOST_DEPTH) {
    reading.onUnknown(cursor.from);
    return { kind: 'other', at: cursor.from, items: [] };
  }
  reading.depth += 1;
  const expression = read(cursor, reading);
  reading.depth -= 1;
  return expression;
}

function read(cursor: TreeCursor, reading: Reading): Expression {
  const at = cursor.from;
  const written = (): string => reading.text.slice(cursor.from, cursor.to);
  switch (cursor.name) {
    case 'VariableName':
      return { kind: 'name', at, id: written() };
    case 'String': {
      return { kind: 'string', at, ...readLiteral(written()) };
    }
    case 'Number':
      return { kind: 'number', at, value: Number(written().replaceAll('_', '')) };
    case 'Boolean':
      return { kind: 'constant', at, value: written() === 'True' };
    case 'None':
      return { kind: 'constant', at, value: undefined };
    case 'FormatString':
      return readFormat(cursor, reading);
    case 'ContinuedString':
      return readContinued(cursor, reading);
    case 'MemberExpression':
      return readMember(cursor, reading);
    case 'CallExpression':
      return readCall(cursor, reading);
    case 'BinaryExpression':
      return readBinary(cursor, reading);
    case 'ConditionalExpression':
      return readEither(cursor, reading);
    case 'DictionaryExpression':
      return { kind: 'dict', at, entries: readEntries(cursor, reading) };
    case 'NamedExpression': {
      const [target, value] = readChildren(cursor, reading);
      if (target === undefined || value === undefined) break;
      reading.onBinding(target, value, 'is');
      return value;
    }
    case 'UnaryExpression': {
      const operator = reading.text.slice(at, at + 3) === 'not' ? 'not' : (reading.text[at] ?? '');
      const [operand] = readChildren(cursor, reading);
      if (operand !== undefined) return { kind: 'unary', at, operator, operand };
      break;
    }
    case 'ParenthesizedExpression':
    case 'AwaitExpression': {
      const [inner] = readChildren(cursor, reading);
      if (inner !== undefined) return inner;
      break;
    }
    case 'TupleExpression':
    case 'ArrayExpression':
    case 'SetExpression':
      return { kind: 'sequence', at, items: readChildren(cursor, reading) };
    case 'LambdaExpression':
      return { kind: 'other', at, items: readChildren(cursor, reading).slice(-1) };
    default:
      if (cursor.name.endsWith('ComprehensionExpression')) return readComprehension(cursor, reading);
  }
  return { kind: 'other', at, items: readChildren(cursor, reading) };
}

const NO_EXPRESSIONS = new Set(['TypeDef', 'ParamList', 'TypeParamList', 'PropertyName', 'FormatConversion']);
/** Signs and words of the language come as nodes, too: they begin with none of these letters. */
const NODE = /^[A-Z]/;
const SIGNS = /(?:Op|^At|^Comment)$/;

/** Whether the node under the cursor is an expression. */
export function isExpression(cursor: TreeCursor): boolean {
  return NODE.test(cursor.name) && !SIGNS.test(cursor.name) && !NO_EXPRESSIONS.has(cursor.name);
}

function readChildren(cursor: TreeCursor, reading: Reading): Expression[] {
  const items: Expression[] = [];
  eachChild(cursor, () => {
    if (isGap(cursor)) reading.onUnknown(cursor.from);
    else if (isExpression(cursor)) items.push(readExpression(cursor, reading));
  });
  return items;
}

/** The parser did not know what it read. What it marks and is empty stands for nothing: a `yield` without a value. */
export function isGap({ type, from, to }: TreeCursor): boolean {
  return type.isError && from < to;
}

/** Calls back for each child, with the cursor on it. */
export function eachChild(cursor: TreeCursor, visit: () => void): void {
  if (!cursor.firstChild()) return;
  do visit();
  while (cursor.nextSibling());
  cursor.parent();
}

function readMember(cursor: TreeCursor, reading: Reading): Expression {
  const at = cursor.from;
  let object: Expression | undefined;
  let name: string | undefined;
  const index: Expression[] = [];
  eachChild(cursor, () => {
    if (cursor.type.isError) reading.onUnknown(cursor.from);
    else if (cursor.name === 'PropertyName') name = reading.text.slice(cursor.from, cursor.to);
    else if (isExpression(cursor)) {
      const read = readExpression(cursor, reading);
      if (object === undefined) object = read;
      else index.push(read);
    }
  });
  if (object === undefined) return { kind: 'other', at, items: index };
  if (name !== undefined) return { kind: 'attribute', at, object, name };
  const [only, ...more] = index;
  const slice: Expression = { kind: 'other', at, items: index };
  return { kind: 'subscript', at, object, index: only !== undefined && more.length === 0 ? only : slice };
}

function readCall(cursor: TreeCursor, reading: Reading): Expression {
  const at = cursor.from;
  let callee: Expression | undefined;
  let args: readonly Argument[] = [];
  eachChild(cursor, () => {
    if (cursor.name === 'ArgList') args = readArguments(cursor, reading);
    else if (cursor.type.isError) reading.onUnknown(cursor.from);
    else if (isExpression(cursor)) callee = readExpression(cursor, reading);
  });
  if (callee === undefined) return { kind: 'other', at, items: args.map(({ value }) => value) };
  const call: Call = { kind: 'call', at, callee, args };
  reading.onCall(call);
  return call;
}

/** The arguments of a call or a class, or of a decorator. */
export function readArguments(cursor: TreeCursor, reading: Reading): readonly Argument[] {
  const args: Argument[] = [];
  let pending: Expression | undefined;
  let name: string | undefined;
  const flush = (): void => {
    if (pending !== undefined) args.push({ name, value: pending });
    pending = undefined;
    name = undefined;
  };
  // `any(one in ALL for one in some)`: its parts lie among the arguments.
  const { from } = cursor;
  let clause: 'target' | 'source' | undefined;
  let targets: Expression[] = [];
  eachChild(cursor, () => {
    if (cursor.name === ',' && clause !== 'target') {
      flush();
      clause = undefined;
    } else if (cursor.name === 'for') [clause, targets] = ['target', []];
    else if (cursor.name === 'in' && clause === 'target') clause = 'source';
    else if (clause !== undefined && isExpression(cursor)) {
      const item = readExpression(cursor, reading);
      if (clause === 'target') targets.push(item);
      else for (const target of targets.splice(0)) reading.onBinding(target, item, 'one-of', from);
    } else if (cursor.name === '*' || cursor.name === '**') name = cursor.name;
    else if (cursor.name === 'AssignOp' && pending?.kind === 'name') name = pending.id;
    else if (cursor.type.isError) reading.onUnknown(cursor.from);
    else if (isExpression(cursor)) pending = readExpression(cursor, reading);
  });
  flush();
  return args;
}

function readBinary(cursor: TreeCursor, reading: Reading): Expression {
  const at = cursor.from;
  const operands: Expression[] = [];
  const words: string[] = [];
  eachChild(cursor, () => {
    if (cursor.type.isError) reading.onUnknown(cursor.from);
    else if (isExpression(cursor)) operands.push(readExpression(cursor, reading));
    else if (cursor.name !== 'Comment') words.push(reading.text.slice(cursor.from, cursor.to));
  });
  const [left, right] = operands;
  if (left === undefined || right === undefined) return { kind: 'other', at, items: operands };
  return { kind: 'binary', at, operator: words.join(' '), left, right };
}

function readEither(cursor: TreeCursor, reading: Reading): Expression {
  const at = cursor.from;
  const [truthy, test, falsy] = readChildren(cursor, reading);
  if (truthy === undefined || test === undefined || falsy === undefined) {
    return { kind: 'other', at, items: [] };
  }
  reading.onTest(test, at - 1);
  return { kind: 'either', at, test, truthy, falsy };
}

function readEntries(cursor: TreeCursor, reading: Reading): readonly Entry[] {
  const entries: Entry[] = [];
  let key: Expression | undefined;
  let spread = false;
  eachChild(cursor, () => {
    if (cursor.name === '**') spread = true;
    else if (cursor.type.isError) reading.onUnknown(cursor.from);
    else if (isExpression(cursor)) {
      const item = readExpression(cursor, reading);
      if (spread) entries.push({ key: undefined, value: item });
      else if (key === undefined) {
        key = item;
        return;
      } else entries.push({ key, value: item });
      key = undefined;
      spread = false;
    }
  });
  return entries;
}

function readFormat(cursor: TreeCursor, reading: Reading): Expression {
  const { from, to } = cursor;
  const parts: Expression[] = [];
  let end = from;
  const upTo = (next: number): void => {
    const text = reading.text.slice(end, next);
    const value = end === from ? text.replace(/^[a-zA-Z]{1,2}("""|'''|"|')/, '') : text;
    if (value !== '') parts.push({ kind: 'string', at: end, value, bytes: false });
  };
  eachChild(cursor, () => {
    if (cursor.name !== 'FormatReplacement') return;
    upTo(cursor.from);
    const [value] = readChildren(cursor, reading);
    if (value !== undefined) parts.push(value);
    end = cursor.to;
  });
  upTo(Math.max(end, to - (/("""|''')$/.test(reading.text.slice(from, to)) ? 3 : 1)));
  return { kind: 'format', at: from, parts };
}

function readContinued(cursor: TreeCursor, reading: Reading): Expression {
  const at = cursor.from;
  const items = readChildren(cursor, reading);
  if (items.every((item) => item.kind === 'string')) {
    return {
      kind: 'string',
      at,
      value: items.map(({ value }) => value).join(''),
      bytes: items.some(({ bytes }) => bytes),
    };
  }
  return { kind: 'format', at, parts: items.flatMap((item) => (item.kind === 'format' ? item.parts : item)) };
}

/** Its names are taken for names of the scope around it: one name for two things is rare, and costs little. */
function readComprehension(cursor: TreeCursor, reading: Reading): Expression {
  const at = cursor.from;
  let part: 'element' | 'target' | 'source' | 'test' = 'element';
  const elements: Expression[] = [];
  const parts: Expression[] = [];
  let targets: Expression[] = [];
  eachChild(cursor, () => {
    if (cursor.name === 'for') {
      part = 'target';
      targets = [];
    } else if (cursor.name === 'in' && part === 'target') part = 'source';
    else if (cursor.name === 'if') part = 'test';
    else if (cursor.type.isError) reading.onUnknown(cursor.from);
    else if (isExpression(cursor)) {
      const item = readExpression(cursor, reading);
      if (part === 'element') elements.push(item);
      else if (part === 'target') targets.push(item);
      else if (part === 'test') reading.onTest(item, at);
      else {
        parts.push(item);
        // Its element stands before what it is taken from.
        for (const target of targets) reading.onBinding(target, item, 'one-of', at);
        part = 'test';
      }
    }
  });
  const [only, ...more] = elements;
  const element: Expression =
    only !== undefined && more.length === 0 ? only : { kind: 'sequence', at, items: elements };
  return { kind: 'comprehension', at, element, parts };
}

/** The parameters of a function. */
export function readParameters(cursor: TreeCursor, reading: Reading): readonly Parameter[] {
  const parameters: Parameter[] = [];
  let [name, type, star]: [string?, string?, Parameter['star']?] = [];
  let value: Expression | undefined;
  let valued = false;
  const flush = (): void => {
    if (name !== undefined) parameters.push({ name, type, star: star ?? '', value });
    [name, type, star, value, valued] = [undefined, undefined, undefined, undefined, false];
  };
  eachChild(cursor, () => {
    const text = reading.text.slice(cursor.from, cursor.to);
    if (cursor.name === ',') flush();
    else if (text === '*' || text === '**') star = text;
    else if (cursor.name === 'AssignOp') valued = true;
    else if (cursor.name === 'TypeDef') type = text.replace(/^:\s*/, '');
    else if (cursor.type.isError) reading.onUnknown(cursor.from);
    else if (valued && isExpression(cursor)) value = readExpression(cursor, reading);
    else if (cursor.name === 'VariableName') name = text;
  });
  flush();
  return parameters;
}
