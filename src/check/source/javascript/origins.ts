/** Where a value comes from, followed backward within a function. What nobody here knows comes from nowhere. */
import type { Origin } from '../python/flow-book.ts';
import type { Call, Expression, Scope } from './ast.ts';
import { askedIn } from './guards.ts';
import { inputOf } from './inputs.ts';
import { type JavaScriptFile, lastName } from './javascript-file.ts';
import { spelled } from './parts.ts';

/** Answers a part or another form of what they are called on, or put it together with what they are given. */
const OF_TEXT =
  /^(?:toString|trim|trimStart|trimEnd|toLowerCase|toUpperCase|replace|replaceAll|slice|substring|substr|concat|split|join|map|filter|flat|flatMap|at|pop|shift|reverse|get|getAll|padStart|padEnd|repeat|normalize|entries|values|valueOf|sort|catch|then|toWellFormed|href|decode)$/;
/** Answer what they are given. */
const PASSES =
  /^(?:String|decodeURIComponent|decodeURI|unescape|JSON\.(?:parse|stringify)|Object\.(?:assign|values|entries|fromEntries|freeze)|Array\.from|structuredClone|path(?:\.posix|\.win32)?\.(?:join|resolve|normalize|format)|util\.format|Buffer\.from|url\.(?:parse|resolve|format)|qs\.parse|querystring\.parse|Promise\.(?:all|resolve)|atob|btoa|import\.meta\.resolve)$/;
const MADE = /^(?:URL|URLSearchParams|url\.URL|String|Array|Map|Set)$/;
/** Part of what strangers chose, and nothing of theirs. */
const HARMLESS = /(?:^|\.)(?:length|byteLength)$|\bfiles?\b.*\.(?:size|encoding|mimetype)$/;
/** A function whose name says that it makes something safe is believed. */
const SAFE =
  /^(?:_?)(?:sanit|escape|encode|clean|purify|valid|safe|whitelist|allow|check|assert|ensure|basename|slug|hash|quote|format(?:Sql)?$|toInt|toNumber|parseInt|parseFloat|Number|Boolean|BigInt|int)/i;

const MOST_DEPTH = 40;
/** Steps for one expression, and for all of a file. */
const MOST_WORK = 20_000;
const MOST_WORK_OF_FILE = 2_000_000;
const workOf = new WeakMap<JavaScriptFile, number>();

/** The origins of an expression. */
export function originsOf(
  expression: Expression,
  scope: Scope,
  file: JavaScriptFile,
  project: FunctionFinder,
  guarded: ReadonlySet<string> = new Set(),
): readonly Origin[] {
  return new Follower(file, project, guarded).of(expression, scope, 0);
}

/** What is asked of a project. */
export interface FunctionFinder {
  /** Told the path of a file whose values were not followed to their end. */
  readonly cut: (path: string) => void;
  /** The key of a function that a path leads to: `./users.findByName`. */
  readonly keyOfPath: (path: string, from: string) => string | undefined;
}

class Follower {
  readonly #file: JavaScriptFile;
  readonly #project: FunctionFinder;
  readonly #guarded: ReadonlySet<string>;
  readonly #seen = new Set<string>();
  /** What names stand for: one that is used by many others would be followed again for each of them. */
  readonly #known = new Map<string, readonly Origin[]>();
  #work = 0;
  /** How often something was not followed: what depends on it holds for that one place. */
  #cuts = 0;

  constructor(file: JavaScriptFile, project: FunctionFinder, guarded: ReadonlySet<string>) {
    this.#file = file;
    this.#project = project;
    this.#guarded = guarded;
  }

  of(expression: Expression, scope: Scope, depth: number): readonly Origin[] {
    if (!this.#goesOn(depth)) return [];
    const words = this.#guarded.size === 0 ? undefined : spelled(expression);
    if (words !== undefined && this.#guarded.has(words)) return [];
    const next = (one: Expression): readonly Origin[] => this.of(one, scope, depth + 1);
    switch (expression.kind) {
      case 'name':
        return this.#ofName(expression.id, scope, depth);
      case 'member':
      case 'index': {
        if (expression.kind === 'member' && HARMLESS.test(spelled(expression) ?? expression.name)) return [];
        return this.#input(expression, scope) ?? next(expression.object);
      }
      case 'call':
        return this.#ofCall(expression, scope, depth);
      case 'template':
        return expression.parts.flatMap(next);
      case 'binary':
        if (JOINS.test(expression.operator)) return joinedIn(expression).flatMap(next);
        return expression.operator === '&&' ? next(expression.right) : [];
      case 'choice':
        return this.#ofChoice(expression, scope, depth);
      case 'object':
        return expression.entries.flatMap(({ value }) => next(value));
      case 'array':
        return expression.items.flatMap(next);
      case 'spread':
      case 'assign':
        return next(expression.value);
      case 'parameter':
        return this.#ofParameter(expression, scope);
      case 'constant':
      case 'function':
      case 'import':
      case 'other':
      case 'regex':
      case 'string':
      case 'tagged':
      case 'unary':
        return [];
    }
  }

  /** `ok(next) ? next : '/'`: what the test is about has been looked at. */
  #ofChoice(
    { test, yes, no }: Expression & { readonly kind: 'choice' },
    scope: Scope,
    depth: number,
  ): readonly Origin[] {
    const asked = askedIn(test);
    return [yes, no].flatMap((one) => {
      const words = spelled(one);
      return words !== undefined && asked.has(words) ? [] : this.of(one, scope, depth + 1);
    });
  }

  #input(expression: Expression, scope: Scope): readonly Origin[] | undefined {
    const path = this.#file.path(expression, scope);
    const what = path === undefined ? undefined : inputOf(path);
    return what === undefined
      ? undefined
      : [{ kind: 'input', where: this.#file.source.where(expression.at), what }];
  }

  #ofName(id: string, scope: Scope, depth: number): readonly Origin[] {
    const known = this.#file.bindingsOf(id, scope);
    if (known === undefined) return this.#input({ kind: 'name', at: scope.at, id }, scope) ?? [];
    const mark = `${id}:${known.scope.at}`;
    const before = this.#known.get(mark);
    if (before !== undefined) return before;
    if (this.#seen.has(mark)) {
      this.#cuts += 1;
      return [];
    }
    const cuts = this.#cuts;
    this.#seen.add(mark);
    const all = [...new Set(known.values.flatMap((value) => this.of(value, known.scope, depth + 1)))];
    this.#seen.delete(mark);
    // A name that stands in a ring has other origins when it is asked for from elsewhere in it.
    if (cuts === this.#cuts) this.#known.set(mark, all);
    return all;
  }

  #goesOn(depth: number): boolean {
    this.#work += 1;
    const inAll = (workOf.get(this.#file) ?? 0) + 1;
    workOf.set(this.#file, inAll);
    if (depth <= MOST_DEPTH && this.#work <= MOST_WORK && inAll <= MOST_WORK_OF_FILE) return true;
    this.#cuts += 1;
    this.#project.cut(this.#file.source.path);
    return false;
  }

  #ofParameter(expression: Expression & { readonly kind: 'parameter' }, at: Scope): readonly Origin[] {
    const { scope, place, name } = expression;
    const called = name === undefined ? undefined : this.#file.path(expression, at);
    // The request as a whole is followed by its parts.
    if (
      called !== undefined &&
      /^@_?(?:req|request|res|response|reply|ctx|context|c|next|err|error|cb|callback|done)$/.test(called)
    )
      return [];
    return [{ kind: 'parameter', of: this.#file.keyOf(scope), place }];
  }

  #ofCall(call: Call, scope: Scope, depth: number): readonly Origin[] {
    const { callee, args, isNew } = call;
    const next = (one: Expression): readonly Origin[] => this.of(one, scope, depth + 1);
    const path = this.#file.path(callee, scope);
    const input = path === undefined ? undefined : inputOf(`${path}()`);
    if (input !== undefined) return [{ kind: 'input', where: this.#file.source.where(call.at), what: input }];
    const name = lastName(callee);
    if (path !== undefined && (isNew ? MADE.test(path) : PASSES.test(path))) return args.flatMap(next);
    if (name !== undefined && SAFE.test(name)) return [];
    if (callee.kind === 'member' && OF_TEXT.test(callee.name)) {
      if (callee.name.startsWith('replace') && keepsLittle(args[0])) return [];
      const own = next(callee.object);
      if (own.length > 0 || !/^(?:get|map|filter|then|catch|values|entries)$/.test(callee.name)) {
        return /^(?:concat|replace|replaceAll|join)$/.test(callee.name)
          ? [...own, ...args.flatMap(next)]
          : own;
      }
    }
    const key = this.#keyOf(callee, path, scope);
    if (key === undefined) return [];
    const given = args.map((arg) => withoutRoom(next(arg)));
    return [{ kind: 'result', of: key, where: this.#file.source.where(call.at), given }];
  }

  #keyOf(callee: Expression, path: string | undefined, scope: Scope): string | undefined {
    return keyOfCallee(callee, path, scope, this.#file, this.#project);
  }
}

const NONE: readonly Origin[] = [];

/** What is kept to the end of the run has no room for more. */
export function withoutRoom(origins: readonly Origin[]): readonly Origin[] {
  return origins.length === 0 ? NONE : origins.slice();
}

const JOINS = /^(?:\+|\?\?|\|\|)$/;

/** What is put together: a text over forty lines is no deeper than one over two. */
function joinedIn(expression: Expression): readonly Expression[] {
  const parts: Expression[] = [];
  let at = expression;
  while (at.kind === 'binary' && JOINS.test(at.operator)) {
    parts.push(at.right);
    at = at.left;
  }
  return [at, ...parts.toReversed()];
}

/** The key of the function that is called, in this file or another. */
export function keyOfCallee(
  callee: Expression,
  path: string | undefined,
  scope: Scope,
  file: JavaScriptFile,
  project: FunctionFinder,
): string | undefined {
  const own = file.functionOf(callee, scope) ?? methodOf(callee, scope, file);
  if (own !== undefined) return file.keyOf(own);
  return path?.startsWith('.') === true ? project.keyOfPath(path, file.source.path) : undefined;
}

/** `users.find` where `users` is an object of this file that has it. */
function methodOf(callee: Expression, scope: Scope, file: JavaScriptFile): Scope | undefined {
  if (callee.kind !== 'member') return undefined;
  const entry = file.optionsOf(callee.object, scope)?.entry(callee.name);
  return entry?.value.kind === 'function' ? entry.value.scope : undefined;
}

/** Everything but letters, digits and the like is taken out. */
function keepsLittle(pattern: Expression | undefined): boolean {
  return pattern?.kind === 'regex' && /^\/\[\^[^\]]*\]\+?\/[a-z]*g/.test(pattern.text);
}
