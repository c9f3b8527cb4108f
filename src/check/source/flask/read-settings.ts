/** Settings of Flask applications, wherever they are written: on the application, in classes, in modules, in dictionaries. */
import type { Call, Expression, Scope } from '../python/ast.ts';
import type { Found, PythonFile } from '../python/python-file.ts';
import { type Known, valueOf } from '../python/values.ts';

/** One setting. */
export interface Setting {
  readonly key: string;
  readonly value: Known;
  readonly file: string;
  readonly at: number;
  /** The class that it stands in. */
  readonly owner: string | undefined;
  /** Where it takes effect: the place of the line that sets or takes it in, for what must come before. */
  readonly by: { readonly file: string; readonly at: number; readonly scope: number };
}

const ATTRIBUTES: Readonly<Record<string, string>> = {
  secret_key: 'SECRET_KEY',
  debug: 'DEBUG',
  testing: 'TESTING',
  permanent_session_lifetime: 'PERMANENT_SESSION_LIFETIME',
  send_file_max_age_default: 'SEND_FILE_MAX_AGE_DEFAULT',
};

/** Those of one file. */
export function readSettings(file: PythonFile): readonly Setting[] {
  return [...assigned(file), ...updated(file), ...takenIn(file)];
}

function* assigned(file: PythonFile): Generator<Setting> {
  for (const scope of file.scopes) {
    for (const { target, value, at, how } of scope.assignments) {
      if (how !== 'is') continue;
      const key = keyOf(target, scope, file);
      if (key !== undefined) yield setting(file, scope, key, value, at);
    }
  }
}

function keyOf(target: Expression, scope: Scope, file: PythonFile): string | undefined {
  if (target.kind === 'subscript' && target.index.kind === 'string' && isConfig(target.object)) {
    return target.index.value;
  }
  if (target.kind !== 'attribute') return undefined;
  const key = ATTRIBUTES[target.name];
  return key !== undefined && isApp(target.object, scope, file) ? key : undefined;
}

/** `app.config`, `current_app.config`, `self.app.config`. */
function isConfig(expression: Expression): boolean {
  return expression.kind === 'attribute' && expression.name === 'config';
}

/** What a Flask application is called, or made by. */
export function isApp(expression: Expression, scope: Scope, file: PythonFile): boolean {
  const path = file.path(expression, scope) ?? '';
  return /^@?(?:flask_)?app(?:lication)?$|^(?:flask\.Flask|quart\.Quart|\w+(?:\.\w+)*Flask)\(\)$|current_app$|create_app\(\)$/.test(
    path,
  );
}

function* updated(file: PythonFile): Generator<Setting> {
  for (const { call, scope } of file.calls('update', 'from_mapping', 'setdefault')) {
    if (call.callee.kind !== 'attribute' || !isConfig(call.callee.object)) continue;
    if (call.callee.name === 'setdefault') {
      const [key, value] = call.args;
      if (key?.value.kind === 'string' && value !== undefined)
        yield setting(file, scope, key.value.value, value.value, call.at);
      continue;
    }
    yield* ofArguments(call, scope, file);
  }
}

function* ofArguments(call: Call, scope: Scope, file: PythonFile): Generator<Setting> {
  for (const { name, value } of call.args) {
    if (name !== undefined && name !== '*' && name !== '**')
      yield setting(file, scope, name, value, value.at);
    else yield* ofDictionary(value, scope, file);
  }
}

function* ofDictionary(value: Expression, scope: Scope, file: PythonFile): Generator<Setting> {
  const found = value.kind === 'name' ? file.definition(value, scope) : undefined;
  const [written, place, inFile] =
    found?.kind === 'value' ? [found.expression, found.scope, found.file] : [value, scope, file];
  if (written.kind === 'call' && written.callee.kind === 'name' && written.callee.id === 'dict') {
    yield* ofArguments(written, place, inFile);
  }
  if (written.kind !== 'dict') return;
  for (const { key, value: one } of written.entries) {
    if (key?.kind === 'string') yield setting(inFile, place, key.value, one, one.at);
  }
}

function* takenIn(file: PythonFile): Generator<Setting> {
  for (const { call, scope } of file.calls('from_object', 'from_pyfile')) {
    if (call.callee.kind !== 'attribute' || !isConfig(call.callee.object)) continue;
    const [given] = call.args;
    if (given === undefined) continue;
    const by = { file: file.source.path, at: call.at, scope: scope.at };
    for (const found of whatIsTaken(given.value, scope, file)) {
      for (const one of constantsOf(found)) yield { ...one, by };
    }
  }
}

/** Classes, modules and objects that `from_object` may mean here. */
function whatIsTaken(given: Expression, scope: Scope, file: PythonFile): readonly Found[] {
  if (given.kind === 'string') return named(given.value, file);
  if (given.kind === 'name' && given.id === '__name__') return [{ kind: 'module', file }];
  if (
    given.kind === 'subscript' ||
    (given.kind === 'call' && given.callee.kind === 'attribute' && given.callee.name === 'get')
  ) {
    const map =
      given.kind === 'subscript'
        ? given.object
        : given.callee.kind === 'attribute'
          ? given.callee.object
          : given;
    const found = file.definition(map, scope);
    if (found?.kind !== 'value' || found.expression.kind !== 'dict') return [];
    return found.expression.entries.flatMap(({ value }) => found.file.definition(value, found.scope) ?? []);
  }
  if (given.kind === 'call') return whatIsTaken(given.callee, scope, file);
  const found = file.definition(given, scope);
  if (found?.kind === 'value') {
    return found.expression.kind === 'call' ||
      found.expression.kind === 'name' ||
      found.expression.kind === 'string'
      ? whatIsTaken(found.expression, found.scope, found.file)
      : [];
  }
  return found === undefined ? [] : [found];
}

/** `app.config.Production`: a module, or what stands in one. */
function named(dotted: string, file: PythonFile): readonly Found[] {
  const path = dotted.replace(/\.py$/, '').replaceAll('/', '.');
  const module = file.project.named(path, file.source.path);
  if (module !== undefined) return [{ kind: 'module', file: module }];
  const dot = path.lastIndexOf('.');
  const holder = dot === -1 ? undefined : file.project.named(path.slice(0, dot), file.source.path);
  const member = holder?.member(path.slice(dot + 1), holder.module.scope);
  return member === undefined ? [] : [member];
}

/** Flask takes names in capitals, and passes over all others. */
function* constantsOf(found: Found, depth = 0): Generator<Omit<Setting, 'by'> & Pick<Setting, 'by'>> {
  if (depth > 6) return;
  const scope = found.kind === 'module' ? found.file.module.scope : found.scope;
  if (found.kind === 'value' || scope.kind === 'function') return;
  for (const { target, value, at, how } of scope.assignments) {
    if (how !== 'is' || target.kind !== 'name' || target.id !== target.id.toUpperCase()) continue;
    yield setting(found.file, scope, target.id, value, at);
  }
  for (const base of scope.bases) {
    const inherited = found.file.definition(base.value, scope.parent ?? scope);
    if (inherited?.kind !== 'scope' || inherited.scope === scope) continue;
    for (const one of constantsOf(inherited, depth + 1)) {
      // What a class says itself stands before what it inherits.
      if (!scope.assignments.some(({ target }) => target.kind === 'name' && target.id === one.key)) yield one;
    }
  }
}

function setting(file: PythonFile, scope: Scope, key: string, value: Expression, at: number): Setting {
  return {
    key,
    value: valueOf(value, scope, file),
    file: file.source.path,
    at,
    owner: scope.kind === 'class' ? scope.name : undefined,
    by: { file: file.source.path, at, scope: scope.at },
  };
}
