/** Where a change of the session can be waited for, and what has to be written around it so that it is. */
import type { SyntaxNode } from '@lezer/common';
import { lineEnd } from '../fix/edit.ts';
import { functionOf, isHandler, isHandlerOf } from './certain.ts';
import type { Moved } from './moved.ts';
import type { ModuleFacts } from './read-module.ts';
import { indentOf } from './wiring.ts';

/** Where to read on. */
export const SESSION_LINE = "sessions are the layer's: docs/guides/leaving/express-session.md";

/** Nobody waits for the promise of another function, and Express 4 waits for none. */
export const WAITS =
  '// in an async function that is waited for; on Express 4: try { ... } catch (error) { next(error); }';

const FUNCTION = /^(?:ArrowFunction|FunctionExpression|FunctionDeclaration|MethodDeclaration)$/;

/** Of one file: functions are made to wait once, whatever number of changes is in them. */
export class Waits {
  readonly #module: ModuleFacts;
  readonly #moved: Moved;
  readonly #isExpress5: boolean;
  readonly #exported: ReadonlySet<number>;
  readonly #made = new Map<number, boolean>();
  readonly #handlers = new Map<string, boolean>();

  /** `exported` are its functions that routes of other files alone are handed. */
  constructor(module: ModuleFacts, moved: Moved, isExpress5: boolean, exported: ReadonlySet<number>) {
    this.#module = module;
    this.#moved = moved;
    this.#isExpress5 = isExpress5;
    this.#exported = exported;
  }

  /**
   * Whether a statement may wait where it stands; the function around it is made one that does. That is one which Express itself
   * calls with this request: of any other nobody waits for the promise, and one that is refused ends the process.
   */
  at(expression: SyntaxNode, request: string): boolean {
    if (expression.parent?.name !== 'ExpressionStatement') return false;
    const handler = this.handlerOf(expression);
    if (handler === undefined || !this.#isHandler(handler, request)) return false;
    if (functionOf(this.#module, expression, request)?.from !== handler.from) return false;
    const before = this.#made.get(handler.from);
    if (before !== undefined) return before;
    const isMade = this.#isExpress5 || this.#catch(handler);
    this.#made.set(handler.from, isMade);
    if (isMade && handler.getChild('async') === null)
      this.#moved.edit(this.#module, { from: handler.from, to: handler.from, text: 'async ' });
    return isMade;
  }

  /** The function that is left around it: what is inlined goes with the one around. */
  handlerOf(expression: SyntaxNode): SyntaxNode | undefined {
    for (let at: SyntaxNode | null = expression; at !== null; at = at.parent)
      if (FUNCTION.test(at.name) && !this.#isInlined(at)) return at;
    return undefined;
  }

  /** `(req, res) => req.session.destroy(...)`: what stands before and behind statements in the place of that call. */
  arrow(call: SyntaxNode, request: string): readonly [string, string] | undefined {
    const handler = call.parent;
    if (handler?.name !== 'ArrowFunction' || handler.lastChild?.from !== call.from) return undefined;
    if (!this.#isHandler(handler, request)) return undefined;
    if (functionOf(this.#module, call, request)?.from !== handler.from) return undefined;
    const next = this.#isExpress5 ? '' : this.#nextOf(handler, call);
    if (next === undefined) return undefined;
    if (handler.getChild('async') === null)
      this.#moved.edit(this.#module, { from: handler.from, to: handler.from, text: 'async ' });
    return next === '' ? ['{ ', ' }'] : ['{ try { ', ` } ${catchOf(next)} }`];
  }

  /** Asked for at every change, and worked out once. */
  #isHandler(handler: SyntaxNode, request: string): boolean {
    const key = `${handler.from} ${request}`;
    const is =
      this.#handlers.get(key) ??
      (isHandler(this.#module, handler, request) ||
        (this.#exported.has(handler.from) && isHandlerOf(this.#module, handler, request)));
    this.#handlers.set(key, is);
    return is;
  }

  #isInlined(callback: SyntaxNode): boolean {
    const callee = callback.parent?.name === 'ArgList' ? callback.parent.parent?.firstChild : undefined;
    return (
      callee !== null &&
      callee !== undefined &&
      /\.session\.(?:destroy|save|regenerate)$/.test(this.#module.text.slice(callee.from, callee.to))
    );
  }

  /**
   * Express 4 looks at no promise: what is thrown goes to `next`, as Express itself hands on what a function throws that does not
   * wait. False: that cannot be written around this one.
   */
  #catch(handler: SyntaxNode): boolean {
    const { text } = this.#module;
    const body = handler.getChild('Block');
    // `'use strict'` would be none any more.
    if (body === null || isDirective(body)) return false;
    const next = this.#nextOf(handler, body);
    if (next === undefined) return false;
    const isLong = text.slice(body.from, body.to).includes('\n');
    const gap = isLong ? lineEnd(text) + indentOf(text, body.to - 1) : ' ';
    this.#moved.edit(
      this.#module,
      { from: body.from + 1, to: body.from + 1, text: ' try {' },
      { from: body.to - 1, to: body.to - 1, text: `} ${catchOf(next)}${gap}` },
    );
    return true;
  }

  /** By which name a function is handed `next`; it is given one where it has none. */
  #nextOf(handler: SyntaxNode, body: SyntaxNode): string | undefined {
    const { text } = this.#module;
    const list = handler.getChild('ParamList');
    const names = list?.getChildren('VariableDefinition') ?? [];
    // A pattern or a default among them, and places are not what they seem.
    if (list === null || list.getChildren(',').length !== names.length - 1) return undefined;
    if (names.length < 2 || names.length > 4 || list.getChild('Equals') !== null) return undefined;
    const last = names[names.length === 4 ? 3 : 2];
    if (last !== undefined) {
      const next = text.slice(last.from, last.to);
      return functionOf(this.#module, body, next)?.from === handler.from ? next : undefined;
    }
    if (/\bnext\b/.test(text.slice(handler.from, handler.to))) return undefined;
    const at = names[1]?.to ?? list.to - 1;
    this.#moved.edit(this.#module, { from: at, to: at, text: ', next' });
    return 'next';
  }
}

/** Under a name that is not that of the function itself. */
function catchOf(next: string): string {
  const error = next === 'error' ? 'reason' : 'error';
  return `catch (${error}) { ${next}(${error}); }`;
}

function isDirective(body: SyntaxNode): boolean {
  let first = body.firstChild?.nextSibling ?? null;
  while (first !== null && /^(?:Line|Block)Comment$/.test(first.name)) first = first.nextSibling;
  return first?.name === 'ExpressionStatement' && first.firstChild?.name === 'String';
}
