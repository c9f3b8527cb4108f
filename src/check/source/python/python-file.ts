/** One parsed file: who calls what where, and what a name means. */
import type { SourceFile } from '../source-file.ts';
import { aliasesIn, mentions } from './aliases.ts';
import type { Assignment, Call, Expression, ImportedName, Module, Scope } from './ast.ts';
import type { Origin } from './flow-book.ts';
import type { PythonProject } from './project.ts';
import { FunctionKeys } from './function-keys.ts';
import { brought } from './star-imports.ts';

/** A call, and the scope that it stands in. */
export interface CallSite {
  readonly call: Call;
  readonly scope: Scope;
}

/** What a name means where it is used. */
export type Binding =
  | { readonly kind: 'import'; readonly imported: ImportedName }
  | { readonly kind: 'parameter'; readonly scope: Scope; readonly place: number }
  | { readonly kind: 'assigned'; readonly scope: Scope; readonly assignments: readonly Assignment[] }
  | { readonly kind: 'defined'; readonly scope: Scope };

/** An expression, and where to look up the names in it. */
export interface Located {
  readonly file: PythonFile;
  readonly expression: Expression;
  readonly scope: Scope;
}

/** From file to file, and from alias to alias: whoever wrote more did not want to be understood. */
const MOST_STEPS = 8;

/** A parsed file. */
export class PythonFile {
  readonly source: SourceFile;
  readonly module: Module;
  readonly project: PythonProject;
  /** All scopes, outer ones first. */
  readonly scopes: readonly Scope[];
  #named: ReadonlyMap<string, readonly CallSite[]> | undefined;
  #aliased: ReadonlyMap<string, readonly CallSite[]> | undefined;
  /** What is known of its expressions: gone with the file. Weak maps of so many cost a collector more than they save. */
  readonly origins: Readonly<Record<'whole' | 'leading', Map<Expression, readonly Origin[]>>> = {
    whole: new Map(),
    leading: new Map(),
  };
  readonly functions: FunctionKeys;
  readonly #paths = new Map<Expression, string | undefined>();
  readonly #stars = new Map<string, string | undefined>();
  readonly #bindings = new Map<Scope, Map<string, Binding>>();

  constructor(source: SourceFile, module: Module, project: PythonProject) {
    this.source = source;
    this.module = module;
    this.project = project;
    this.functions = new FunctionKeys(source.path);
    const scopes = [module.scope];
    for (const scope of scopes) scopes.push(...scope.scopes);
    this.scopes = scopes;
  }

  get #calls(): ReadonlyMap<string, readonly CallSite[]> {
    return (this.#named ??= callsByName(this.scopes));
  }

  /** Calls of functions and methods by their last name, in the order of scopes. */
  calls(...names: readonly string[]): readonly CallSite[] {
    const aliased = (this.#aliased ??= this.#lookForAliases());
    return names.flatMap((name) => (this.#calls.get(name) ?? []).concat(aliased.get(name) ?? []));
  }

  /** `sy = os.system; sy(x)` is a call of `system`, too. */
  #lookForAliases(): ReadonlyMap<string, readonly CallSite[]> {
    const found = new Map<string, CallSite[]>();
    for (const alias of aliasesIn(this.scopes)) {
      for (const site of this.#calls.get(alias) ?? []) {
        if (site.call.callee.kind !== 'name') continue;
        const path = this.path(site.call.callee, site.scope) ?? '';
        const meant = /(?:^|\.)(?<last>\w+)$/.exec(path)?.groups?.['last'];
        if (meant !== undefined && meant !== alias) note(found, meant, site);
      }
    }
    return found;
  }

  /** Every call. */
  *allCalls(): Generator<CallSite> {
    for (const sites of this.#calls.values()) yield* sites;
  }

  /** What a name means in a scope; undefined for what Python brings, and for what nobody defines here. */
  binding(name: string, scope: Scope): Binding | undefined {
    for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
      // The names of a class are seen in the class alone, and not in its methods.
      if (at !== scope && at.kind === 'class') continue;
      const found = this.#own(at).get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /**
   * What an expression means, in dotted words from where it was imported: `flask.request.args`, `argon2.PasswordHasher().verify`.
   * `@` is before a parameter.
   */
  path(expression: Expression, scope: Scope, steps = 0): string | undefined {
    if (steps > 0) return this.#pathOf(expression, scope, steps);
    const known = this.#paths.get(expression);
    if (known !== undefined || this.#paths.has(expression)) return known;
    const path = this.#pathOf(expression, scope, 0);
    this.#paths.set(expression, path);
    return path;
  }

  #pathOf(expression: Expression, scope: Scope, steps: number): string | undefined {
    if (steps > MOST_STEPS) return undefined;
    switch (expression.kind) {
      case 'name':
        return this.#pathOfName(expression.id, scope, steps);
      case 'attribute': {
        const object = this.path(expression.object, scope, steps);
        if (object === 'builtins' || object === '__builtins__') return expression.name;
        return object === undefined ? undefined : `${object}.${expression.name}`;
      }
      case 'call': {
        const callee = this.path(expression.callee, scope, steps);
        const [first] = expression.args;
        // `__import__('os').system(x)`
        if (first?.value.kind === 'string' && /^(?:__import__|importlib\.import_module)$/.test(callee ?? ''))
          return first.value.value;
        return callee === undefined ? undefined : `${callee}()`;
      }
      case 'subscript': {
        const object = this.path(expression.object, scope, steps);
        return object === undefined ? undefined : `${object}[]`;
      }
      case 'string':
      case 'format':
        return "''";
      case 'number':
      case 'constant':
      case 'sequence':
      case 'dict':
      case 'binary':
      case 'unary':
      case 'either':
      case 'comprehension':
      case 'other':
        return undefined;
    }
  }

  /** Where a name, or an attribute of a module or class, is defined: over imports. */
  definition(expression: Expression, scope: Scope, steps = 0): Found | undefined {
    if (steps > MOST_STEPS) return undefined;
    if (expression.kind === 'name') return this.#definitionOfName(expression.id, scope, steps);
    if (expression.kind !== 'attribute') return undefined;
    const object = this.definition(expression.object, scope, steps + 1);
    if (object?.kind === 'module')
      return object.file.member(expression.name, object.file.module.scope, steps + 1);
    if (object?.kind === 'scope' && object.scope.kind === 'class')
      return object.file.member(expression.name, object.scope, steps + 1);
    return object?.kind === 'value' ? object.file.#ofInstance(object, expression.name, steps + 1) : undefined;
  }

  /** A name of a module or a class, and of those that it inherits from. */
  member(name: string, scope: Scope, steps = 0): Found | undefined {
    if (steps > MOST_STEPS) return undefined;
    const binding = this.#own(scope).get(name);
    if (binding !== undefined) return this.#found(binding, steps);
    for (const base of scope.bases) {
      const found = this.definition(base.value, scope.parent ?? scope, steps + 1);
      if (found?.kind !== 'scope' || found.scope === scope) continue;
      const inherited = found.file.member(name, found.scope, steps + 1);
      if (inherited !== undefined) return inherited;
    }
    return undefined;
  }

  #definitionOfName(name: string, scope: Scope, steps: number): Found | undefined {
    if (name === 'self' || name === 'cls') {
      for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
        if (at.kind === 'class') return { kind: 'scope', file: this, scope: at };
      }
    }
    const binding = this.binding(name, scope);
    return binding === undefined ? undefined : this.#found(binding, steps);
  }

  #found(binding: Binding, steps: number): Found | undefined {
    switch (binding.kind) {
      case 'defined':
        return { kind: 'scope', file: this, scope: binding.scope };
      case 'assigned': {
        const last = binding.assignments.findLast(({ how }) => how === 'is');
        return last === undefined
          ? undefined
          : { kind: 'value', file: this, scope: binding.scope, expression: last.value };
      }
      case 'import': {
        const module = this.project.imported(binding.imported, this.source.path);
        if (module === undefined) return undefined;
        if (module.what === undefined) return { kind: 'module', file: module.file };
        return module.file.member(module.what, module.file.module.scope, steps + 1);
      }
      case 'parameter':
        return undefined;
    }
  }

  /** `settings.secret_key`, where `settings = Settings()`. */
  #ofInstance(value: FoundValue, name: string, steps: number): Found | undefined {
    const { expression, scope } = value;
    const made = this.definition(expression.kind === 'call' ? expression.callee : expression, scope, steps);
    if (made?.kind !== 'scope' || made.scope.kind !== 'class') return undefined;
    return made.file.member(name, made.scope, steps);
  }

  #pathOfName(name: string, scope: Scope, steps: number): string | undefined {
    const binding = this.binding(name, scope);
    if (binding === undefined) return this.#starred(name, steps) ?? name;
    switch (binding.kind) {
      case 'parameter':
        return `@${name}`;
      case 'defined':
        return `${this.source.path}:${name}`;
      case 'import':
        return this.#pathOfImport(binding.imported, steps);
      case 'assigned': {
        const all = binding.assignments.filter(({ how }) => how === 'is');
        const [only] = all;
        if (only === undefined || all.length > 3) return undefined;
        return all
          .map(({ value }) =>
            mentions(value, name) ? undefined : this.path(value, binding.scope, steps + 1),
          )
          .find((path) => path !== undefined);
      }
    }
  }

  #pathOfImport(imported: ImportedName, steps: number): string | undefined {
    const { module, what, up } = imported;
    const plain = what === undefined ? module : module === '' ? what : `${module}.${what}`;
    if (steps > MOST_STEPS) return undefined;
    // A name that comes from a file of this tree means what it means there.
    const found = this.project.imported(imported, this.source.path, true);
    if (found?.what !== undefined) {
      return (
        found.file.#pathOfName(found.what, found.file.module.scope, steps + 1) ?? `${'.'.repeat(up)}${plain}`
      );
    }
    return up > 0 ? `${'.'.repeat(up)}${plain}` : plain;
  }

  /** `from flask import *` brings whatever nobody defines here. Of more than one, the last that has the name. */
  #starred(name: string, steps: number): string | undefined {
    if (PYTHONS_OWN.has(name)) return undefined;
    const known = this.#stars.get(name);
    if (known !== undefined || this.#stars.has(name)) return known;
    this.#stars.set(name, undefined);
    const path = this.#lookInStars(name, steps);
    this.#stars.set(name, path);
    return path;
  }

  #lookInStars(name: string, steps: number): string | undefined {
    const starred = this.module.scope.imports.filter(({ what }) => what === '*').toReversed();
    const open: ImportedName[] = [];
    for (const one of starred) {
      const brings = brought(one.module, name);
      if (brings === true) return `${one.module}.${name}`;
      const imported = { ...one, name, what: name };
      const found = this.project.imported(imported, this.source.path, true);
      if (found?.what === undefined) {
        if (brings === undefined) open.push(one);
      } else if (
        found.file.#own(found.file.module.scope).has(name) ||
        found.file.#starred(name, steps + 1) !== undefined
      )
        return this.#pathOfImport(imported, steps + 1);
    }
    const [last] = open;
    return last === undefined ? undefined : `${last.module}.${name}`;
  }

  #own(scope: Scope): ReadonlyMap<string, Binding> {
    const known = this.#bindings.get(scope);
    if (known !== undefined) return known;
    const own = new Map<string, Binding>();
    const assigned = new Map<string, Assignment[]>();
    scope.parameters.forEach(({ name }, place) => own.set(name, { kind: 'parameter', scope, place }));
    for (const assignment of scope.assignments) {
      if (assignment.target.kind !== 'name') continue;
      const { id } = assignment.target;
      const all = assigned.get(id);
      if (all === undefined) assigned.set(id, [assignment]);
      else all.push(assignment);
    }
    for (const [name, assignments] of assigned) {
      // A parameter that is given another value is a parameter still, by what reaches the place of use.
      if (!own.has(name)) own.set(name, { kind: 'assigned', scope, assignments });
    }
    for (const imported of scope.imports) own.set(imported.name, { kind: 'import', imported });
    for (const inner of scope.scopes) own.set(inner.name, { kind: 'defined', scope: inner });
    this.#bindings.set(scope, own);
    return own;
  }
}

/** What a name stands for. */
export type Found =
  | { readonly kind: 'module'; readonly file: PythonFile }
  | { readonly kind: 'scope'; readonly file: PythonFile; readonly scope: Scope }
  | FoundValue;

interface FoundValue extends Located {
  readonly kind: 'value';
}

const PYTHONS_OWN = new Set([
  'eval',
  'exec',
  'compile',
  'open',
  'str',
  'int',
  'float',
  'bool',
  'list',
  'dict',
  'set',
  'tuple',
  'len',
  'input',
  'print',
]);

/** The last word of a name: `get` of `a.b.get`. */
export function lastName(expression: Expression): string | undefined {
  if (expression.kind === 'name') return expression.id;
  return expression.kind === 'attribute' ? expression.name : undefined;
}

function callsByName(scopes: readonly Scope[]): ReadonlyMap<string, readonly CallSite[]> {
  const found = new Map<string, CallSite[]>();
  for (const scope of scopes) {
    for (const call of scope.calls) {
      const name = lastName(call.callee);
      if (name !== undefined) note(found, name, { call, scope });
    }
  }
  return found;
}

function note(all: Map<string, CallSite[]>, name: string, site: CallSite): void {
  const sites = all.get(name);
  if (sites === undefined) all.set(name, [site]);
  else sites.push(site);
}

/** An argument by its place or by its name. */
export function argument(call: Call, place: number, ...names: readonly string[]): Expression | undefined {
  const named = call.args.find(({ name }) => name !== undefined && names.includes(name));
  if (named !== undefined) return named.value;
  const positional = call.args.flatMap((one) => {
    if (one.name !== undefined && one.name !== '*') return [];
    // `*[x]` is what stands in it.
    if (one.name === undefined || one.value.kind !== 'sequence') return [one];
    return one.value.items.map((value) => ({ name: undefined, value }));
  });
  return positional.slice(0, place + 1).some(({ name }) => name === '*')
    ? undefined
    : positional[place]?.value;
}

/** Whether a call may be given more than it shows: `*args`, `**kwargs`. */
export function spreads(call: Call): boolean {
  return call.args.some(({ name }) => name === '*' || name === '**');
}
