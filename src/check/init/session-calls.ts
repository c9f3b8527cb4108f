/** `req.session.destroy`, `save` and `regenerate`: what their callbacks do comes behind what is awaited. */
import type { SyntaxNode } from '@lezer/common';
import { lineEnd } from '../fix/edit.ts';
import { type Moved, removeStatement } from './moved.ts';
import type { ModuleFacts, Range } from './read-module.ts';
import { SESSION_LINE, type Waits, WAITS } from './session-waits.ts';
import { indentOf } from './wiring.ts';

/** A sign-in, by the names that accounts are kept under; what they are given is a text or a number by its own name. */
const ACCOUNT = /^(?:user|userId|userID|user_id|username|account|accountId|uid|email|login)$/;
const ACCOUNT_VALUE = /^(?:[\w.?]+\.)?(?:id|_id|userId|user_id|uid|username|email|login)$/;

const BY_HAND: Readonly<Record<string, (of: string, account?: string) => string>> = {
  destroy: (of) => `await ${of}.signOut(); // and then what the callback did`,
  save: () => '// nothing: what was set and awaited is kept. Then what the callback did',
  regenerate: (of, account = 'user.id') =>
    `await ${of}.signIn({ account: String(${account}) }); // and then what the callback did`,
};

/** What a callback does, and by which name it asks whether something went wrong, where it does. */
interface Body {
  readonly isEmpty: boolean;
  readonly error: string | undefined;
}

/** Those of one file. */
export class SessionCalls {
  readonly #module: ModuleFacts;
  readonly #moved: Moved;
  readonly #waits: Waits;

  constructor(module: ModuleFacts, moved: Moved, waits: Waits) {
    this.#module = module;
    this.#moved = moved;
    this.#waits = waits;
  }

  /** Of `req.session.destroy(() => ...)`, the member. */
  move(member: SyntaxNode, key: string, of: string, request: string): void {
    const call = member.parent;
    const list = call?.getChild('ArgList') ?? null;
    if (call?.name !== 'CallExpression' || list === null)
      return this.#moved.leave(this.#module, member, SESSION_LINE);
    const given = list.firstChild?.nextSibling ?? null;
    const callback = given === null || given.name === ')' ? null : given;
    const statement = call.parent;
    // Behind `if (x)` one statement stands, and what is written here may be more, or none.
    const isOfBlock = /^(?:Block|Script)$/.test(statement?.parent?.name ?? '');
    const body = callback === null ? { isEmpty: true, error: undefined } : this.#bodyOf(callback, statement);
    const isDestroyed = key === 'destroy' && body !== undefined && body.error === undefined;
    const around = isDestroyed ? this.#waits.arrow(call, request) : undefined;
    if (around !== undefined && body !== undefined) {
      this.#moved.asking.add(this.#module);
      const [before, behind] = around;
      return this.#inArrow(call, body.isEmpty ? null : callback, `${before}await ${of}.signOut();`, behind);
    }
    if (statement === null || !isOfBlock || body === undefined || !this.#waits.at(call, request))
      return this.#leave(call, key, of, this.#accountIn(callback, request), WAITS);
    let done = key === 'destroy' ? `await ${of}.signOut()` : '';
    if (key === 'regenerate') {
      const account = this.#accountIn(callback, request);
      if (account === undefined) return this.#leave(call, key, of, account);
      done = `await ${of}.signIn({ account: String(${account}) })`;
    }
    this.#moved.asking.add(this.#module);
    this.#write(statement, callback, done, body);
  }

  /** `(req, res) => req.session.destroy(() => res.redirect('/'))`. */
  #inArrow(call: SyntaxNode, callback: SyntaxNode | null, before: string, behind: string): void {
    const { from, to } = call;
    const body = callback?.lastChild ?? null;
    if (body === null) return this.#moved.edit(this.#module, { from, to, text: before + behind });
    const end = body.name === 'Block' ? '' : ';';
    this.#moved.edit(
      this.#module,
      { from, to: body.from, text: `${before} ` },
      { from: body.to, to, text: end + behind },
    );
  }

  #leave(at: Range, key: string, of: string, account: string | undefined, ...more: readonly string[]): void {
    this.#moved.leave(this.#module, at, BY_HAND[key]?.(of, account) ?? SESSION_LINE, ...more);
  }

  #slice({ from, to }: Range): string {
    return this.#module.text.slice(from, to);
  }

  #write(statement: SyntaxNode, callback: SyntaxNode | null, done: string, { isEmpty, error }: Body): void {
    const { from, to } = statement;
    const body = callback?.lastChild ?? null;
    if (body === null || isEmpty) {
      this.#moved.edit(this.#module, { from, to, text: done === '' ? '' : `${done};` });
      return;
    }
    const { text } = this.#module;
    const isBlock = body.name === 'Block';
    if (error === undefined) {
      const gap = done === '' ? '' : `;${lineEnd(text)}${indentOf(text, from)}`;
      this.#moved.edit(this.#module, { from, to: body.from, text: done + gap });
    } else {
      // What went wrong is what the callback was given, and the callback decides.
      const went = done === '' ? 'undefined' : `${done}.then(() => undefined, (reason) => reason)`;
      const inner = isBlock ? ` const ${error} = ${went};` : `{ const ${error} = ${went}; `;
      this.#moved.edit(this.#module, { from, to: body.from, text: isBlock ? '' : inner });
      if (isBlock) this.#moved.edit(this.#module, { from: body.from + 1, to: body.from + 1, text: inner });
    }
    const end = isBlock ? '' : error === undefined ? ';' : '; }';
    this.#moved.edit(this.#module, { from: body.to, to, text: end });
  }

  /** Undefined where what it does depends on how it is called. */
  #bodyOf(callback: SyntaxNode, statement: SyntaxNode | null): Body | undefined {
    if (!/^(?:ArrowFunction|FunctionExpression)$/.test(callback.name)) return undefined;
    const body = callback.lastChild;
    const list = callback.getChild('ParamList');
    if (body === null || list === null) return undefined;
    const given = list.getChildren('VariableDefinition');
    let text = this.#slice(body);
    const error = given[0] === undefined ? undefined : this.#slice(given[0]);
    const usesGiven = (): boolean =>
      given.some((one) => new RegExp(`\\b${RegExp.escape(this.#slice(one))}\\b`).test(text));
    const guards = body
      .getChildren('IfStatement')
      .filter((guard) => error !== undefined && isHandedOn(this.#slice(guard), error));
    for (const guard of guards) text = text.replace(this.#slice(guard), '');
    if (callback.name === 'FunctionExpression' && /\b(?:this|arguments)\b/.test(text)) return undefined;
    if (!usesGiven() && !/\breturn\b/.test(text)) {
      // What goes wrong is thrown now, and Express hands it on.
      for (const guard of guards) this.#moved.edit(this.#module, removeStatement(this.#module, guard));
      return { isEmpty: /^(?:\{\s*\})?$/.test(text), error: undefined };
    }
    // At the end of a handler a return ends the one as it ended the other.
    const handler = statement === null ? undefined : this.#waits.handlerOf(statement);
    const isLast = statement?.nextSibling?.name === '}' && statement.parent?.parent?.from === handler?.from;
    const isPlain = given.length <= 1 && list.getChild('Equals') === null && error !== undefined;
    return isLast && isPlain && body.name === 'Block' ? { isEmpty: false, error } : undefined;
  }

  /** Of `req.session.user = user.id` within a callback, where it stands there once. */
  #accountIn(callback: SyntaxNode | null, request: string): string | undefined {
    if (callback === null) return undefined;
    const found = [
      ...this.#slice(callback).matchAll(
        new RegExp(`\\b${request}\\.session\\.(\\w+)\\s*=\\s*([^=;\\n]+?)\\s*[;\\n}]`, 'g'),
      ),
    ].filter(([, key]) => ACCOUNT.test(key ?? ''));
    const value = found[0]?.[2] ?? '';
    return found.length === 1 && ACCOUNT_VALUE.test(value) ? value : undefined;
  }
}

/** `if (error) return next(error);` */
function isHandedOn(text: string, error: string): boolean {
  const found = /^if\s*\(\s*(\w+)\s*\)\s*\{?\s*(?:return\s+)?next\(\s*(\w+)\s*\);?\s*\}?$/.exec(text);
  return found?.[1] === error && found[2] === error;
}
