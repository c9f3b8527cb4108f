/** What the callbacks of `destroy`, `save` and `regenerate` do, and whether it is the same in the place where they are handed over. */
import type { SyntaxNode } from '@lezer/common';
import { functionOf } from './certain.ts';
import { isSent } from './definitions.ts';
import type { ModuleFacts, Range } from './read-module.ts';
import type { Waits } from './session-waits.ts';

/** A sign-in, by the names that accounts are kept under; what they are given is a text or a number by its own name. */
const ACCOUNT = /^(?:user|userId|userID|user_id|username|account|accountId|uid|email|login)$/;
const ACCOUNT_VALUE = /^(?:[\w.?]+\.)?(?:id|_id|userId|user_id|uid|username|email|login)$/;
/** What is found has one for certain; what somebody sent may be nothing, and would sign in as `undefined`. */
const CERTAIN_VALUE =
  /^(?!_?req(?:uest)?\b)(\w+)(?:\.\w+)*\.(?:id|_id|userId|user_id|uid|username|email|login)$/;
const FUNCTION = /^(?:ArrowFunction|FunctionExpression|FunctionDeclaration|MethodDeclaration)$/;
const COMMENT = /^(?:Line|Block)Comment$/;
const NAMES = /^\(?\s*(?:\w+\s*(?:,\s*\w+\s*)*)?\)?$/;

/** What a callback does, and by which name it asks whether something went wrong, where it does. */
export interface Body {
  readonly isEmpty: boolean;
  readonly error?: string;
  /** `if (error) return next(error);`: what goes wrong is thrown now, and Express hands it on. */
  readonly guard?: SyntaxNode;
}

/** Undefined where it would not be the same: it depends on how it is called, on when, or on names of its own. */
export function bodyOf(
  module: ModuleFacts,
  waits: Waits,
  callback: SyntaxNode,
  call: SyntaxNode,
  request: string,
): Body | undefined {
  const body = callback.lastChild;
  const list = callback.getChild('ParamList');
  if (!/^(?:ArrowFunction|FunctionExpression)$/.test(callback.name) || body === null || list === null)
    return undefined;
  if (callback.getChild('async') !== null || callback.getChild('Star') !== null) return undefined;
  if (!NAMES.test(textOf(module, list)) || leaks(body)) return undefined;
  const given = list.getChildren('VariableDefinition').map((one) => textOf(module, one));
  const [error] = given;
  const guard = error === undefined ? undefined : guardOf(module, body, error, true);
  const handsOn = guard !== undefined && isNextOf(module, waits, guard, call);
  const text = handsOn
    ? module.text.slice(body.from, guard.from) + module.text.slice(guard.to, body.to)
    : textOf(module, body);
  if (callback.name === 'FunctionExpression' && /\b(?:this|arguments)\b/.test(text)) return undefined;
  const isEmpty = /^\{\s*\}$/.test(text);
  // What stands behind the call was done before the callback.
  if ((!isEmpty || handsOn) && !isLast(waits, call)) return undefined;
  const isAsked = given.some((one) => new RegExp(`\\b${RegExp.escape(one)}\\b`).test(text));
  if (!isAsked) return handsOn ? { isEmpty, guard } : { isEmpty };
  const isFree = error !== undefined && error !== request && error !== 'bulwark';
  return given.length === 1 && isFree && body.name === 'Block' ? { isEmpty, error } : undefined;
}

/** What an account is kept under in a callback, and of which value. */
export interface Account {
  readonly key: string;
  readonly value: string;
  readonly at: SyntaxNode;
}

/** Of each `req.session.user = user.id` within it. */
export function accountsIn(
  module: ModuleFacts,
  callback: SyntaxNode | null,
  request: string,
): readonly Account[] {
  const found: Account[] = [];
  callback?.cursor().iterate(({ node, name }) => {
    const [target, value] = [node.firstChild, node.lastChild];
    if (name !== 'AssignmentExpression' || target === null || value === null) return;
    const [, of, key = ''] = /^(\w+)\.session\.(\w+)$/.exec(textOf(module, target)) ?? [];
    if (of === request && ACCOUNT.test(key)) found.push({ key, value: textOf(module, value), at: node });
  });
  return found.every(({ value }) => ACCOUNT_VALUE.test(value)) ? found : [];
}

/**
 * Whether an account is what a callback begins with, whatever it decides behind: then it is signed in at the place of the call too.
 * A `const user` of the callback is not there yet.
 */
export function isFirstDone(
  module: ModuleFacts,
  callback: SyntaxNode | null,
  { value, at }: Account,
): boolean {
  const [, root] = CERTAIN_VALUE.exec(value) ?? [];
  const body = callback?.lastChild ?? null;
  if (root === undefined || callback === null || body === null || at.getChild('Equals') === null)
    return false;
  let isOwn = isSent(module, root);
  callback.cursor().iterate(({ name, from, to }) => {
    if (name === 'VariableDefinition' && module.text.slice(from, to) === root) isOwn = true;
  });
  const error = callback.getChild('ParamList')?.getChild('VariableDefinition') ?? null;
  const guard = error === null ? undefined : guardOf(module, body, textOf(module, error), false);
  const first = guard === undefined ? firstOf(body) : behind(guard);
  return !isOwn && first?.name === 'ExpressionStatement' && first.from === at.parent?.from;
}

/** `if (error) return next(error);`, where a block begins with it. */
function guardOf(
  module: ModuleFacts,
  body: SyntaxNode,
  error: string,
  mayEnd: boolean,
): SyntaxNode | undefined {
  const first = firstOf(body);
  if (first?.name !== 'IfStatement') return undefined;
  const [, asked, ends, handed] =
    /^if\s*\(\s*(\w+)\s*\)\s*\{?\s*(return\s+)?next\(\s*(\w+)\s*\);?\s*\}?$/.exec(textOf(module, first)) ??
    [];
  return asked === error && handed === error && (!mayEnd || ends !== undefined) ? first : undefined;
}

function isNextOf(module: ModuleFacts, waits: Waits, guard: SyntaxNode, call: SyntaxNode): boolean {
  const handler = waits.handlerOf(call);
  return handler !== undefined && functionOf(module, guard, 'next')?.from === handler.from;
}

/** What it declares would be a name of the function around it, and a directive is none in the middle. */
function leaks(body: SyntaxNode): boolean {
  if (firstOf(body)?.firstChild?.name === 'String') return true;
  let isLeak = false;
  body.cursor().iterate(({ node, name }) => {
    if (name === 'FunctionDeclaration') isLeak = true;
    if (FUNCTION.test(name)) return false;
    if (name === 'VariableDeclaration' && node.firstChild?.name === 'var') isLeak = true;
    return true;
  });
  return isLeak;
}

/** Whether nothing of the handler is done behind a call. */
function isLast(waits: Waits, call: SyntaxNode): boolean {
  const handler = waits.handlerOf(call);
  let at = call.parent;
  if (at?.name === 'ArrowFunction') return at.lastChild?.from === call.from;
  while (at !== null) {
    const next = behind(at);
    const block: SyntaxNode | null = at.parent;
    if (block?.name === 'IfStatement') {
      at = block;
      continue;
    }
    const isEnd = next?.name === '}' || (next?.name === 'ReturnStatement' && isBare(next));
    if (block?.name !== 'Block' || !isEnd) return false;
    const owner: SyntaxNode | null = block.parent;
    if (owner === null || owner.from === handler?.from) return owner !== null && FUNCTION.test(owner.name);
    if (owner.name === 'IfStatement' && next?.name === '}') at = owner;
    else if (owner.name === 'IfStatement')
      return handler !== undefined && functionAround(owner) === handler.from;
    // That of a callback which goes into the handler as well.
    else if (FUNCTION.test(owner.name)) at = owner.parent?.parent?.parent ?? null;
    else return false;
  }
  return false;
}

function functionAround(node: SyntaxNode): number | undefined {
  let at: SyntaxNode | null = node;
  while (at !== null && !FUNCTION.test(at.name)) at = at.parent;
  return at?.from;
}

function isBare(statement: SyntaxNode): boolean {
  return statement.firstChild?.nextSibling === null || statement.firstChild?.nextSibling?.name === ';';
}

function firstOf(body: SyntaxNode): SyntaxNode | null {
  const first = body.firstChild;
  return body.name === 'Block' && first !== null ? behind(first) : null;
}

/** The next that is no comment. */
function behind(node: SyntaxNode): SyntaxNode | null {
  let at = node.nextSibling;
  while (at !== null && COMMENT.test(at.name)) at = at.nextSibling;
  return at;
}

function textOf({ text }: ModuleFacts, { from, to }: Range): string {
  return text.slice(from, to);
}
