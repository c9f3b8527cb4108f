/** Turns JavaScript and TypeScript into scopes. The parser goes on behind what it does not know, and says where that was. */
import type { SyntaxNode, Tree } from '@lezer/common';
import { parser } from '@lezer/javascript';
import type { Call, Entry, Expression, Parsed, Scope } from './ast.ts';
import { Reader } from './read-expression.ts';

/** Why a file was not read. */
export type NotParsed = { readonly why: string };

const MOST_MS = 4000;
const MOST_DEPTH = 200;

/** What is called to say who answers. */
const ROUTES = /^(?:get|post|put|delete|patch|all|use|head|options|route|addHook|on|openapi)$/;

const PARSERS = {
  ts: parser.configure({ dialect: 'ts' }),
  tsx: parser.configure({ dialect: 'ts jsx' }),
  js: parser.configure({ dialect: 'jsx' }),
};

/** Parses one file. */
export function parseJavaScript(path: string, text: string): Parsed | NotParsed {
  if (isTooDeep(text)) return { why: `brackets in brackets, more than ${MOST_DEPTH} deep` };
  const dialect = /\.[cm]?ts$/.test(path) ? 'ts' : path.endsWith('.tsx') ? 'tsx' : 'js';
  const tree = parseWithin(PARSERS[dialect], text);
  if (tree === undefined) return { why: `its parser took more than ${MOST_MS / 1000} seconds` };
  return new FileReader(text).read(tree.topNode);
}

/** What is built out of brackets takes a parser more than a time for each. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x28 || code === 0x5b || code === 0x7b) depth += 1;
    else if ((code === 0x29 || code === 0x5d || code === 0x7d) && depth > 0) depth -= 1;
    if (depth > MOST_DEPTH) return true;
  }
  return false;
}

function parseWithin(with_: typeof parser, text: string): Tree | undefined {
  const parse = with_.startParse(text);
  const end = performance.now() + MOST_MS;
  for (let step = 0; ; step += 1) {
    const tree = parse.advance();
    if (tree !== null) return tree;
    if (step % 500 === 0 && performance.now() > end) return undefined;
  }
}

/** Walks statements; expressions are {@link Reader}'s. */
class FileReader {
  readonly #text: string;
  readonly #scopes: Scope[] = [];
  readonly #exports = new Map<string, Expression>();
  readonly #objects: (Expression & { readonly kind: 'object' })[] = [];
  readonly #expressions: Reader;
  #broken: number | undefined;

  constructor(text: string) {
    this.#text = text;
    this.#expressions = new Reader(text, {
      onCall: (call, scope) => this.#noteCall(call, scope),
      onObject: (object) => this.#objects.push(object),
      onFunction: (node, scope, name) => this.#functionOf(node, scope, name),
      onBroken: (at) => this.#break(at),
    });
  }

  read(top: SyntaxNode): Parsed {
    const module = this.#scope('', top, undefined, 0);
    this.#statements(top, module);
    return {
      module,
      scopes: this.#scopes,
      exports: this.#exports,
      objects: this.#objects,
      broken: this.#broken,
    };
  }

  #break(at: number): void {
    this.#broken ??= at;
  }

  #scope(name: string, { from, to }: SyntaxNode, parent: Scope | undefined, parameters: number): Scope {
    const scope: Scope = {
      name,
      at: from,
      end: to,
      parent,
      handler: false,
      bindings: new Map(),
      parameters,
      returns: [],
      calls: [],
      assignments: [],
      tests: [],
    };
    this.#scopes.push(scope);
    return scope;
  }

  #noteCall(call: Call, scope: Scope): void {
    scope.calls.push(call);
    if (call.callee.kind !== 'member' || !ROUTES.test(call.callee.name)) return;
    for (const arg of call.args) {
      if (arg.kind === 'function') arg.scope.handler = true;
    }
  }

  #functionOf(node: SyntaxNode, parent: Scope, given: string | undefined): Scope {
    const list = node.getChild('ParamList');
    const name = node.getChild('VariableDefinition') ?? node.getChild('PropertyDefinition');
    const scope = this.#scope(
      given ?? (name === null ? '' : this.#slice(name)),
      node,
      parent,
      list === null ? 0 : 20,
    );
    if (list !== null) this.#parameters(list, scope);
    const body = node.getChild('Block');
    if (body !== null) this.#statements(body, scope);
    else {
      const last = node.lastChild;
      if (last !== null && node.name === 'ArrowFunction' && last.name !== 'Arrow')
        scope.returns.push(this.#expression(last, scope));
    }
    return scope;
  }

  #parameters(list: SyntaxNode, scope: Scope): void {
    let place = 0;
    for (let child = list.firstChild; child !== null; child = child.nextSibling) {
      if (child.name === ',') place += 1;
      if (!/^(?:VariableDefinition|ObjectPattern|ArrayPattern)$/.test(child.name)) continue;
      const name = child.name === 'VariableDefinition' ? this.#slice(child) : undefined;
      this.#bind(child, { kind: 'parameter', at: child.from, scope, place, name }, scope);
      const next =
        child.nextSibling?.name === 'TypeAnnotation' ? child.nextSibling.nextSibling : child.nextSibling;
      if (next?.name === 'Equals' && next.nextSibling !== null && name !== undefined)
        push(scope.bindings, name, this.#expression(next.nextSibling, scope));
    }
  }

  /** Binds every name of a pattern to its part of a value. */
  #bind(pattern: SyntaxNode, value: Expression, scope: Scope): void {
    const { from: at } = pattern;
    if (pattern.name === 'VariableDefinition' || pattern.name === 'VariableName') {
      push(scope.bindings, this.#slice(pattern), value);
    } else if (pattern.name === 'ArrayPattern') {
      let place = 0;
      for (let child = pattern.firstChild; child !== null; child = child.nextSibling) {
        if (child.name === ',') place += 1;
        else if (/Definition$|Pattern$/.test(child.name))
          this.#bind(
            child,
            { kind: 'index', at, object: value, index: { kind: 'constant', at, value: place } },
            scope,
          );
      }
    } else if (pattern.name === 'ObjectPattern') {
      for (const property of pattern.getChildren('PatternProperty'))
        this.#bindProperty(property, value, scope);
    }
  }

  #bindProperty(property: SyntaxNode, value: Expression, scope: Scope): void {
    const { from: at } = property;
    const key = property.getChild('PropertyName');
    const inner =
      property.getChild('VariableDefinition') ??
      property.getChild('ObjectPattern') ??
      property.getChild('ArrayPattern');
    if (inner === null) return;
    if (property.getChild('Spread') !== null) this.#bind(inner, value, scope);
    else this.#bind(inner, { kind: 'member', at, object: value, name: this.#slice(key ?? inner) }, scope);
    const equals = property.getChild('Equals');
    if (equals?.nextSibling && inner.name === 'VariableDefinition')
      push(scope.bindings, this.#slice(inner), this.#expression(equals.nextSibling, scope));
  }

  #statements(block: SyntaxNode, scope: Scope): void {
    for (let node = block.firstChild; node !== null; node = node.nextSibling) this.#statement(node, scope);
  }

  #statement(node: SyntaxNode, scope: Scope): void {
    switch (node.name) {
      case 'VariableDeclaration':
        return this.#declaration(node, scope);
      case 'ReturnStatement': {
        const value = node.firstChild?.nextSibling;
        if (value && value.name !== ';') scope.returns.push(this.#expression(value, scope));
        return undefined;
      }
      case 'FunctionDeclaration': {
        const name = node.getChild('VariableDefinition');
        const own = this.#functionOf(node, scope, undefined);
        if (name !== null)
          push(scope.bindings, this.#slice(name), { kind: 'function', at: node.from, scope: own });
        return undefined;
      }
      case 'ClassDeclaration':
        this.#expression(node, scope);
        return undefined;
      case 'ImportDeclaration':
        return this.#import(node, scope);
      case 'ExportDeclaration':
        return this.#export(node, scope);
      case 'IfStatement':
      case 'WhileStatement':
      case 'DoStatement': {
        const test = node.getChild('ParenthesizedExpression');
        if (test !== null) scope.tests.push(this.#expression(test, scope));
        for (let child = node.firstChild; child !== null; child = child.nextSibling)
          if (child.name !== 'ParenthesizedExpression') this.#statement(child, scope);
        return undefined;
      }
      case 'ForOfSpec':
      case 'ForInSpec': {
        const target =
          node.getChild('VariableDefinition') ??
          node.getChild('ObjectPattern') ??
          node.getChild('ArrayPattern');
        const last = node.getChild('of')?.nextSibling ?? node.getChild('in')?.nextSibling;
        if (!last) return undefined;
        const value = this.#expression(last, scope);
        const each: Expression = { kind: 'index', at: node.from, object: value, index: value };
        if (target !== null && node.name === 'ForOfSpec') this.#bind(target, each, scope);
        return undefined;
      }
      case 'ExpressionStatement': {
        const value = node.firstChild;
        if (value !== null) this.#effect(this.#expression(value, scope));
        return undefined;
      }
      case '\u26a0':
        return this.#break(node.from);
      default:
        return this.#inside(node, scope);
    }
  }

  /** Blocks, loops, switches: statements within; what else stands there is an expression. */
  #inside(node: SyntaxNode, scope: Scope): void {
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      if (
        /Statement$|Declaration$|^(?:Block|ForSpec|ForOfSpec|ForInSpec|SwitchBody|CatchClause|FinallyClause)$/.test(
          child.name,
        )
      )
        this.#statement(child, scope);
      else if (child.name === '\u26a0') this.#break(child.from);
      else if (/Expression$|^(?:ParenthesizedExpression|TemplateString)$/.test(child.name))
        this.#expression(child, scope);
    }
  }

  #declaration(node: SyntaxNode, scope: Scope): void {
    let pattern: SyntaxNode | undefined;
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      if (child.name === '\u26a0') this.#break(child.from);
      if (/^(?:VariableDefinition|ObjectPattern|ArrayPattern)$/.test(child.name)) pattern = child;
      else if (child.name === 'Equals' && child.nextSibling !== null && pattern !== undefined) {
        const name = pattern.name === 'VariableDefinition' ? this.#slice(pattern) : undefined;
        const value = this.#expression(child.nextSibling, scope, name);
        this.#bind(pattern, value, scope);
        if (name !== undefined)
          scope.assignments.push({
            target: { kind: 'name', at: pattern.from, id: name },
            value,
            at: pattern.from,
          });
      }
    }
  }

  #import(node: SyntaxNode, scope: Scope): void {
    const string = node.getChild('String');
    if (string === null) return;
    const from = this.#slice(string).slice(1, -1);
    const { from: at } = node;
    for (const one of node.getChildren('VariableDefinition')) {
      const star = one.prevSibling?.name === 'as';
      push(scope.bindings, this.#slice(one), { kind: 'import', at, from, name: star ? '*' : 'default' });
    }
    const group = node.getChild('ImportGroup');
    for (let child = group?.firstChild ?? null; child !== null; child = child.nextSibling) {
      if (child.name !== 'VariableDefinition') continue;
      const original = child.prevSibling?.name === 'as' ? child.prevSibling.prevSibling : undefined;
      push(scope.bindings, this.#slice(child), {
        kind: 'import',
        at,
        from,
        name: this.#slice(original ?? child),
      });
    }
  }

  #export(node: SyntaxNode, scope: Scope): void {
    const declared =
      node.getChild('VariableDeclaration') ??
      node.getChild('FunctionDeclaration') ??
      node.getChild('ClassDeclaration');
    const isDefault = node.getChild('default') !== null;
    const group = node.getChild('ExportGroup');
    if (declared !== null) {
      this.#statement(declared, scope);
      for (const name of declared.getChildren('VariableDefinition')) {
        const id = this.#slice(name);
        this.#exports.set(isDefault ? 'default' : id, { kind: 'name', at: name.from, id });
      }
    } else if (group !== null) {
      for (const one of group.getChildren('VariableName')) {
        const id = this.#slice(one);
        const as = one.prevSibling?.name === 'as';
        if (!as) this.#exports.set(id, { kind: 'name', at: one.from, id });
        else {
          const original = one.prevSibling?.prevSibling;
          if (original) this.#exports.set(id, { kind: 'name', at: one.from, id: this.#slice(original) });
        }
      }
    } else if (isDefault) {
      const value = node.getChild('default')?.nextSibling;
      if (value) this.#exports.set('default', this.#expression(value, scope, 'default'));
    }
  }

  /** `module.exports = ...`, `exports.name = ...`. */
  #effect(expression: Expression): void {
    if (expression.kind !== 'assign' || expression.target.kind !== 'member') return;
    const { object, name } = expression.target;
    const { value } = expression;
    const ofModule = object.kind === 'name' && object.id === 'module' && name === 'exports';
    const ofExports =
      (object.kind === 'name' && object.id === 'exports') ||
      (object.kind === 'member' &&
        object.name === 'exports' &&
        object.object.kind === 'name' &&
        object.object.id === 'module');
    if (ofModule) {
      this.#exports.set('default', value);
      if (value.kind === 'object') this.#exportAll(value.entries);
    } else if (ofExports) this.#exports.set(name, value);
  }

  #exportAll(entries: readonly Entry[]): void {
    for (const { key, value } of entries) if (key !== undefined) this.#exports.set(key, value);
  }

  #expression(node: SyntaxNode, scope: Scope, name?: string): Expression {
    return this.#expressions.read(node, scope, name);
  }

  #slice({ from, to }: SyntaxNode): string {
    return this.#text.slice(from, to);
  }
}

function push(bindings: Map<string, Expression[]>, name: string, value: Expression): void {
  const known = bindings.get(name);
  if (known === undefined) bindings.set(name, [value]);
  else if (known.length < 40) known.push(value);
}
