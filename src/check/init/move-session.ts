/**
 * express-session: values go by name, and a change is awaited. All of an application's uses are moved, or none: two sessions side by
 * side would each have half of what it keeps.
 */
import type { SyntaxNode } from '@lezer/common';
import { requestOf } from './certain.ts';
import { exportedHandlers } from './exported-handlers.ts';
import { NO_ID } from './left-words.ts';
import { Moved } from './moved.ts';
import { moveMiddleware } from './move-middleware.ts';
import type { Edit } from '../fix/edit.ts';
import type { ModuleFacts, Range } from './read-module.ts';
import { SessionCalls } from './session-calls.ts';
import { sessionMove } from './session-mount.ts';
import { isChange, isNameOnlyRead, isOnlyRead, isTaken } from './session-reads.ts';
import { argumentsOf, isAnsweredNext, isSettled } from './session-settled.ts';
import { isPlain, plainKeys } from './session-values.ts';
import { SESSION_LINE, Waits, WAITS } from './session-waits.ts';
import { assignmentEdits, assignmentLine, changeEdits, countText } from './session-writes.ts';
import type { Found } from './wiring.ts';

const NAME = 'express-session';

/** What express-session calls by these names is no value. */
const OWN = /^(?:cookie|id|reload|resetMaxAge|touch|req)$/;
const CALLED = /^(?:destroy|save|regenerate)$/;

const BEHIND = '// behind the last line that may change it, by whatever name: it is stored as it is there';

const OWN_LINES: Readonly<Record<string, string>> = {
  cookie:
    "session: { idle: '30m', absolute: '12h' } of the policy, for everybody; accounts: { staySignedIn: '30d' } for who asks to be remembered",
  id: NO_ID,
};

/** Takes it out, or says where it stands. */
export function moveSession(
  modules: readonly ModuleFacts[],
  found: Found | undefined,
  isExpress5: boolean,
  gone: ReadonlyMap<ModuleFacts, readonly Edit[]>,
): Moved {
  const mounted = moveMiddleware(sessionMove(modules), modules, found);
  // Where it stays it is read all the same: a person is told each place, and what to write there.
  const read = mounted.isDone ? mounted : new Moved(NAME);
  for (const [module, edits] of gone) {
    const taken = edits.filter((edit) => edit.text === '');
    mounted.gone.set(module, taken);
    read.gone.set(module, taken);
  }
  const plain = plainKeys(modules);
  const keys = keysOf(modules);
  const exported = exportedHandlers(modules);
  for (const module of modules)
    new SessionReader(module, read, isExpress5, plain, keys, exported.get(module) ?? new Set()).read();
  if (read !== mounted && mounted.byHand.length > 0) mounted.byHand.push(...read.byHand);
  for (const [module, edits] of read.edits) mounted.wouldBe.set(module, edits);
  return mounted;
}

class SessionReader {
  readonly #module: ModuleFacts;
  readonly #moved: Moved;
  readonly #plain: ReadonlySet<string>;
  readonly #waits: Waits;
  readonly #calls: SessionCalls;

  constructor(
    module: ModuleFacts,
    moved: Moved,
    isExpress5: boolean,
    plain: ReadonlySet<string>,
    keys: ReadonlySet<string>,
    exported: ReadonlySet<number>,
  ) {
    this.#module = module;
    this.#moved = moved;
    this.#plain = plain;
    this.#waits = new Waits(module, moved, isExpress5, exported);
    this.#calls = new SessionCalls(module, moved, this.#waits, keys);
  }

  read(): void {
    const { path, text } = this.#module;
    // Its types know what is stored, and ours do not.
    if (/\.[cm]?tsx?$/.test(path) && /\breq(?:uest)?\.session\b/.test(text))
      return this.#leave({ from: 0, to: 0 });
    const gone = this.#moved.gone.get(this.#module) ?? [];
    this.#module.top.cursor().iterate(({ node, name }) => {
      if (name !== 'MemberExpression') return;
      const property = node.getChild('PropertyName');
      const object = node.firstChild;
      if (property === null || object === null) return;
      const request = this.#slice(object);
      if (gone.some((edit) => edit.from <= node.from && node.to <= edit.to)) return;
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

  #sliceOf(node: SyntaxNode | null): string {
    return node === null ? '' : this.#slice(node);
  }

  #leave(at: Range, ...lines: readonly string[]): void {
    this.#moved.leave(this.#module, at, ...(lines.length > 0 ? lines : [SESSION_LINE]));
  }

  #use(session: SyntaxNode, request: string): void {
    const of = `bulwark.of(${request}).session`;
    const member = session.parent;
    const property = member?.getChild('PropertyName') ?? null;
    if (member?.name !== 'MemberExpression' || property === null || member.firstChild?.from !== session.from)
      return this.#whole(session, of, request);
    const key = this.#slice(property);
    if (OWN.test(key)) return this.#leave(member, OWN_LINES[key] ?? SESSION_LINE);
    if (CALLED.test(key)) return this.#calls.move(member, key, of, request);
    const parent = member.parent;
    this.#moved.asking.add(this.#module);
    if (parent?.name === 'AssignmentExpression' && parent.firstChild?.from === member.from)
      return this.#assign(parent, key, of, request);
    if (parent?.name === 'UnaryExpression' && parent.getChild('delete') !== null)
      return this.#statement(parent, `await ${of}.delete('${key}')`, request);
    const sign = /^(\+|-)\1|(\+|-)\2$/.exec(parent === null ? '' : this.#slice(parent));
    if (parent !== null && /^(?:PostfixExpression|UnaryExpression)$/.test(parent.name) && sign !== null)
      return this.#statement(parent, countText(parent, sign[1] ?? sign[2] ?? '+', key, of).text, request);
    // What nobody can change where it lies may go anywhere.
    const isRead =
      isOnlyRead(this.#module, member, this.#slice(member)) ||
      (this.#plain.has(key) && isTaken(member)) ||
      this.#isMovedOn(member);
    if (!isRead) return this.#change(member, key, of, request);
    this.#moved.edit(this.#module, { from: member.from, to: member.to, text: `${of}.get('${key}')` });
  }

  /** `req.session.a = req.session.b`, and the answer: nobody changes either. */
  #isMovedOn({ parent, from }: SyntaxNode): boolean {
    const target = parent?.name === 'AssignmentExpression' ? parent.firstChild : null;
    const statement = parent?.parent ?? null;
    return (
      target !== null &&
      target.from !== from &&
      statement?.name === 'ExpressionStatement' &&
      /^_?req(?:uest)?\.session\.\w+$/.test(this.#slice(target)) &&
      isAnsweredNext(this.#module, statement)
    );
  }

  /** `req.session.cart.push(item);`, and nothing else of the statement. */
  #change(member: SyntaxNode, key: string, of: string, request: string): void {
    let expression = member;
    while (expression.parent !== null && expression.parent.name !== 'ExpressionStatement')
      expression = expression.parent;
    const statement = expression.parent;
    const edits =
      statement !== null &&
      isChange(this.#module, member) &&
      this.#areSettled(argumentsOf(member), statement, this.#slice(member))
        ? changeEdits(this.#module, member, statement, key, of)
        : undefined;
    if (edits !== undefined && this.#waits.at(expression, request))
      return this.#moved.edit(this.#module, ...edits);
    const putBack = `await ${of}.change('${key}', (value) => value); // with what is made of it`;
    this.#leave(member, `${of}.get('${key}') // and where that is changed: ${putBack}`);
  }

  /** `const { cart } = req.session`, `if (!req.session)`: there always is one here. */
  #whole(session: SyntaxNode, of: string, request: string): void {
    const { parent } = session;
    const pattern = session.prevSibling?.name === 'Equals' ? session.prevSibling.prevSibling : null;
    if (parent?.name === 'VariableDeclaration' && pattern?.name === 'ObjectPattern')
      return this.#pattern(pattern, session, of, request);
    if (!isCondition(this.#module, session))
      return this.#leave(session, `${of} // its get, set and delete, by the name of each value`);
    this.#moved.asking.add(this.#module);
    this.#moved.edit(this.#module, { from: session.from, to: session.to, text: of });
  }

  #pattern(pattern: SyntaxNode, session: SyntaxNode, of: string, request: string): void {
    const names = pattern.getChildren('PatternProperty').map((property) => {
      const [, key = '', local = key] = /^(\w+)(?:\s*:\s*(\w+))?$/.exec(this.#slice(property)) ?? [];
      const name = property.getChild('VariableDefinition');
      const isOwn = OWN.test(key) || CALLED.test(key);
      const isRead =
        !isOwn &&
        name !== null &&
        (this.#plain.has(key) || isNameOnlyRead(this.#module, name, `${request}.session.${key}`));
      return { text: `${local} = ${of}.get('${key}')`, isRead: isRead && key !== '' };
    });
    const text = names.map((one) => one.text).join(', ');
    const isAll = names.length > 0 && pattern.getChildren('Spread').length === 0;
    if (!isAll || !names.every(({ isRead }) => isRead))
      return this.#leave(session, isAll ? `${text} // each in the place of its name in { }` : SESSION_LINE);
    this.#moved.asking.add(this.#module);
    this.#moved.edit(this.#module, { from: pattern.from, to: session.to, text });
  }

  /** `req.session.count = value`, where that is a statement. */
  #assign(assignment: SyntaxNode, key: string, of: string, request: string): void {
    const value = assignment.lastChild;
    const edits = assignmentEdits(this.#module, assignment, key, of);
    const line = assignmentLine(this.#module, assignment, key, of);
    // What is done to it behind that would not be stored.
    const statement = assignment.parent;
    const target = `${request}.session.${key}`;
    // A sum is a text or a number whatever it is of.
    const isSum = /^(?!\|\||&&|\?\?).+=$/.test(this.#sliceOf(assignment.getChild('UpdateOp')));
    if (value === null || edits === undefined || statement === null)
      return this.#leave(assignment, line, WAITS);
    if (!isSum && !this.#areSettled([value], statement, target))
      return this.#leave(assignment, line, BEHIND, WAITS);
    if (!this.#waits.at(assignment, request)) return this.#leave(assignment, line, WAITS);
    this.#moved.edit(this.#module, ...edits);
  }

  #areSettled(values: readonly SyntaxNode[], statement: SyntaxNode, target: string): boolean {
    const isText = (one: SyntaxNode): boolean => isPlain(this.#module, one, this.#plain);
    const place = { at: statement, target, isPlain: isText };
    return (
      values.every((one) => isSettled(this.#module, one, place)) || isAnsweredNext(this.#module, statement)
    );
  }

  #statement(expression: SyntaxNode, text: string, request: string): void {
    if (!this.#waits.at(expression, request)) return this.#leave(expression, `${text};`, WAITS);
    this.#moved.edit(this.#module, { from: expression.from, to: expression.to, text });
  }
}

/** All names under which something of the session is asked for or kept, as far as they are understood; where others are, it stays. */
function keysOf(modules: readonly ModuleFacts[]): ReadonlySet<string> {
  const keys = new Set<string>();
  const add = (key = ''): void => {
    if (!OWN.test(key) && !CALLED.test(key)) keys.add(key);
  };
  for (const { text } of modules) {
    for (const [, key] of text.matchAll(/\b_?req(?:uest)?\??\.session\??\.(\w+)/g)) add(key);
    for (const [, pattern = ''] of text.matchAll(/\{([^{}]{1,400})\}\s*=\s*_?req(?:uest)?\.session\b/g))
      for (const [, key] of pattern.matchAll(/(\w+)\s*(?:[:,=]|$)/g)) add(key);
  }
  return keys;
}

/** Whether nothing is asked of it but whether it is there. */
function isCondition({ text }: ModuleFacts, { parent, from }: SyntaxNode): boolean {
  if (parent === null) return false;
  const isFirst = parent.firstChild?.from === from;
  const said = text.slice(parent.from, parent.to);
  if (parent.name === 'UnaryExpression') return said.startsWith('!');
  if (parent.name === 'ConditionalExpression') return isFirst;
  if (parent.name === 'ParenthesizedExpression') return parent.parent?.name === 'IfStatement';
  const operator = parent.name === 'BinaryExpression' ? parent.getChild('LogicOp') : null;
  return operator !== null && isFirst && text.slice(operator.from, operator.to) === '&&';
}
