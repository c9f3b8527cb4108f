/** Which functions answer requests, and what each of their parameters is: by its place, since a name says nothing. */
import type { Call, Expression, Scope } from './ast.ts';
import type { JavaScriptFile } from './javascript-file.ts';

type Framework = 'express' | 'fastify' | 'hono' | 'koa';

/** In their order. Express tells a handler of errors by its four parameters. */
const PARAMETERS: Readonly<Record<Framework, readonly string[]>> = {
  express: ['req', 'res', 'next'],
  fastify: ['request', 'reply', 'done'],
  hono: ['c', 'next'],
  koa: ['ctx', 'next'],
};
const OF_ERRORS: readonly string[] = ['err', 'req', 'res', 'next'];

/** Whatever these are called with, they know the framework by a name of their own. */
const MAKERS: readonly (readonly [Framework, RegExp])[] = [
  ['express', /^(?:express\(\)|express\.Router\(\)|express\.express\(\)|Router\(\))$/],
  ['fastify', /^(?:fastify|fastify\.(?:fastify|default))\(\)$/i],
  ['hono', /^(?:hono\.Hono|@hono\/zod-openapi\.OpenAPIHono)\(\)$/],
  ['koa', /^(?:koa|@koa\/router|koa-router)\(\)$/],
];
const IMPORTED: readonly (readonly [Framework, RegExp])[] = [
  ['hono', /['"](?:hono|@hono)[/'"]/],
  ['koa', /['"](?:koa|@koa\/router|koa-router)['"]/],
  ['fastify', /['"](?:fastify|@fastify\/[\w-]+|fastify-plugin)['"]/],
  ['express', /['"]express['"]/],
];

const VERBS = /^(?:get|post|put|delete|patch|all|options|head)$/;
/** These take a step without any path, too. */
const STEPS = /^(?:use|addHook)$/;
const OF_OPTIONS = ['handler', 'preHandler', 'onRequest', 'preValidation'];

/** The handlers of one file. */
export class Handlers {
  readonly #file: JavaScriptFile;
  #known: ReadonlyMap<Scope, Framework> | undefined;

  constructor(file: JavaScriptFile) {
    this.#file = file;
  }

  /** What a parameter is called in the documents of its framework; undefined where its function is no handler. */
  nameAt(scope: Scope, place: number): string | undefined {
    this.#known ??= this.#find();
    const framework = this.#known.get(scope);
    if (framework === undefined) return undefined;
    const names =
      framework === 'express' && parametersOf(scope) === OF_ERRORS.length ? OF_ERRORS : PARAMETERS[framework];
    return names[place];
  }

  #find(): ReadonlyMap<Scope, Framework> {
    const found = new Map<Scope, Framework>();
    // What is asked on the way, of a router that is a parameter itself, is answered by what is known so far.
    this.#known = found;
    const mine = IMPORTED.find(([, words]) => words.test(this.#file.source.text))?.[0];
    for (const { call, scope } of this.#file.calls(...CALLED)) {
      if (call.callee.kind !== 'member') continue;
      const { name, object } = call.callee;
      const made = this.#frameworkOf(object, scope);
      const framework = made ?? mine;
      if (framework === undefined) continue;
      const takesPath = VERBS.test(name) || STEPS.test(name);
      // Of what nobody knows, a path tells a route from the `get` of a map.
      if (name === 'route') this.#noteOptions(call, scope, framework, found);
      else if (takesPath && (made !== undefined || isPath(call.args[0])))
        for (const arg of call.args) this.#note(arg, scope, framework, found);
    }
    return found;
  }

  #frameworkOf(object: Expression, scope: Scope): Framework | undefined {
    const path = this.#file.path(object, scope);
    return path === undefined ? undefined : MAKERS.find(([, maker]) => maker.test(path))?.[0];
  }

  #note(arg: Expression, scope: Scope, framework: Framework, found: Map<Scope, Framework>): void {
    if (arg.kind === 'array') for (const item of arg.items) this.#note(item, scope, framework, found);
    const handler = this.#file.functionOf(arg, scope);
    if (handler !== undefined && !found.has(handler)) found.set(handler, framework);
  }

  /** `route({ method, url, handler })` of Fastify; `route('/a').get(...)` is a call of its own. */
  #noteOptions(call: Call, scope: Scope, framework: Framework, found: Map<Scope, Framework>): void {
    const options = this.#file.optionsOf(call.args[0], scope);
    for (const key of OF_OPTIONS) {
      const entry = options?.entry(key);
      if (options !== undefined && entry !== undefined)
        this.#note(entry.value, options.scope, framework, found);
    }
  }
}

const CALLED = ['get', 'post', 'put', 'delete', 'patch', 'all', 'options', 'head', 'use', 'addHook', 'route'];

function isPath(arg: Expression | undefined): boolean {
  if (arg?.kind === 'array') return arg.items.length > 0 && arg.items.every(isPath);
  if (arg?.kind === 'template') return isPath(arg.parts[0]);
  return arg?.kind === 'string' && /^[/*]/.test(arg.value);
}

function parametersOf(scope: Scope): number {
  let most = 0;
  for (const values of scope.bindings.values())
    for (const value of values)
      if (value.kind === 'parameter' && value.scope === scope) most = Math.max(most, value.place + 1);
  return most;
}
