/** Where a change of the session can be waited for, and what has to be written around it so that it is. */
import type { SyntaxNode } from '@lezer/common';
import { lineEnd } from '../fix/edit.ts';
import { functionOf, isHandler } from './certain.ts';
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
  readonly #made = new Map<number, boolean>();

  constructor(module: ModuleFacts, moved: Moved, isExpress5: boolean) {
    this.#module = module;
    this.#moved = moved;
    this.#isExpress5 = isExpress5;
  }

  /**
   * Whether a statement may wait where it stands; the function around it is made one that does. That is one which Express itself
   * calls with this request: of any other nobody waits for the promise, and one that is refused ends the process.
   */
  at(expression: SyntaxNode, request: string): boolean {
    if (expression.parent?.name !== 'ExpressionStatement') return false;
    const handler = this.handlerOf(expression);
    if (handler === undefined || !isHandler(this.#module, handler, request)) return false;
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
    const [list, body] = [handler.getChild('ParamList'), handler.getChild('Block')];
    const names = list?.getChildren('VariableDefinition') ?? [];
    // A pattern or a default among them, and places are not what they seem.
    if (list === null || body === null || list.getChildren(',').length !== names.length - 1) return false;
    if (names.length < 2 || names.length > 4 || list.getChild('Equals') !== null) return false;
    // `'use strict'` would be none any more.
    if (body.firstChild?.nextSibling?.firstChild?.name === 'String') return false;
    const last = names[names.length === 4 ? 3 : 2];
    if (last === undefined) {
      if (/\bnext\b/.test(text.slice(handler.from, handler.to))) return false;
      const at = names[1]?.to ?? list.to - 1;
      this.#moved.edit(this.#module, { from: at, to: at, text: ', next' });
    }
    const next = last === undefined ? 'next' : text.slice(last.from, last.to);
    if (last !== undefined && functionOf(this.#module, body, next)?.from !== handler.from) return false;
    const isLong = text.slice(body.from, body.to).includes('\n');
    const gap = isLong ? lineEnd(text) + indentOf(text, body.to - 1) : ' ';
    this.#moved.edit(
      this.#module,
      { from: body.from + 1, to: body.from + 1, text: ' try {' },
      { from: body.to - 1, to: body.to - 1, text: `} catch (error) { ${next}(error); }${gap}` },
    );
    return true;
  }
}
