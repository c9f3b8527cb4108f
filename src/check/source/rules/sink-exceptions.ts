/** Calls that look like a place where harm is done, and are none. */
import type { Call, Expression, Scope } from '../python/ast.ts';
import type { PythonFile } from '../python/python-file.ts';

/** `SandboxedEnvironment().from_string(text)`, or of a name that is given one and nothing else. */
export function isOfSandbox({ callee }: Call, scope: Scope, file: PythonFile): boolean {
  if (callee.kind !== 'attribute') return false;
  const { object } = callee;
  const made = object.kind === 'name' ? onlyValueOf(object.id, scope) : object;
  return (
    made?.kind === 'call' &&
    /^jinja2\.(?:sandbox|nativetypes)?\.?\w*Sandboxed\w*$/.test(file.path(made.callee, scope) ?? '')
  );
}

/** `response.status_code = 200`: a browser goes nowhere by an answer that is no redirect. */
export function isNoRedirect(call: Call, scope: Scope): boolean {
  const named = scope.assignments.find(({ value }) => value === call)?.target;
  return (
    named?.kind === 'name' &&
    scope.assignments.some(
      ({ target, value, at }) =>
        at > call.at &&
        target.kind === 'attribute' &&
        target.name === 'status_code' &&
        target.object.kind === 'name' &&
        target.object.id === named.id &&
        value.kind === 'number' &&
        (value.value < 300 || value.value > 399) &&
        !scope.returns.some((one) => one.at > call.at && one.at < at),
    )
  );
}

function onlyValueOf(name: string, scope: Scope): Expression | undefined {
  const given = scope.assignments.filter(({ target }) => target.kind === 'name' && target.id === name);
  return given.length === 1 && given[0]?.how === 'is' ? given[0].value : undefined;
}
