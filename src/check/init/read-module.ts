/** A file of JavaScript or TypeScript as `init` asks about it: what it imports, what it calls, and exactly where. */
import type { SyntaxNode, Tree } from '@lezer/common';
import { parser } from '@lezer/javascript';

/** A part of a text. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A name that stands for something of another module. */
export interface Bound {
  readonly local: string;
  readonly source: string;
  /** `default` for all of a module: by `import x`, `import * as x` and `const x = require()` alike. */
  readonly imported: string;
}

/** A call, and what it stands in. */
export interface Called extends Range {
  /** Such as `app.listen`, as it is written. */
  readonly callee: string;
  readonly calleeRange: Range;
  readonly args: readonly Argument[];
  /** The whole statement. */
  readonly statement: Range;
  /** The statement declares a variable, exported or not, and does nothing else. */
  readonly isDeclaration: boolean;
  /** The statement stands in the file, and in no function. */
  readonly isTop: boolean;
  /** The block that the statement stands in. */
  readonly block: Range;
  /** The variable that is given what the call returns, and nothing else of it. */
  readonly variable: string | undefined;
  /** It is a statement by itself, and one of a block: behind `if (x)` or `else` another would take its place. */
  readonly isAlone: boolean;
  /** The whole statement declares one variable and gives it what the call returns, and nobody else sees that. */
  readonly isOnly: boolean;
}

/** One of a call. */
export interface Argument extends Range {
  /** Of the parser: `ObjectExpression`, `VariableName`, `ArrowFunction`, ... */
  readonly kind: string;
  readonly text: string;
  /** Of an object: its entries by name. `...` stands for what is spread. */
  readonly entries: readonly Named[];
}

/** An entry of an object. */
export interface Named extends Range {
  readonly name: string;
  readonly value: Argument | undefined;
}

/** One file. */
export interface ModuleFacts {
  readonly path: string;
  readonly text: string;
  readonly bound: readonly Bound[];
  readonly calls: readonly Called[];
  /** Every name in it. */
  readonly names: ReadonlySet<string>;
  /** How often a name is bound: twice, and it stands for another thing in some places. */
  readonly definitions: ReadonlyMap<string, number>;
  /** What it imports, exports again or requires, as it is written. */
  readonly sources: readonly string[];
  /** Where names are used, and not declared. */
  readonly uses: ReadonlyMap<string, readonly Range[]>;
  /** As the parser has it. */
  readonly top: SyntaxNode;
  readonly style: 'import' | 'require';
  /** Behind the last import. */
  readonly importsEnd: number;
  /** Import declarations and declarations by `require`, each with what it brings. */
  readonly imports: readonly (Range & { readonly source: string; readonly bound: readonly Bound[] })[];
}

const PARSERS = {
  ts: parser.configure({ dialect: 'ts' }),
  tsx: parser.configure({ dialect: 'ts jsx' }),
  js: parser.configure({ dialect: 'jsx' }),
};

/** No application's own file is longer; what is was made by a program. */
const MOST_LENGTH = 400_000;
const MOST_DEPTH = 200;

/** Reads a file; undefined where it is none that a program should change: broken, too long, too deep. */
export function readModule(path: string, text: string): ModuleFacts | undefined {
  if (text.length > MOST_LENGTH || isTooDeep(text)) return undefined;
  const dialect = /\.[cm]?ts$/.test(path) ? 'ts' : path.endsWith('.tsx') ? 'tsx' : 'js';
  const reader = new ModuleReader(text, PARSERS[dialect].parse(text));
  return reader.broken ? undefined : { path, text, ...reader.facts() };
}

function isOfBlock({ parent }: SyntaxNode): boolean {
  return parent?.name === 'Script' || parent?.name === 'Block';
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  for (const sign of text) {
    if (sign === '(' || sign === '[' || sign === '{') depth += 1;
    else if (sign === ')' || sign === ']' || sign === '}') depth -= 1;
    if (depth > MOST_DEPTH) return true;
  }
  return false;
}

class ModuleReader {
  readonly #text: string;
  readonly #bound: Bound[] = [];
  readonly #calls: Called[] = [];
  readonly #names = new Set<string>();
  readonly #definitions = new Map<string, number>();
  readonly #sources: string[] = [];
  readonly #uses = new Map<string, Range[]>();
  readonly #top: SyntaxNode;
  readonly #imports: (Range & { source: string; bound: readonly Bound[] })[] = [];
  #style: 'import' | 'require' = 'require';
  #importsEnd = 0;
  broken = false;

  constructor(text: string, tree: Tree) {
    this.#text = text;
    this.#top = tree.topNode;
    tree.iterate({
      enter: ({ node, name, type }) => {
        if (type.isError) this.broken = true;
        else if (name === 'VariableDefinition') this.#define(this.#slice(node));
        else if (name === 'VariableName') this.#use(node);
        // `{ protect }` says the name of an entry and hands over what it stands for.
        else if (name === 'PropertyDefinition' && node.nextSibling === null && node.prevSibling === null)
          this.#use(node);
        else if (name === 'ExportDeclaration' || name === 'DynamicImport') this.#source(node);
        else if (name === 'ImportDeclaration') this.#import(node);
        else if (name === 'VariableDeclaration') this.#requires(node);
        else if (name === 'CallExpression' || name === 'NewExpression') this.#call(node);
      },
    });
  }

  facts(): Omit<ModuleFacts, 'path' | 'text'> {
    return {
      bound: this.#bound,
      calls: this.#calls,
      names: this.#names,
      definitions: this.#definitions,
      sources: this.#sources,
      uses: this.#uses,
      top: this.#top,
      style: this.#style,
      importsEnd: this.#importsEnd,
      imports: this.#imports,
    };
  }

  #define(name: string): void {
    this.#names.add(name);
    this.#definitions.set(name, (this.#definitions.get(name) ?? 0) + 1);
  }

  #source(node: SyntaxNode | null): void {
    const source = this.#stringOf(node?.getChild('String') ?? null);
    if (source !== undefined) this.#sources.push(source);
  }

  #use({ from, to }: Range): void {
    const name = this.#slice({ from, to });
    this.#names.add(name);
    const uses = this.#uses.get(name);
    if (uses === undefined) this.#uses.set(name, [{ from, to }]);
    else uses.push({ from, to });
  }

  #slice({ from, to }: Range): string {
    return this.#text.slice(from, to);
  }

  #import(node: SyntaxNode): void {
    this.#style = 'import';
    this.#importsEnd = node.to;
    this.#source(node);
    const source = this.#stringOf(node.getChild('String'));
    if (source === undefined || node.getChild('type') !== null) return;
    const bound: Bound[] = [];
    const add = (local: SyntaxNode, imported: string): void =>
      void bound.push({ local: this.#slice(local), source, imported });
    for (const local of node.getChildren('VariableDefinition')) add(local, 'default');
    const group = node.getChild('ImportGroup');
    for (let at = group?.firstChild ?? null; at !== null; at = at.nextSibling) {
      if (at.name === 'VariableDefinition') add(at, this.#slice(at));
      else if (at.name === 'VariableName' && at.nextSibling?.nextSibling?.name === 'VariableDefinition') {
        add(at.nextSibling.nextSibling, this.#slice(at));
        at = at.nextSibling.nextSibling;
      }
    }
    this.#bound.push(...bound);
    this.#imports.push({ from: node.from, to: node.to, source, bound });
  }

  /** `const express = require('express')`, `const { Router } = require('express')`. */
  #requires(node: SyntaxNode): void {
    const bound: Bound[] = [];
    let declared = 0;
    let last: string | undefined;
    for (let at = node.firstChild; at !== null; at = at.nextSibling) {
      if (at.name !== 'Equals') continue;
      const [pattern, value] = [at.prevSibling, at.nextSibling];
      const source = this.#required(value);
      declared += 1;
      if (source !== undefined) last = source;
      if (source === undefined || pattern === null) continue;
      if (pattern.name === 'VariableDefinition')
        bound.push({ local: this.#slice(pattern), source, imported: 'default' });
      for (const property of pattern.getChildren('PatternProperty')) {
        const local = property.getChild('VariableDefinition');
        const name = property.getChild('PropertyName') ?? local;
        if (name !== null && local !== null)
          bound.push({ local: this.#slice(local), source, imported: this.#slice(name) });
      }
    }
    this.#bound.push(...bound);
    if (last === undefined || node.parent?.name !== 'Script') return;
    if (declared === 1) this.#imports.push({ from: node.from, to: node.to, source: last, bound });
    if (this.#style === 'require') this.#importsEnd = node.to;
  }

  #required(value: SyntaxNode | null): string | undefined {
    const callee = value?.name === 'CallExpression' ? value.firstChild : null;
    if (callee === null || this.#slice(callee) !== 'require') return undefined;
    return this.#stringOf(value?.getChild('ArgList')?.getChild('String') ?? null);
  }

  #call(node: SyntaxNode): void {
    const callee = node.name === 'NewExpression' ? node.firstChild?.nextSibling : node.firstChild;
    const list = node.getChild('ArgList');
    if (callee === null || callee === undefined || list === null) return;
    const args: Argument[] = [];
    for (let at = list.firstChild; at !== null; at = at.nextSibling)
      if (!/^(?:\(|\)|,|LineComment|BlockComment)$/.test(at.name)) args.push(this.#argument(at));
    if (this.#slice(callee) === 'require') this.#source(list);
    const given = this.#givenTo(node);
    let statement = node;
    while (statement.parent !== null && !/^(?:Script|Block)$/.test(statement.parent.name))
      statement = statement.parent;
    const block = statement.parent ?? statement;
    this.#calls.push({
      from: node.from,
      to: node.to,
      callee: this.#slice(callee),
      calleeRange: { from: callee.from, to: callee.to },
      args,
      statement: { from: statement.from, to: statement.to },
      isDeclaration: /^(?:VariableDeclaration|ExportDeclaration)$/.test(statement.name),
      isTop: block.name === 'Script',
      block: { from: block.from, to: block.to },
      variable: given,
      isAlone: node.parent?.name === 'ExpressionStatement' && isOfBlock(node.parent),
      isOnly:
        node.parent?.name === 'VariableDeclaration' &&
        isOfBlock(node.parent) &&
        node.parent.getChildren('Equals').length === 1 &&
        node.parent.getChildren(',').length === 0,
    });
  }

  /** `const app = express()`, `var app = module.exports = express()`, with `await` or without. */
  #givenTo(call: SyntaxNode): string | undefined {
    let value = call;
    while (
      value.parent?.name === 'AwaitExpression' ||
      (value.parent?.name === 'AssignmentExpression' && value.prevSibling !== null)
    )
      value = value.parent;
    if (value.parent?.name !== 'VariableDeclaration' || value.prevSibling?.name !== 'Equals')
      return undefined;
    let name = value.prevSibling.prevSibling;
    if (name?.name === 'TypeAnnotation') name = name.prevSibling;
    return name?.name === 'VariableDefinition' ? this.#slice(name) : undefined;
  }

  #argument(node: SyntaxNode): Argument {
    return {
      from: node.from,
      to: node.to,
      kind: node.name,
      text: this.#slice(node),
      entries: node.name === 'ObjectExpression' ? this.#entries(node) : [],
    };
  }

  #entries(object: SyntaxNode): readonly Named[] {
    return object.getChildren('Property').map((property) => {
      const first = property.firstChild;
      const { from, to } = property;
      if (first === null || first.name === 'Spread') return { from, to, name: '...', value: undefined };
      const name = first.name === 'String' ? (this.#stringOf(first) ?? '') : this.#slice(first);
      const last = property.lastChild;
      const isValue = last !== null && last.prevSibling?.name === ':';
      return { from, to, name, value: isValue ? this.#argument(last) : undefined };
    });
  }

  #stringOf(node: SyntaxNode | null): string | undefined {
    if (node === null) return undefined;
    const text = this.#slice(node).slice(1, -1);
    return text.includes('\\') ? undefined : text;
  }
}
