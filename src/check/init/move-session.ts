/**
 * express-session: values go by name, and a change is awaited. All of an application's uses are moved, or none: two sessions side by
 * side would each have half of what it keeps.
 */
import type { SyntaxNode } from '@lezer/common';
import { lineEnd } from '../fix/edit.ts';
import { functionOf, isHandler, requestOf } from './certain.ts';
import { Moved, removeStatement } from './moved.ts';
import { isWholeSite, moveMiddleware } from './move-middleware.ts';
import type { ModuleFacts, Range } from './read-module.ts';
import { sessionLines, whyNotSession } from './session-options.ts';
import { isChangedBehind, isOnlyRead } from './session-reads.ts';
import { type Found, indentOf } from './wiring.ts';

const NAME = 'express-session';

/** What express-session calls by these names is no value. */
const OWN = /^(?:cookie|id|reload|resetMaxAge|touch|req)$/;

/** A sign-in, by the names that accounts are kept under; what they are given is a text or a number by its own name. */
const ACCOUNT = /^(?:user|userId|userID|user_id|username|account|accountId|uid|email|login)$/;
const ACCOUNT_VALUE = /^(?:[\w.?]+\.)?(?:id|_id|userId|user_id|uid|username|email|login)$/;

/** Takes it out, or says where it stands. */
export function moveSession(
  modules: readonly ModuleFacts[],
  found: Found | undefined,
  isExpress5: boolean,
): Moved {
  const mounted = moveMiddleware(
    {
      name: NAME,
      take: (options, mounts, moved) => {
        // A store is shared with other machines, maybe: which of ours has its place is for a person to say.
        if (!isWholeSite(mounts) || moved.held.has('session'))
          return { why: 'it is not mounted once, in front of everything', lines: [] };
        const lines = sessionLines(options);
        if (lines === undefined) return whyNotSession(options);
        moved.held.add('session');
        moved.sections.push(...lines);
        return undefined;
      },
      lines: [SESSION_LINE],
    },
    modules,
    found,
  );
  // Where it stays it is read all the same: a person is told each place, and what to write there.
  const read = mounted.isDone ? mounted : new Moved(NAME);
  for (const module of modules) new SessionReader(module, read, isExpress5).read();
  if (read !== mounted && mounted.byHand.length > 0) mounted.byHand.push(...read.byHand);
  for (const [module, edits] of read.edits) mounted.wouldBe.set(module, edits);
  return mounted;
}

/** Where to read on. */
export const SESSION_LINE = "sessions are the layer's: docs/guides/leaving/express-session.md";

/** Nobody waits for the promise of another function, and Express 4 waits for none. */
const WAITS = '// in an async function that is waited for; on Express 4: .catch(next)';

const BY_HAND: Readonly<Record<string, (of: string) => string>> = {
  destroy: (of) => `await ${of}.signOut(); // and then what the callback did`,
  save: () => '// nothing: what was set and awaited is kept. Then what the callback did',
  regenerate: (of) => `await ${of}.signIn({ account: String(user.id) }); // and then what the callback did`,
};

class SessionReader {
  readonly #module: ModuleFacts;
  readonly #moved: Moved;
  readonly #isExpress5: boolean;
  readonly #async = new Set<number>();

  constructor(module: ModuleFacts, moved: Moved, isExpress5: boolean) {
    this.#module = module;
    this.#moved = moved;
    this.#isExpress5 = isExpress5;
  }

  read(): void {
    const { path, text } = this.#module;
    // Its types know what is stored, and ours do not.
    if (/\.[cm]?tsx?$/.test(path) && /\breq(?:uest)?\.session\b/.test(text))
      return this.#leave({ from: 0, to: 0 });
    this.#module.top.cursor().iterate(({ node, name }) => {
      if (name !== 'MemberExpression') return;
      const property = node.getChild('PropertyName');
      const object = node.firstChild;
      if (property === null || object === null) return;
      const request = this.#slice(object);
      // What is called so may be the request of a socket: then it stays, and so does the package (left-words.ts).
      if (
        this.#slice(property) === 'session' &&
        object.name === 'VariableName' &&
        /^_?req(?:uest)?$/.test(request) &&
        requestOf(this.#module, object, request) !== undefined
      )
        this.#use(node, request);
    });
  }

  #slice({ from, to }: Range): string {
    return this.#module.text.slice(from, to);
  }

  #leave(at: Range, ...lines: readonly string[]): void {
    this.#moved.leave(this.#module, at, ...(lines.length > 0 ? lines : [SESSION_LINE]));
  }

  #use(session: SyntaxNode, request: string): void {
    const of = `bulwark.of(${request}).session`;
    const member = session.parent;
    const property = member?.getChild('PropertyName') ?? null;
    if (member?.name !== 'MemberExpression' || property === null || member.firstChild?.from !== session.from)
      return this.#leave(session, `${of} // its get, set and delete, by the name of each value`);
    const key = this.#slice(property);
    if (OWN.test(key)) return this.#leave(member);
    if (/^(?:destroy|save|regenerate)$/.test(key)) return this.#call(member, key, of, request);
    const parent = member.parent;
    this.#moved.asking.add(this.#module);
    if (parent?.name === 'AssignmentExpression' && parent.firstChild?.from === member.from)
      return this.#assign(parent, key, of, request);
    if (parent?.name === 'UnaryExpression' && parent.getChild('delete') !== null)
      return this.#statement(parent, `await ${of}.delete('${key}')`, request);
    const putBack = `await ${of}.change('${key}', (value) => value); // with what is made of it`;
    if (parent?.name === 'PostfixExpression' || parent?.name === 'UpdateOp')
      return this.#leave(member, putBack);
    if (parent?.name === 'UnaryExpression' && /^(?:\+\+|--)/.test(this.#slice(parent)))
      return this.#leave(member, putBack);
    if (!isOnlyRead(this.#module, member, this.#slice(member)))
      return this.#leave(member, `${of}.get('${key}') // and where that is changed: ${putBack}`);
    this.#moved.edit(this.#module, { from: member.from, to: member.to, text: `${of}.get('${key}')` });
  }

  /** `req.session.count = value`, where that is a statement. */
  #assign(assignment: SyntaxNode, key: string, of: string, request: string): void {
    const [target, operator, value] = [
      assignment.firstChild,
      assignment.firstChild?.nextSibling,
      assignment.lastChild,
    ];
    const isPlain = target !== null && value !== null && operator?.name === 'Equals';
    // What is done to it behind that would not be stored.
    if (!isPlain || isChangedBehind(this.#module, value) || !this.#waits(assignment, request))
      return this.#leave(assignment, `await ${of}.set('${key}', value);`, WAITS);
    this.#moved.edit(
      this.#module,
      { from: assignment.from, to: value.from, text: `await ${of}.set('${key}', ` },
      { from: value.to, to: value.to, text: ')' },
    );
  }

  #statement(expression: SyntaxNode, text: string, request: string): void {
    if (!this.#waits(expression, request)) return this.#leave(expression, `${text};`, WAITS);
    this.#moved.edit(this.#module, { from: expression.from, to: expression.to, text });
  }

  /** `req.session.destroy(() => ...)`: what comes behind follows the call. */
  #call(member: SyntaxNode, key: string, of: string, request: string): void {
    const call = member.parent;
    const list = call?.getChild('ArgList') ?? null;
    if (call?.name !== 'CallExpression' || list === null) return this.#leave(member);
    const callback = list.firstChild?.nextSibling ?? null;
    const statement = call.parent;
    const rest = callback === null || callback.name === ')' ? '' : this.#bodyOf(callback);
    // Behind `if (x)` one statement stands, and what is written here may be more, or none.
    const isOfBlock = /^(?:Block|Script)$/.test(statement?.parent?.name ?? '');
    if (statement === null || !isOfBlock || rest === undefined || !this.#waits(call, request))
      return this.#leave(call, BY_HAND[key]?.(of) ?? SESSION_LINE, WAITS);
    let done = key === 'destroy' ? `await ${of}.signOut();` : '';
    if (key === 'regenerate') {
      const account = this.#accountIn(callback, request);
      if (account === undefined) {
        this.#moved.leave(
          this.#module,
          call,
          `await ${of}.signIn({ account: String(user.id) }); // in the place of regenerate`,
        );
        return;
      }
      done = `await ${of}.signIn({ account: String(${account}) });`;
    }
    this.#moved.asking.add(this.#module);
    const { text } = this.#module;
    const gap = done === '' || rest === '' ? '' : lineEnd(text) + indentOf(text, statement.from);
    if (callback === null || rest === '' || callback.name === ')') {
      this.#moved.edit(this.#module, { from: statement.from, to: statement.to, text: done });
      return;
    }
    const body = callback.lastChild as SyntaxNode;
    const isBlock = body.name === 'Block';
    this.#moved.edit(
      this.#module,
      { from: statement.from, to: body.from, text: `${done}${gap}` },
      { from: body.to, to: statement.to, text: isBlock ? '' : ';' },
    );
  }

  /** What a callback does; undefined where that hangs on what it is given: here there is nothing to give. */
  #bodyOf(callback: SyntaxNode): string | undefined {
    if (!/^(?:ArrowFunction|FunctionExpression)$/.test(callback.name)) return undefined;
    const body = callback.lastChild;
    if (body === null) return undefined;
    const given = callback.getChild('ParamList')?.getChildren('VariableDefinition') ?? [];
    let text = this.#slice(body);
    const error = given[0] === undefined ? undefined : this.#slice(given[0]);
    // What goes wrong is thrown now, and Express hands it on.
    for (const guard of body.getChildren('IfStatement')) {
      if (error === undefined || !isHandedOn(this.#slice(guard), error)) continue;
      text = text.replace(this.#slice(guard), '');
      this.#moved.edit(this.#module, removeStatement(this.#module, guard));
    }
    const usesGiven = given.some((one) => new RegExp(`\\b${RegExp.escape(this.#slice(one))}\\b`).test(text));
    return usesGiven || /\breturn\b/.test(text) ? undefined : text;
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

  /**
   * Whether a statement may wait where it stands; the function around it is made one that does. That is one which Express itself
   * calls with this request: of any other nobody waits for the promise, and one that is refused ends the process.
   */
  #waits(expression: SyntaxNode, request: string): boolean {
    if (expression.parent?.name !== 'ExpressionStatement' || !this.#isExpress5) return false;
    let at: SyntaxNode | null = expression;
    for (; at !== null; at = at.parent) {
      if (!/^(?:ArrowFunction|FunctionExpression|FunctionDeclaration|MethodDeclaration)$/.test(at.name))
        continue;
      // What is inlined goes with the function around it.
      if (this.#isInlined(at)) continue;
      break;
    }
    if (at === null || !isHandler(this.#module, at, request)) return false;
    if (functionOf(this.#module, expression, request)?.from !== at.from) return false;
    if (at.getChild('async') !== null || this.#async.has(at.from)) return true;
    this.#async.add(at.from);
    this.#moved.edit(this.#module, { from: at.from, to: at.from, text: 'async ' });
    return true;
  }

  #isInlined(callback: SyntaxNode): boolean {
    const callee = callback.parent?.name === 'ArgList' ? callback.parent.parent?.firstChild : undefined;
    return (
      callee !== null &&
      callee !== undefined &&
      /\.session\.(?:destroy|save|regenerate)$/.test(this.#slice(callee))
    );
  }
}

/** `if (error) return next(error);` */
function isHandedOn(text: string, error: string): boolean {
  const found = /^if\s*\(\s*(\w+)\s*\)\s*\{?\s*(?:return\s+)?next\(\s*(\w+)\s*\);?\s*\}?$/.exec(text);
  return found?.[1] === error && found[2] === error;
}
