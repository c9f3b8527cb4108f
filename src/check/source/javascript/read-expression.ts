/** Expressions out of the parser's tree. */
import type { SyntaxNode } from '@lezer/common';
import type { Call, Entry, Expression, Scope } from './ast.ts';

/** What is told of on the way. */
export interface Listener {
  readonly onCall: (call: Call, scope: Scope) => void;
  readonly onObject: (object: Expression & { readonly kind: 'object' }) => void;
  readonly onFunction: (node: SyntaxNode, scope: Scope, name: string | undefined) => Scope;
  readonly onBroken: (at: number) => void;
}

const MOST_DEPTH = 600;
const TYPE = /^(?:as|satisfies)$/;
/** What stands between operands. */
const OPERATOR = /Op$|^(?:in|instanceof|as|satisfies)$/;

/** Reads them, and notes calls and objects by the way. */
export class Reader {
  readonly #text: string;
  readonly #to: Listener;
  #depth = 0;

  constructor(text: string, listener: Listener) {
    this.#text = text;
    this.#to = listener;
  }

  /** What a node is; a function that it is gets the name. */
  read(node: SyntaxNode, scope: Scope, name?: string): Expression {
    this.#depth += 1;
    try {
      if (this.#depth > MOST_DEPTH) {
        this.#to.onBroken(node.from);
        return { kind: 'other', at: node.from, parts: [] };
      }
      return this.#read(node, scope, name);
    } finally {
      this.#depth -= 1;
    }
  }

  #read(node: SyntaxNode, scope: Scope, name: string | undefined): Expression {
    const { from: at } = node;
    switch (node.name) {
      case 'VariableName':
      case 'VariableDefinition':
      case 'this':
      case 'super':
        return { kind: 'name', at, id: this.#slice(node) };
      case 'String':
        return { kind: 'string', at, value: unescaped(this.#slice(node).slice(1, -1)) };
      case 'Number':
        return { kind: 'constant', at, value: Number(this.#slice(node).replaceAll('_', '')) };
      case 'BooleanLiteral':
        return { kind: 'constant', at, value: this.#slice(node) === 'true' };
      case 'null':
        return { kind: 'constant', at, value: null };
      case 'RegExp':
        return { kind: 'regex', at, text: this.#slice(node) };
      case 'TemplateString':
        return this.#template(node, scope);
      case 'MemberExpression':
        return this.#member(node, scope);
      case 'CallExpression':
      case 'NewExpression':
      case 'DynamicImport':
        return this.#call(node, scope);
      case 'ObjectExpression':
        return this.#object(node, scope);
      case 'ArrayExpression':
        return { kind: 'array', at, items: this.#list(node, scope) };
      case 'ArrowFunction':
      case 'FunctionExpression':
        return { kind: 'function', at, scope: this.#to.onFunction(node, scope, name) };
      case 'ClassDeclaration':
      case 'ClassExpression':
        return this.#class(node, scope);
      case 'BinaryExpression':
        return this.#binary(node, scope);
      case 'ConditionalExpression':
        return this.#choice(node, scope);
      case 'AssignmentExpression':
        return this.#assign(node, scope, name);
      case 'UnaryExpression': {
        const [operator, value] = [node.firstChild, node.lastChild];
        if (operator === null || value === null || operator === value) return this.#other(node, scope);
        return { kind: 'unary', at, operator: this.#slice(operator), value: this.read(value, scope) };
      }
      case 'TaggedTemplateExpression': {
        const [tag, text] = [node.firstChild, node.getChild('TemplateString')];
        if (tag === null || text === null) return this.#other(node, scope);
        const template = this.#template(text, scope);
        return {
          kind: 'tagged',
          at,
          tag: this.read(tag, scope),
          parts: template.kind === 'template' ? template.parts : [],
        };
      }
      case 'ParenthesizedExpression':
      case 'AwaitExpression':
      case 'YieldExpression':
      case 'PostfixExpression':
      case 'PrefixCast': {
        const inner = this.#operands(node).at(node.name === 'PostfixExpression' ? 0 : -1);
        return inner === undefined ? this.#other(node, scope) : this.read(inner, scope, name);
      }
      case 'SequenceExpression': {
        const parts = this.#operands(node).map((one) => this.read(one, scope));
        return parts.at(-1) ?? { kind: 'other', at, parts: [] };
      }
      default:
        return this.#other(node, scope);
    }
  }

  /** Children that are neither punctuation nor words nor types. */
  #operands(node: SyntaxNode): readonly SyntaxNode[] {
    const found: SyntaxNode[] = [];
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      if (child.name === '\u26a0') this.#to.onBroken(child.from);
      else if (
        /^(?:[^A-Za-z]|await|yield|Star|Spread|Arrow|async|new$|LineComment|BlockComment|\w*Op$|Type\w*$|\w*Type$)/.test(
          child.name,
        )
      )
        continue;
      else found.push(child);
    }
    return found;
  }

  #list(node: SyntaxNode, scope: Scope): readonly Expression[] {
    const items: Expression[] = [];
    let spread = false;
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      if (child.name === '\u26a0') this.#to.onBroken(child.from);
      if (child.name === 'Spread') spread = true;
      else if (/^[A-Za-z]/.test(child.name) && !child.name.endsWith('Comment')) {
        const value = this.read(child, scope);
        items.push(spread ? { kind: 'spread', at: child.from, value } : value);
        spread = false;
      }
    }
    return items;
  }

  #template(node: SyntaxNode, scope: Scope): Expression {
    const parts: Expression[] = [];
    let from = node.from + 1;
    const text = (to: number): void => {
      if (to > from) parts.push({ kind: 'string', at: from, value: unescaped(this.#text.slice(from, to)) });
    };
    for (const hole of node.getChildren('Interpolation')) {
      text(hole.from);
      const inner = this.#operands(hole).find(({ name }) => !name.startsWith('Interpolation'));
      if (inner !== undefined) parts.push(this.read(inner, scope));
      from = hole.to;
    }
    text(node.to - 1);
    const [only] = parts;
    if (parts.length === 0) return { kind: 'string', at: node.from, value: '' };
    return only?.kind === 'string' && parts.length === 1
      ? { ...only, at: node.from }
      : { kind: 'template', at: node.from, parts };
  }

  #member(node: SyntaxNode, scope: Scope): Expression {
    const { firstChild: first, lastChild: last } = node;
    const { from: at } = node;
    if (first === null || last === null) return this.#other(node, scope);
    const object = this.read(first, scope);
    if (last.name !== ']') return { kind: 'member', at, object, name: this.#slice(last) };
    const inside = last.prevSibling;
    if (inside === null || inside === first) return this.#other(node, scope);
    const index = this.read(inside, scope);
    return index.kind === 'string'
      ? { kind: 'member', at, object, name: index.value }
      : { kind: 'index', at, object, index };
  }

  #call(node: SyntaxNode, scope: Scope): Expression {
    const isNew = node.name === 'NewExpression';
    const first = isNew ? node.getChild('new')?.nextSibling : node.firstChild;
    const list = node.getChild('ArgList');
    const { from: at } = node;
    if (!first) return this.#other(node, scope);
    const callee: Expression =
      node.name === 'DynamicImport' ? { kind: 'name', at, id: 'import' } : this.read(first, scope);
    const args =
      list === null
        ? node.name === 'DynamicImport'
          ? this.#list(node, scope).slice(1)
          : []
        : this.#list(list, scope);
    const call: Call = { kind: 'call', at, callee, args, isNew };
    this.#to.onCall(call, scope);
    return call;
  }

  #object(node: SyntaxNode, scope: Scope): Expression {
    const entries: Entry[] = [];
    for (const property of node.getChildren('Property')) {
      const entry = this.#entry(property, scope);
      if (entry !== undefined) entries.push(entry);
    }
    const object: Expression & { readonly kind: 'object' } = { kind: 'object', at: node.from, entries };
    this.#to.onObject(object);
    return object;
  }

  #entry(property: SyntaxNode, scope: Scope): Entry | undefined {
    const { from: at } = property;
    const named =
      property.getChild('PropertyDefinition') ?? property.getChild('String') ?? property.getChild('Number');
    const text = named === null || property.getChild('[') !== null ? undefined : this.#slice(named);
    const key = named?.name === 'String' ? text?.slice(1, -1) : text;
    if (property.getChild('Block') !== null || property.getChild('ParamList') !== null) {
      const own = this.#to.onFunction(property, scope, key);
      return { at, key, value: { kind: 'function', at, scope: own }, spread: false };
    }
    const spread = property.getChild('Spread') !== null;
    const colon = property.getChild(':')?.nextSibling;
    if (colon) return { at, key, value: this.read(colon, scope, key), spread: false };
    if (spread) {
      const value = property.getChild('Spread')?.nextSibling;
      return value ? { at, key: undefined, value: this.read(value, scope), spread } : undefined;
    }
    return key === undefined ? undefined : { at, key, value: { kind: 'name', at, id: key }, spread };
  }

  #class(node: SyntaxNode, scope: Scope): Expression {
    const body = node.getChild('ClassBody');
    const parts: Expression[] = [];
    for (let child = body?.firstChild ?? null; child !== null; child = child.nextSibling) {
      if (child.name === 'MethodDeclaration') {
        parts.push({ kind: 'function', at: child.from, scope: this.#to.onFunction(child, scope, undefined) });
      } else if (child.name === 'PropertyDeclaration') {
        const value = child.getChild('Equals')?.nextSibling;
        const key = child.getChild('PropertyDefinition') ?? child.getChild('PrivatePropertyDefinition');
        if (value) parts.push(this.read(value, scope, key === null ? undefined : this.#slice(key)));
      } else if (child.name === '\u26a0') this.#to.onBroken(child.from);
    }
    return { kind: 'other', at: node.from, parts };
  }

  #binary(node: SyntaxNode, scope: Scope): Expression {
    const { firstChild: left, lastChild: right } = node;
    let operator: SyntaxNode | null = left;
    while (operator !== null && !OPERATOR.test(operator.name)) operator = operator.nextSibling;
    if (left === null || right === null || operator === null) return this.#other(node, scope);
    const word = this.#slice(operator);
    if (TYPE.test(word)) return this.read(left, scope);
    return {
      kind: 'binary',
      at: node.from,
      operator: word,
      left: this.read(left, scope),
      right: this.read(right, scope),
    };
  }

  #choice(node: SyntaxNode, scope: Scope): Expression {
    const [test, yes, no] = this.#operands(node);
    if (test === undefined || yes === undefined || no === undefined) return this.#other(node, scope);
    const asked = this.read(test, scope);
    scope.tests.push(asked);
    return {
      kind: 'choice',
      at: node.from,
      test: asked,
      yes: this.read(yes, scope),
      no: this.read(no, scope),
    };
  }

  #assign(node: SyntaxNode, scope: Scope, name: string | undefined): Expression {
    const { firstChild: left, lastChild: right } = node;
    if (left === null || right === null) return this.#other(node, scope);
    const target = this.read(left, scope);
    const own = target.kind === 'member' ? target.name : target.kind === 'name' ? target.id : name;
    const value = this.read(right, scope, own);
    scope.assignments.push({ target, value, at: node.from });
    if (target.kind === 'name') {
      for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
        const known = at.bindings.get(target.id);
        if (known === undefined && at.parent !== undefined) continue;
        if (known === undefined) at.bindings.set(target.id, [value]);
        else if (known.length < 40) known.push(value);
        break;
      }
    }
    return { kind: 'assign', at: node.from, target, value };
  }

  #other(node: SyntaxNode, scope: Scope): Expression {
    const parts: Expression[] = [];
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      if (child.name === '\u26a0') this.#to.onBroken(child.from);
      else if (/^[A-Z]/.test(child.name) && !/Type|Comment|Definition$/.test(child.name))
        parts.push(this.read(child, scope));
    }
    return { kind: 'other', at: node.from, parts };
  }

  #slice({ from, to }: SyntaxNode): string {
    return this.#text.slice(from, to);
  }
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(
    /\\(?:u\{(?<long>[\da-f]{1,6})\}|u(?<short>[\da-f]{4})|x(?<byte>[\da-f]{2})|(?<one>[\s\S]))/gi,
    (...all) => {
      const {
        long,
        short,
        byte,
        one = '',
      } = (all.at(-1) ?? {}) as Readonly<Record<string, string | undefined>>;
      const code = Number.parseInt(long ?? short ?? byte ?? 'g', 16);
      if (!Number.isNaN(code)) return code <= 0x10_ff_ff ? String.fromCodePoint(code) : '';
      return one === 'n' ? '\n' : one === 't' ? '\t' : one === 'r' ? '\r' : one === '\n' ? '' : one;
    },
  );
}
