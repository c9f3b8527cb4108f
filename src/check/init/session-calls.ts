/** `req.session.destroy`, `save` and `regenerate`: what their callbacks do comes behind what is awaited. */
import type { SyntaxNode } from '@lezer/common';
import { lineEnd } from '../fix/edit.ts';
import { type Moved, removeStatement } from './moved.ts';
import type { ModuleFacts, Range } from './read-module.ts';
import { accountsIn, type Body, bodyOf, isFirstDone } from './session-callbacks.ts';
import { SESSION_LINE, type Waits, WAITS } from './session-waits.ts';
import { indentOf } from './wiring.ts';

/** More than these nobody copies from a terminal. */
const MOST_KEYS = 5;

const BY_HAND: Readonly<Record<string, (of: string, account?: string) => string>> = {
  destroy: (of) => `await ${of}.signOut(); // and then what the callback did`,
  save: () => '// nothing: what was set and awaited is kept. Then what the callback did',
  regenerate: (of, account = 'user.id') =>
    `await ${of}.signIn({ account: String(${account}) }); // and then what the callback did`,
};

/** Those of one file. */
export class SessionCalls {
  readonly #module: ModuleFacts;
  readonly #moved: Moved;
  readonly #waits: Waits;
  readonly #keys: ReadonlySet<string>;

  /** `keys` are all that the application keeps something under. */
  constructor(module: ModuleFacts, moved: Moved, waits: Waits, keys: ReadonlySet<string>) {
    this.#keys = keys;
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
    const body =
      callback === null ? { isEmpty: true } : bodyOf(this.#module, this.#waits, callback, call, request);
    const isDestroyed = key === 'destroy' && body !== undefined && body.error === undefined;
    const around = isDestroyed ? this.#waits.arrow(call, request) : undefined;
    if (around !== undefined && body !== undefined) {
      this.#moved.asking.add(this.#module);
      const [before, behind] = around;
      this.#removeGuard(body);
      return this.#inArrow(call, body.isEmpty ? null : callback, `${before}await ${of}.signOut();`, behind);
    }
    const said = accountsIn(this.#module, callback, request);
    const [first] = said.length === 1 ? said : [];
    if (statement === null || !isOfBlock || body === undefined || !this.#waits.at(call, request))
      return this.#leave(call, key, of, first?.value, WAITS);
    let done = key === 'destroy' ? `await ${of}.signOut()` : '';
    if (key === 'regenerate') {
      const others = [...this.#keys].filter((one) => one !== first?.key);
      const isWhole = others.length === 0 || (others.length <= MOST_KEYS && body.error === undefined);
      if (first === undefined || !isFirstDone(this.#module, callback, first) || !isWhole)
        return this.#leave(
          call,
          key,
          of,
          first?.value,
          ...others
            .slice(0, MOST_KEYS)
            .map((one) => `await ${of}.delete('${one}'); // regenerate drops it, and signIn keeps it`),
        );
      // What regenerate forgets is forgotten here by its name.
      const drops = others.map((one) => `await ${of}.delete('${one}'); `);
      done = `${drops.join('')}await ${of}.signIn({ account: String(${first.value}) })`;
    }
    this.#removeGuard(body);
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

  #write(statement: SyntaxNode, callback: SyntaxNode | null, done: string, { isEmpty, error }: Body): void {
    const { from, to } = statement;
    const body = callback?.lastChild ?? null;
    if (body === null || isEmpty) {
      const none = removeStatement(this.#module, statement);
      this.#moved.edit(this.#module, done === '' ? none : { from, to, text: `${done};` });
      return;
    }
    const { text } = this.#module;
    const isBlock = body.name === 'Block';
    if (error === undefined) {
      // `(a ?? b)(c)` would go on with the line before.
      const gap = done === '' ? (isBlock ? '' : ';') : `;${lineEnd(text)}${indentOf(text, from)}`;
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

  #removeGuard({ guard, isEmpty }: Body): void {
    if (guard !== undefined && !isEmpty) this.#moved.edit(this.#module, removeStatement(this.#module, guard));
  }
}
