/** Controls in Python, as the parser sees it: what a text, a comment or a docstring says begins nothing. */
import type { Expression, Scope } from '../python/ast.ts';
import { partsOf } from '../python/parts.ts';
import { lastName, type PythonFile } from '../python/python-file.ts';

/** Where a control begins; undefined where it does not. */
export type InPython = (file: PythonFile) => number | undefined;

/** A function or class of a module is called, by whatever name it was imported. */
export function called(modules: string, ...names: readonly string[]): InPython {
  const from = fromModules(modules);
  return (file) => {
    const all = [...names, ...aliasesOf(file, names)];
    return file.calls(...all).find(({ call, scope }) => {
      const path = file.path(call.callee, scope);
      return path !== undefined && from.test(path) && names.includes(lastWord(path));
    })?.call.at;
  };
}

/** It stands above a function as a decorator, called or not. */
export function decorates(modules: string, ...names: readonly string[]): InPython {
  return named(modules, names, ({ decorators }) => decorators);
}

/** A class is made of it. */
export function isBase(modules: string, ...names: readonly string[]): InPython {
  return named(modules, names, ({ bases }) => bases.map(({ value }) => value));
}

/** The first that there is. */
export function either(...some: readonly InPython[]): InPython {
  return (file) => {
    for (const one of some) {
      const at = one(file);
      if (at !== undefined) return at;
    }
    return undefined;
  };
}

/** A setting has a value: by assignment, as an entry of a dictionary, or as an argument. */
export function set(name: string, fits: (value: Expression) => boolean): InPython {
  return (file) => {
    for (const whole of wholesOf(file)) {
      const at = whole.name === name && fits(whole.value) ? whole.value.at : entryIn(whole.value, name, fits);
      if (at !== undefined) return at;
    }
    return undefined;
  };
}

/** A name stands in the list of middleware of Django. */
export function inMiddleware(dotted: string): InPython {
  return (file) => {
    for (const { name, value } of wholesOf(file)) {
      if (name === undefined || !/^MIDDLEWARE(?:_CLASSES)?$/.test(name)) continue;
      const found = allOf(value).find((one) => one.kind === 'string' && one.value === dotted);
      if (found !== undefined) return found.at;
    }
    return undefined;
  };
}

export const isTrue = (value: Expression): boolean => value.kind === 'constant' && value.value === true;
export const isText =
  (...texts: readonly string[]) =>
  (value: Expression): boolean =>
    value.kind === 'string' && texts.includes(value.value);
/** A number over 0, or what is worked out of one. */
export const isSome = (value: Expression): boolean =>
  value.kind === 'binary' ? isSome(value.left) : value.kind === 'number' && value.value > 0;

function named(
  modules: string,
  names: readonly string[],
  of: (scope: Scope) => readonly Expression[],
): InPython {
  const from = fromModules(modules);
  return (file) => {
    for (const scope of file.scopes) {
      for (const one of of(scope)) {
        const path = file.path(one.kind === 'call' ? one.callee : one, scope.parent ?? scope);
        if (path !== undefined && from.test(path) && names.includes(lastWord(path))) return one.at;
      }
    }
    return undefined;
  };
}

function fromModules(modules: string): RegExp {
  return new RegExp(`^(?:${modules})(?=[.(]|$)`);
}

function lastWord(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function aliasesOf({ scopes }: PythonFile, names: readonly string[]): readonly string[] {
  return scopes.flatMap(({ imports }) =>
    imports.flatMap(({ name, what }) =>
      what !== undefined && name !== what && names.includes(what) ? [name] : [],
    ),
  );
}

interface Whole {
  /** What it is the value of. */
  readonly name: string | undefined;
  readonly value: Expression;
}

/** Every value that is given to something, or answered. */
function* wholesOf({ scopes }: PythonFile): Generator<Whole> {
  for (const { assignments, calls, returns } of scopes) {
    for (const { target, value, how } of assignments)
      if (how !== 'one-of') yield { name: targetName(target), value };
    for (const { callee, args } of calls) {
      const list =
        callee.kind === 'attribute' && /^(?:append|extend|insert)$/.test(callee.name)
          ? lastName(callee.object)
          : undefined;
      for (const { name, value } of args) yield { name: name ?? list, value };
    }
    for (const value of returns) yield { name: undefined, value };
  }
}

/** `X = ...`, `a.X = ...`, `a['X'] = ...` */
function targetName(target: Expression): string | undefined {
  if (target.kind !== 'subscript') return lastName(target);
  return target.index.kind === 'string' ? target.index.value : undefined;
}

function entryIn(value: Expression, name: string, fits: (value: Expression) => boolean): number | undefined {
  if (value.kind !== 'dict') return undefined;
  return value.entries.find(
    ({ key, value: one }) => key?.kind === 'string' && key.value === name && fits(one),
  )?.value.at;
}

function allOf(value: Expression): readonly Expression[] {
  return [value, ...partsOf(value).flatMap(allOf)];
}
