/** What is known of the Flask applications of a tree: settings, extensions, routes, and what they do of themselves. */
import { posix } from 'node:path';
import type { SourceTree } from '../source-tree.ts';
import type { Call, Expression, Scope } from '../python/ast.ts';
import { routeOf } from '../python/inputs.ts';
import { contains, someExpression } from '../python/parts.ts';
import { argument, lastName, type PythonFile } from '../python/python-file.ts';
import { type Known, textsOf, valueOf } from '../python/values.ts';
import { isApp, readSettings, type Setting } from './read-settings.ts';

/** A place in the tree: a path and not a file, so that no text is kept for it. */
export interface Spot {
  readonly file: string;
  readonly at: number;
}

/** An extension, or a wrapper, that is made somewhere. */
export interface Extension extends Spot {
  /** As its package calls it: `flask_talisman.Talisman`. */
  readonly path: string;
  readonly name: string;
  /** What it was given by name; and by place, under its number. */
  readonly options: ReadonlyMap<string, Known>;
  /** It was given an application, or `init_app` was called on what it was assigned to. */
  readonly variable: string | undefined;
  readonly hasApp: boolean;
  readonly scope: number;
}

/** A handler of a route. */
export interface Route extends Spot {
  readonly name: string;
  readonly rule: string;
  readonly unsafe: boolean;
  /** It reads JSON and nothing else: no form of another site can send that. */
  readonly jsonOnly: boolean;
  /** Names of those of its decorators that take effect, outermost first. */
  readonly decorators: readonly string[];
  readonly signIn: boolean;
  /** A limit of it counts something else than the client: the account. */
  readonly keyed: boolean;
}

/** What code does that is no setting. */
export type Doing =
  | 'reads-body'
  | 'takes-files'
  | 'sends-files'
  | 'asks-address'
  | 'keeps-session'
  | 'own-sessions'
  | 'renews-session'
  | 'sets-csp'
  | 'uses-form'
  | 'makes-nonce'
  | 'checks-csrf'
  | 'measures-length'
  | 'greets-visitors'
  | 'ends-session';

/** An application: everything below the folder that it is made in. */
export interface Unit {
  readonly root: string;
  readonly app: Spot;
  readonly settings: readonly Setting[];
  readonly extensions: readonly Extension[];
  readonly routes: readonly Route[];
  readonly does: ReadonlyMap<Doing, Spot>;
  /** Whether a call of `init_app` was seen on a name. */
  readonly begun: ReadonlySet<string>;
  /** It stands behind Bulwark. */
  readonly guarded: boolean;
}

/** Words without which a file says nothing of an application. */
export const FLASK_WORDS: readonly string[] = [
  '[Ff]lask\\w*',
  'Quart',
  'app\\.config',
  'SESSION_COOKIE_SECURE',
  'PERMANENT_SESSION_LIFETIME',
];

const EXTENSIONS =
  /(?:^|\.)(?:Talisman|CSRFProtect|CsrfProtect|SeaSurf|Limiter|Session|ProxyFix|LoginManager|SocketIO|Sock|CORS|SecureHeaders|Security|JWTManager|Secure)$/;
const SIGN_IN = /log_?in|sign_?in|authenticate|auth\/token|sessions?\/new/i;
/** Not applications that anybody serves. */
const EXAMPLE =
  /(?:^|\/)(?:examples?|samples?|docs?|demos?|tutorials?|benchmarks?|scripts|templates|snippets)\//i;

const books = new WeakMap<SourceTree, FlaskBook>();

/** The book of a tree. */
export function flaskBook(tree: SourceTree): FlaskBook {
  const known = books.get(tree);
  if (known !== undefined) return known;
  const book = new FlaskBook(tree);
  books.set(tree, book);
  return book;
}

/** Notes what files say, and tells the applications apart when all have been seen. */
export class FlaskBook {
  readonly #tree: SourceTree;
  readonly #read = new Set<string>();
  readonly settings: Setting[] = [];
  readonly extensions: Extension[] = [];
  readonly routes: Route[] = [];
  readonly #apps: Spot[] = [];
  readonly #does: (Spot & { readonly what: Doing })[] = [];
  readonly #begun: (Spot & { readonly name: string })[] = [];
  #units: readonly Unit[] | undefined;

  constructor(tree: SourceTree) {
    this.#tree = tree;
  }

  /** Notes a file: once. */
  read(file: PythonFile): void {
    const { path } = file.source;
    if (this.#read.has(path)) return;
    this.#read.add(path);
    if (!speaksFlask(file)) return;
    this.settings.push(...readSettings(file));
    for (const { call, scope } of file.allCalls()) this.#noteCall(call, scope, file);
    for (const scope of file.scopes) {
      this.#noteRoute(scope, file);
      this.#noteHeaders(scope, file);
    }
  }

  /** The applications that somebody serves: with routes, and not among examples and documents. */
  get units(): readonly Unit[] {
    return (this.#units ??= this.#tellApart());
  }

  #noteCall(call: Call, scope: Scope, file: PythonFile): void {
    const name = lastName(call.callee) ?? '';
    const spot = { file: file.source.path, at: call.at };
    const does = (what: Doing): unknown => this.#does.push({ ...spot, what });
    if (/^(?:Flask|Quart|Eve|APIFlask|OpenAPI)$/.test(name)) {
      if (/^(?:flask|quart|eve|apiflask|flask_openapi3)\./.test(file.path(call.callee, scope) ?? ''))
        this.#apps.push(spot);
      return;
    }
    if (name === 'init_app') {
      if (call.callee.kind === 'attribute') {
        const begun = lastName(call.callee.object);
        if (begun !== undefined) this.#begun.push({ ...spot, name: begun });
      }
      return;
    }
    if (/csrf/i.test(name) && /protect|init|check|valid/i.test(name) && name !== 'CSRFProtect')
      does('checks-csrf');
    if (name === 'protect' && call.args.length === 0) does('checks-csrf');
    if (EXTENSIONS.test(name)) this.#noteExtension(call, scope, file, name);
    if (/^(?:send_file|send_from_directory)$/.test(name)) does('sends-files');
    if (/^(?:get_json|get_data)$/.test(name)) does('reads-body');
    if (name === 'get_remote_address') does('asks-address');
    if (/^(?:login_user|regenerate)$/.test(name))
      does(name === 'regenerate' ? 'renews-session' : 'keeps-session');
    if (/^(?:hidden_tag|validate_on_submit)$/.test(name)) does('uses-form');
    for (const { value } of call.args) {
      if (lastName(value) === 'get_remote_address') does('asks-address');
    }
    if (
      name === 'clear' &&
      call.callee.kind === 'attribute' &&
      file.path(call.callee.object, scope) === 'flask.session'
    ) {
      does('renews-session');
      if (/log_?out|sign_?out/i.test(scope.name)) does('ends-session');
    }
  }

  #noteExtension(call: Call, scope: Scope, file: PythonFile, name: string): void {
    const path = file.path(call.callee, scope) ?? name;
    if (!/^(?:flask_|flask\.|werkzeug\.|secure\b|seasurf)/.test(path)) return;
    const options = new Map<string, Known>();
    call.args.forEach((one, place) =>
      options.set(one.name ?? String(place), valueOf(one.value, scope, file)),
    );
    const assigned = scope.assignments.find(({ value }) => contains(value, call));
    this.extensions.push({
      path,
      name,
      file: file.source.path,
      at: call.at,
      options,
      variable: assigned === undefined ? undefined : lastName(assigned.target),
      hasApp: call.args.some(
        (one) => one.name === 'app' || (one.name === undefined && isApp(one.value, scope, file)),
      ),
      scope: scope.at,
    });
  }

  #noteRoute(scope: Scope, file: PythonFile): void {
    const route = scope.kind === 'function' ? routeOf(scope) : undefined;
    if (route === undefined) return;
    const verb = lastName(route.callee) ?? 'route';
    const methods = textsOf(
      (() => {
        const given = argument(route, 99, 'methods');
        return given === undefined ? undefined : valueOf(given, scope, file);
      })(),
    );
    const unsafe =
      /^(?:post|put|patch|delete)$/.test(verb) ||
      methods.some((one) => /^(?:POST|PUT|PATCH|DELETE)$/i.test(one));
    const [rule] = route.args;
    const text = rule?.value.kind === 'string' ? rule.value.value : '';
    // What stands above the route wraps something that nobody calls.
    const below = scope.decorators.slice(scope.decorators.indexOf(route) + 1);
    this.routes.push({
      file: file.source.path,
      at: scope.at,
      name: scope.name,
      rule: text,
      unsafe,
      jsonOnly: readsJsonAlone(scope, file),
      signIn: unsafe && (SIGN_IN.test(scope.name) || SIGN_IN.test(text)),
      keyed: below.some((one) => one.kind === 'call' && argument(one, 99, 'key_func') !== undefined),
      decorators: below.map(
        (one) =>
          file.path(one, scope.parent ?? scope) ?? lastName(one.kind === 'call' ? one.callee : one) ?? '',
      ),
    });
  }

  #noteHeaders(scope: Scope, file: PythonFile): void {
    for (const { test } of scope.tests) {
      const measured = comparedLength(test, scope, file);
      if (measured) this.#does.push({ file: file.source.path, at: test.at, what: 'measures-length' });
    }
    for (const { callee: called, args, at } of scope.calls) {
      if (called.kind !== 'attribute' || !/^(?:set|add|setdefault)$/.test(called.name)) continue;
      const name = args[0]?.value;
      if (lastName(called.object) !== 'headers' || name === undefined) continue;
      if (name.kind === 'string' ? /^content-security-policy$/i.test(name.value) : isHook(scope))
        this.#does.push({ file: file.source.path, at, what: 'sets-csp' });
    }
    const greets = greetsBy(scope, file);
    if (greets !== undefined)
      this.#does.push({ file: file.source.path, at: greets, what: 'greets-visitors' });
    for (const { target, value, at } of scope.assignments) {
      const spot = { file: file.source.path, at };
      if (/nonce/i.test(lastName(target) ?? '') && valueOf(value, scope, file).kind === 'random') {
        this.#does.push({ ...spot, what: 'makes-nonce' });
      }
      // Whoever writes the cookie of the session by code of their own reads no settings of Flask's.
      if (lastName(target) === 'session_interface' && file.definition(callee(value), scope)?.kind === 'scope')
        this.#does.push({ ...spot, what: 'own-sessions' });
      if (target.kind !== 'subscript') continue;
      // One after the other, out of a setting or a list: which they are is not seen here.
      if (isHook(scope) && lastName(target.object) === 'headers' && target.index.kind !== 'string')
        this.#does.push({ ...spot, what: 'sets-csp' });
      if (target.index.kind === 'string' && /^content-security-policy$/i.test(target.index.value)) {
        this.#does.push({ ...spot, what: 'sets-csp' });
      }
      if (file.path(target.object, scope) === 'flask.session')
        this.#does.push({ ...spot, what: 'keeps-session' });
    }
  }

  #tellApart(): readonly Unit[] {
    const roots = new Map<string, Spot>();
    for (const app of this.#apps) {
      if (EXAMPLE.test(app.file)) continue;
      const root = this.#rootOf(app.file);
      if (!roots.has(root)) roots.set(root, app);
    }
    const guarded = [...this.#tree.paths]
      .filter((path) => /(?:^|\/)bulwark\.config\.\w+$/.test(path))
      .map((path) => posix.dirname(path));
    const rootFor = (file: string): string | undefined =>
      [...roots.keys()]
        .filter((root) => isUnder(file, root))
        .toSorted((one, other) => other.length - one.length)[0];
    return [...roots].flatMap(([root, app]) => {
      const own = <T extends Spot>(some: readonly T[]): readonly T[] =>
        some.filter(({ file }) => rootFor(file) === root);
      const routes = own(this.routes);
      if (routes.length === 0) return [];
      return {
        root,
        app,
        routes,
        settings: this.settings.filter(({ by }) => rootFor(by.file) === root),
        extensions: own(this.extensions),
        does: new Map(own(this.#does).map(({ what, ...spot }) => [what, spot])),
        begun: new Set(own(this.#begun).map(({ name }) => name)),
        guarded: guarded.some((folder) => folder === '.' || isUnder(root, folder)),
      };
    });
  }

  /** The folder above the topmost package that a file is in. */
  #rootOf(file: string): string {
    let folder = posix.dirname(file);
    while (folder !== '.' && this.#tree.paths.has(`${folder}/__init__.py`)) folder = posix.dirname(folder);
    return folder;
  }
}

/** Whether an application has one of some extensions. */
export function has({ extensions }: Unit, ...names: readonly string[]): boolean {
  return extensions.some(({ name }) => names.includes(name));
}

function isUnder(path: string, folder: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}

/** `if request.content_length > LIMIT`. */
function comparedLength(test: Expression, scope: Scope, file: PythonFile): boolean {
  return someExpression(
    test,
    (one) =>
      one.kind === 'binary' &&
      /^[<>]=?$/.test(one.operator) &&
      [one.left, one.right].some((side) =>
        someExpression(side, (part) =>
          /^(?:flask|quart)\.request\.content_length$/.test(file.path(part, scope) ?? ''),
        ),
      ),
  );
}

function callee(value: Expression): Expression {
  return value.kind === 'call' ? value.callee : value;
}

/** Where a function that runs before each request writes to the session, whoever asks; undefined where it does not. */
function greetsBy(scope: Scope, file: PythonFile): number | undefined {
  if (!scope.decorators.some((one) => /^before_(?:app_)?request$/.test(lastName(one) ?? '')))
    return undefined;
  return scope.assignments.find(({ target, at }) => {
    const object = target.kind === 'subscript' || target.kind === 'attribute' ? target.object : undefined;
    if (object === undefined || file.path(object, scope) !== 'flask.session') return false;
    // What stands behind a condition is for some.
    return !scope.tests.some(
      ({ body, leaves, from }) =>
        (body !== undefined && body.from <= at && at < body.to) || (leaves && from <= at),
    );
  })?.at;
}

/** Whether a file has to do with Flask: others have `config` and routes, too. */
function speaksFlask(file: PythonFile): boolean {
  return (
    file.scopes.some(({ imports }) =>
      imports.some(
        ({ module, up, what }) =>
          up > 0 ||
          /^(?:flask|quart|werkzeug|apiflask|eve)(?:_|\.|$)/.test(module) ||
          what === 'app' ||
          what === 'current_app',
      ),
    ) || file.module.scope.scopes.some(({ parameters }) => parameters.some(({ name }) => name === 'app'))
  );
}

/** What is done to every answer. */
function isHook({ decorators }: Scope): boolean {
  return decorators.some((one) => /^after_(?:app_)?request$/.test(lastName(one) ?? ''));
}

const BODY = /^(?:form|files|values|data|stream|get_data)$/;

/** `request.get_json()`, which takes no other type of content unless it is told to. */
function readsJsonAlone(scope: Scope, file: PythonFile): boolean {
  const isBody = (one: Expression): boolean =>
    one.kind === 'attribute' &&
    (BODY.test(one.name) || one.name === 'json') &&
    file.path(one.object, scope) === 'flask.request';
  const all = [
    ...scope.calls,
    ...scope.returns,
    ...scope.tests.map(({ test }) => test),
    ...scope.assignments.map(({ value }) => value),
  ];
  const asks = scope.calls.filter(
    ({ callee: called }) =>
      called.kind === 'attribute' &&
      called.name === 'get_json' &&
      file.path(called.object, scope) === 'flask.request',
  );
  return (
    asks.length > 0 &&
    asks.every((call) => argument(call, 0, 'force') === undefined) &&
    !all.some((one) => someExpression(one, isBody))
  );
}
