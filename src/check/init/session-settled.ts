/**
 * Whether what is put into the session is, at the end of the request, what it was at that place. express-session stores at the end,
 * with what became of it by any name; here it is stored there and then.
 */
import type { SyntaxNode } from '@lezer/common';
import { definitionsOf } from './definitions.ts';
import type { ModuleFacts, Range } from './read-module.ts';
import { endOf, isChange, outermostOf, scopeOf, usesIn } from './session-reads.ts';

/** The place where a value is put in. */
export interface Place {
  /** The statement. */
  readonly at: Range;
  /** What it is kept under. */
  readonly target: string;
  /** A text, a number or a truth. */
  readonly isPlain: (value: SyntaxNode) => boolean;
}

interface Looked extends Place {
  seen: number;
}

/** A program may have made more, and looking at all of them for each place takes minutes. */
const [DEEPEST, MOST_PARTS, MOST_USES, MOST_BEHIND] = [6, 100, 100, 50];
const LOOP = /^(?:For|While|Do)Statement$/;
/** An answer: express-session stores when it ends. */
const ANSWERS =
  /^_?res(?:ponse)?(?:\.(?:status|type)\([^()]*\))*\.(?:json|send|redirect|end|sendStatus|status|type)$/;
const ENDS = /\.(?:json|send|redirect|end|sendStatus)$/;
const ACTS =
  /^(?:NewExpression|TaggedTemplateExpression|PostfixExpression|UpdateOp|AwaitExpression|YieldExpression|DynamicImport|ArrowFunction|FunctionExpression|FunctionDeclaration|ClassDeclaration|ClassExpression|VariableDeclaration)$/;
const OF_SESSION = /^_?req(?:uest)?\.session\.\w+$/;
const COMMENT = /^(?:Line|Block)Comment$/;

/** Literals, what is made there of them, and names of these alone that are not changed behind. Of all else it is not known. */
export function isSettled(module: ModuleFacts, value: SyntaxNode, place: Place): boolean {
  return isFresh(module, value, { ...place, seen: 0 }, [value], 0);
}

function isFresh(
  module: ModuleFacts,
  value: SyntaxNode,
  place: Looked,
  within: readonly Range[],
  depth: number,
): boolean {
  place.seen += 1;
  if (depth > DEEPEST || place.seen > MOST_PARTS) return false;
  if (place.isPlain(value)) return true;
  const go = (next: SyntaxNode | null | undefined): boolean =>
    next !== null && next !== undefined && isFresh(module, next, place, within, depth + 1);
  switch (value.name) {
    case 'ParenthesizedExpression':
      return go(value.firstChild?.nextSibling);
    case 'ArrayExpression':
    case 'ObjectExpression':
      return partsOf(value).every(go);
    case 'Property': {
      const isPair = value.getChild(':') !== null;
      return (isPair || value.firstChild?.nextSibling === null) && go(value.lastChild);
    }
    case 'ConditionalExpression': {
      const last = value.lastChild;
      return go(last) && go(last?.prevSibling?.prevSibling);
    }
    case 'BinaryExpression':
      return value.getChild('LogicOp') !== null && go(value.firstChild) && go(value.lastChild);
    case 'PropertyDefinition':
    case 'VariableName':
      return isFreshName(module, value, place, within, depth);
    default:
      return false;
  }
}

/** `const cart = { items: [] }`, of which every use is seen: it is read, or changed in front of the place. */
function isFreshName(
  module: ModuleFacts,
  use: SyntaxNode,
  place: Looked,
  within: readonly Range[],
  depth: number,
): boolean {
  const name = textOf(module, use);
  if ((module.uses.get(name)?.length ?? 0) > MOST_USES) return false;
  const outermost = outermostOf(use);
  const [definition, ...others] = definitionsOf(module, name).filter(
    ({ from, to }) => from >= outermost.from && to <= outermost.to,
  );
  const declaration = definition?.parent ?? null;
  const value = definition?.nextSibling?.name === 'Equals' ? definition.nextSibling.nextSibling : null;
  if (definition === undefined || declaration?.name !== 'VariableDeclaration' || value === null) return false;
  if (others.length > 0 || outermost.name === 'Script' || declaration.getChild('var') !== null) return false;
  const scope = scopeOf(definition);
  if (scopeOf(use).from !== scope.from || isRepeated(module, place.at, declaration.parent)) return false;
  const known = [...within, value];
  if (!isTakenOut(module, value, definition, outermost, place, known, depth))
    if (!isFresh(module, value, place, known, depth + 1)) return false;
  return (
    usesIn(module, name, outermost)?.every((one) => {
      if (known.some(({ from, to }) => one.from >= from && one.to <= to)) return true;
      if (scopeOf(one).from !== scope.from) return false;
      if (endOf(module, one) === true) return !isTargetItself(one);
      if (!isChange(module, one) || one.to >= place.at.from) return false;
      return argumentsOf(one).every((given) => isFresh(module, given, place, [...known, given], depth + 1));
    }) ?? false
  );
}

/** `const cart = req.session.cart || []`, which is put back at the place, and nobody else asks for behind. */
function isTakenOut(
  module: ModuleFacts,
  value: SyntaxNode,
  definition: SyntaxNode,
  outermost: SyntaxNode,
  place: Looked,
  known: readonly Range[],
  depth: number,
): boolean {
  let from = value;
  if (value.name === 'BinaryExpression' && value.getChild('LogicOp') !== null) {
    const [first, last] = [value.firstChild, value.lastChild];
    if (first === null || last === null || !isFresh(module, last, place, known, depth + 1)) return false;
    from = first;
  }
  if (textOf(module, from) !== place.target) return false;
  const between = module.text.slice(value.to, place.at.from);
  return definition.from > outermost.from && !between.includes(place.target.slice(place.target.indexOf('.')));
}

/** Whether a place comes again without its name being made again. */
function isRepeated({ top }: ModuleFacts, place: Range, block: SyntaxNode | null): boolean {
  let at: SyntaxNode | null = top.resolveInner(place.from, 1);
  while (at !== null && !(at.from === block?.from && at.to === block.to && at.name === block.name)) {
    if (LOOP.test(at.name)) return true;
    at = at.parent;
  }
  return at === null;
}

/** `cart = other`. */
function isTargetItself({ parent, from }: SyntaxNode): boolean {
  return parent?.name === 'AssignmentExpression' && parent.firstChild?.from === from;
}

/** What a change of a name, or of the session itself, puts in. */
export function argumentsOf(use: SyntaxNode): readonly SyntaxNode[] {
  let expression = use;
  while (expression.parent !== null && expression.parent.name !== 'ExpressionStatement')
    expression = expression.parent;
  if (expression.name === 'AssignmentExpression')
    return expression.lastChild === null ? [] : [expression.lastChild];
  const list = expression.getChild('ArgList');
  return list === null ? [] : partsOf(list);
}

/** Whether nothing but an answer comes behind a statement: nobody has a turn in between who could change anything. */
export function isAnsweredNext(module: ModuleFacts, statement: SyntaxNode): boolean {
  let isAnswered = false;
  let at: SyntaxNode = statement;
  for (let behind = 0; behind < MOST_BEHIND; behind += 1) {
    const next: SyntaxNode | null = at.nextSibling;
    if (next === null) return false;
    at = next;
    if (COMMENT.test(next.name)) continue;
    if (next.name === '}') {
      const owner: SyntaxNode | null = next.parent?.parent ?? null;
      if (owner === null || next.parent?.name !== 'Block') return false;
      if (owner.name === 'IfStatement') at = outermostIf(owner);
      else if (owner.name === 'TryStatement' && owner.getChild('FinallyClause') === null) at = owner;
      else return isAnswered && /^(?:ArrowFunction|Function|Method)/.test(owner.name);
      continue;
    }
    if (!isQuiet(module, next)) return false;
    const said = next.name === 'ReturnStatement' ? next.firstChild?.nextSibling : next.firstChild;
    const callee = said?.name === 'CallExpression' ? said.firstChild : null;
    if (callee !== null && ENDS.test(textOf(module, callee))) isAnswered = true;
    if (next.name === 'ReturnStatement') return isAnswered;
  }
  return false;
}

function outermostIf(owner: SyntaxNode): SyntaxNode {
  let at = owner;
  while (at.parent?.name === 'IfStatement') at = at.parent;
  return at;
}

/** It calls nothing but answers, and gives nothing to anything but a name of the session. */
function isQuiet(module: ModuleFacts, statement: SyntaxNode): boolean {
  let isSo = true;
  statement.cursor().iterate(({ node, name }) => {
    const first = node.firstChild;
    if (name === 'CallExpression' && first !== null) isSo &&= ANSWERS.test(textOf(module, first));
    else if (name === 'AssignmentExpression' && first !== null)
      isSo &&= OF_SESSION.test(textOf(module, first)) && node.parent?.name === 'ExpressionStatement';
    else if (name === 'UnaryExpression') isSo &&= !/^(?:await|delete|\+\+|--)/.test(textOf(module, node));
    else if (ACTS.test(name) || LOOP.test(name)) isSo = false;
    return isSo;
  });
  return isSo;
}

/** Without commas and what stands around. */
function partsOf({ firstChild }: SyntaxNode): readonly SyntaxNode[] {
  const parts: SyntaxNode[] = [];
  for (let at = firstChild; at !== null; at = at.nextSibling)
    if (!/^(?:[[\](){},]|LineComment|BlockComment)$/.test(at.name)) parts.push(at);
  return parts;
}

function textOf({ text }: ModuleFacts, { from, to }: Range): string {
  return text.slice(from, to);
}
