/** Which function of the tree a call means, and what it is given. */
import type { Call, Expression, Scope } from './ast.ts';
import type { Given, Origin } from './flow-book.ts';
import type { PythonFile } from './python-file.ts';

/** A function of the tree that is called. */
export interface CalledFunction {
  readonly key: string;
  readonly scope: Scope;
  /** The first parameter is `self` or `cls`, and is not among the arguments. */
  readonly bound: boolean;
}

/** How a function is known in the book. */
export function keyOf(scope: Scope, file: PythonFile): string {
  return file.functions.keyOf(scope);
}

/**
 * Which function of the tree a call means: by its name, over imports, or by `self`.
 *
 * @param isGiven - it is given something that may come from outside
 */
export function calledFunction(
  call: Call,
  scope: Scope,
  file: PythonFile,
  isGiven: boolean,
): CalledFunction | undefined {
  const { callee } = call;
  // Most calls are of methods of who knows what.
  const root = rootName(callee);
  if (root === undefined) return undefined;
  if (root !== 'self' && root !== 'cls') {
    const binding = file.binding(root, scope);
    if (binding === undefined || binding.kind === 'parameter') return undefined;
    // What is given nothing of a stranger's answers with such only where its file has a word of one.
    const imported = binding.kind === 'import' ? binding.imported : undefined;
    if (
      imported !== undefined &&
      !isGiven &&
      file.project.imported(imported, file.source.path, true) === undefined
    )
      return undefined;
  }
  const found = file.definition(callee, scope);
  if (found?.kind !== 'scope') return undefined;
  const called = found.scope.kind === 'class' ? memberOf(found.scope, '__init__') : found.scope;
  if (called?.kind !== 'function') return undefined;
  const [first] = called.parameters;
  const bound = called.parent?.kind === 'class' && (first?.name === 'self' || first?.name === 'cls');
  return { key: keyOf(called, found.file), scope: called, bound };
}

function memberOf(scope: Scope, name: string): Scope | undefined {
  return scope.scopes.find((one) => one.name === name);
}

const NOTHING: readonly Origin[] = [];
const NOTHING_AT_ALL: Given = [];

/** What each parameter is given by one call. */
export function givenTo(
  target: CalledFunction,
  call: Call,
  origins: (value: Expression) => readonly Origin[],
): Given {
  const given: (readonly Origin[])[] = [];
  let isSome = false;
  let place = target.bound ? 1 : 0;
  for (const { name, value } of call.args) {
    if (name === '*' || name === '**') continue;
    const at = name === undefined ? place : target.scope.parameters.findIndex((one) => one.name === name);
    if (name === undefined) place += 1;
    if (at < 0) continue;
    while (given.length < at) given.push(NOTHING);
    given[at] = origins(value);
    isSome ||= given[at].length > 0;
  }
  // A list that has grown has room for sixteen more, and is kept to the end of the run: a copy has none.
  return isSome ? given.slice() : NOTHING_AT_ALL;
}

function rootName(callee: Call['callee']): string | undefined {
  let at = callee;
  while (at.kind === 'attribute') at = at.object;
  return at.kind === 'name' ? at.id : undefined;
}
