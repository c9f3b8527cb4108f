/** One file as rules ask about it: what a name stands for, over imports. */
import type { SourceFile } from '../source-file.ts';
import { ownCopy } from '../own-copy.ts';
import type { Call, Entry, Expression, Parsed, Scope } from './ast.ts';
import { Handlers } from './handlers.ts';

/** A call, and the function that it stands in. */
export interface CallAt {
  readonly call: Call;
  readonly scope: Scope;
}

const MOST_STEPS = 12;

/** Nobody calls anything else so. */
const USUAL = /^_?(?:req|request|res|response|rep|reply|c|ctx|context|h|next|done|err|error)$/;

/** A parsed file. */
export class JavaScriptFile {
  readonly source: SourceFile;
  readonly parsed: Parsed;
  #byName: Map<string, CallAt[]> | undefined;
  readonly #keys = new Map<Scope, string>();
  readonly #wholeKeys = new Map<Scope, string>();
  readonly #handlers: Handlers;

  constructor(source: SourceFile, parsed: Parsed) {
    this.source = source;
    this.parsed = parsed;
    this.#handlers = new Handlers(this);
    for (const [name, value] of parsed.exports) {
      const scope = this.functionOf(value, parsed.module);
      if (scope !== undefined) this.#keys.set(scope, name);
    }
  }

  /** Every call of functions of these names, whatever they belong to. */
  calls(...names: readonly string[]): readonly CallAt[] {
    const all = (this.#byName ??= this.#index());
    return names.flatMap((name) => all.get(name) ?? []);
  }

  /** All of them. */
  *allCalls(): Generator<CallAt> {
    for (const scope of this.parsed.scopes) for (const call of scope.calls) yield { call, scope };
  }

  /** A function's name for other files, or one that no other has. */
  keyOf(scope: Scope): string {
    const known = this.#wholeKeys.get(scope);
    if (known !== undefined) return known;
    // It outlives the text that its name stands in.
    const key = ownCopy(`${this.source.path}:${this.#keys.get(scope) ?? `${scope.name}@${scope.at}`}`);
    this.#wholeKeys.set(scope, key);
    return key;
  }

  /** What a name is given, in the nearest function that has it. */
  bindingsOf(
    id: string,
    scope: Scope,
  ): { readonly values: readonly Expression[]; readonly scope: Scope } | undefined {
    for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
      const values = at.bindings.get(id);
      if (values !== undefined) return { values, scope: at };
    }
    return undefined;
  }

  /** What an expression stands for where that is certain: names that are given one thing are followed. */
  valueOf(expression: Expression, scope: Scope): { readonly value: Expression; readonly scope: Scope } {
    let [value, at] = [expression, scope];
    for (let steps = 0; steps < MOST_STEPS && value.kind === 'name'; steps += 1) {
      const known = this.bindingsOf(value.id, at);
      const [first] = known?.values ?? [];
      if (known === undefined || first === undefined || known.values.length !== 1 || first === value) break;
      [value, at] = [first, known.scope];
    }
    return { value, scope: at };
  }

  /** As it was imported: `express.Router()`, `child_process.exec`, `@req.query`. Parameters begin with `@`. */
  path(expression: Expression, scope: Scope, steps = 0): string | undefined {
    if (steps > MOST_STEPS) return undefined;
    switch (expression.kind) {
      case 'name': {
        const known = this.bindingsOf(expression.id, scope);
        if (known === undefined) return expression.id;
        const [first] = known.values;
        if (first === undefined || first === expression) return undefined;
        // A parameter with a default is a parameter.
        if (known.values.length > 1 && first.kind !== 'parameter') return undefined;
        return first.kind === 'function' ? expression.id : this.path(first, known.scope, steps + 1);
      }
      case 'parameter':
        return `@${this.#nameOf(expression)}`;
      case 'import': {
        const from = expression.from.replace(/^node:/, '');
        return expression.name === 'default' || expression.name === '*' ? from : `${from}.${expression.name}`;
      }
      case 'member': {
        const object = this.path(expression.object, scope, steps + 1);
        if (object === undefined) return undefined;
        return expression.name === 'default' && !object.startsWith('@')
          ? object
          : `${object}.${expression.name}`;
      }
      case 'index': {
        const object = this.path(expression.object, scope, steps + 1);
        return object === undefined ? undefined : `${object}[]`;
      }
      case 'call':
        return this.#pathOfCall(expression, scope, steps);
      case 'array':
      case 'assign':
      case 'binary':
      case 'choice':
      case 'constant':
      case 'function':
      case 'object':
      case 'other':
      case 'regex':
      case 'spread':
      case 'string':
      case 'tagged':
      case 'template':
      case 'unary':
        return undefined;
    }
  }

  /** `(a, b) => b.send(a.query)` is a handler as any other; and one takes its request apart: `({ query }, reply) => ...`. */
  #nameOf({ name, scope, place }: Expression & { readonly kind: 'parameter' }): string {
    if (name !== undefined && USUAL.test(name)) return name;
    return this.#handlers.nameAt(scope, place) ?? name ?? (scope.handler && place === 0 ? 'req' : '');
  }

  #pathOfCall({ callee, args }: Call, scope: Scope, steps: number): string | undefined {
    const path = this.path(callee, scope, steps + 1);
    const [first] = args;
    if (/^(?:require|import)$/.test(path ?? '') && first?.kind === 'string')
      return first.value.replace(/^node:/, '');
    // What a function becomes that answers with promises is called as it was.
    if (/(?:^|\.)promisify(?:All)?$/.test(path ?? '') && first !== undefined)
      return this.path(first, scope, steps + 1);
    return path === undefined ? undefined : `${path}()`;
  }

  /** The function that an expression is, in this file. */
  functionOf(expression: Expression, scope: Scope): Scope | undefined {
    const { value } = this.valueOf(expression, scope);
    return value.kind === 'function' ? value.scope : undefined;
  }

  /** The entries of an object, by name; what is spread into it is unknown. */
  optionsOf(expression: Expression | undefined, scope: Scope): Options | undefined {
    if (expression === undefined) return undefined;
    const { value, scope: at } = this.valueOf(expression, scope);
    return value.kind === 'object' ? new Options(value.entries, at, this) : undefined;
  }

  /** As it is called, and as it was imported: `const run = promisify(exec)`. */
  #namesOf({ call, scope }: CallAt): ReadonlySet<string> {
    const names = new Set<string>();
    const written = lastName(call.callee);
    if (written !== undefined) names.add(written);
    if (call.callee.kind === 'name') {
      const imported = /\.(?<name>[\w$]+)$/.exec(this.path(call.callee, scope) ?? '')?.groups?.['name'];
      if (imported !== undefined) names.add(imported);
    }
    return names;
  }

  #index(): Map<string, CallAt[]> {
    const all = new Map<string, CallAt[]>();
    for (const one of this.allCalls()) {
      for (const name of this.#namesOf(one)) {
        const known = all.get(name);
        if (known === undefined) all.set(name, [one]);
        else known.push(one);
      }
    }
    return all;
  }
}

/** Options as they are written down. */
export class Options {
  readonly entries: readonly Entry[];
  readonly scope: Scope;
  readonly #file: JavaScriptFile;

  constructor(entries: readonly Entry[], scope: Scope, file: JavaScriptFile) {
    this.entries = entries;
    this.scope = scope;
    this.#file = file;
  }

  /** Something is put in that nobody can see here. */
  get open(): boolean {
    return this.entries.some(({ spread, key }) => spread || key === undefined);
  }

  entry(key: string): Entry | undefined {
    return this.entries.findLast((one) => one.key === key);
  }

  has(key: string): boolean {
    return this.entry(key) !== undefined;
  }

  /** What it is, followed through names. */
  value(key: string): Expression | undefined {
    const entry = this.entry(key);
    return entry === undefined ? undefined : this.#file.valueOf(entry.value, this.scope).value;
  }

  /** A constant or a text that is written down. */
  plain(key: string): string | number | boolean | null | undefined {
    const value = this.value(key);
    return value?.kind === 'string' || value?.kind === 'constant' ? value.value : undefined;
  }

  inner(key: string): Options | undefined {
    return this.#file.optionsOf(this.entry(key)?.value, this.scope);
  }
}

/** The last word of what is called or named. */
export function lastName(expression: Expression): string | undefined {
  if (expression.kind === 'member') return expression.name;
  if (expression.kind === 'name') return expression.id;
  return expression.kind === 'call' ? lastName(expression.callee) : undefined;
}
