/** Values that somebody looked at before they were used. */
import type { Expression, Scope } from './ast.ts';
import { lastName } from './javascript-file.ts';
import { allOf, spelled } from './parts.ts';

/** Tests by which a value is one of some, of a form, or below a folder. */
const ASKS =
  /^(?:includes|has|test|match|matches|startsWith|endsWith|hasOwn|hasOwnProperty|isInteger|isSafeInteger|isNaN|indexOf|some|isArray|some|every|exec|equals|isUUID|safeParse)$/;
const NAMED =
  /^_?(?:is|has|in|valid|validate|check|assert|ensure|safe|allow|allowed|verify|can|must)(?:[A-Z_].*)?$/;

/** What was tested before a position, in a function and those around it. */
export function guardedBefore(scope: Scope, at: number): ReadonlySet<string> {
  const found = new Set<string>();
  for (let one: Scope | undefined = scope; one !== undefined; one = one.parent) {
    for (const test of one.tests) if (test.at < at) note(test, found);
    for (const name of found) addSources(name, one, found);
    for (const call of one.calls) {
      if (
        call.at < at &&
        /^(?:assert\w*|ensure\w*|validate\w*|check\w*|verify\w*)$/.test(lastName(call.callee) ?? '')
      )
        for (const arg of call.args) add(arg, found);
    }
  }
  return found;
}

/** What a condition is about. */
export function askedIn(test: Expression): ReadonlySet<string> {
  const found = new Set<string>();
  note(test, found);
  return found;
}

function note(test: Expression, found: Set<string>): void {
  for (const part of allOf(test)) {
    if (part.kind === 'binary' && /^(?:===?|!==?)$/.test(part.operator)) {
      const fixed = (one: Expression): boolean => one.kind === 'string' && one.value !== '';
      if (fixed(part.right)) add(part.left, found);
      if (fixed(part.left)) add(part.right, found);
    } else if (part.kind === 'binary' && part.operator === 'in') add(part.left, found);
    else if (part.kind === 'call') {
      const name = lastName(part.callee) ?? '';
      if (!ASKS.test(name) && !NAMED.test(name)) continue;
      for (const arg of part.args) add(arg, found);
      if (part.callee.kind === 'member' && /^(?:startsWith|match|endsWith|matches)$/.test(name))
        add(part.callee.object, found);
    }
  }
}

/** `relative(root, file).startsWith('..')` by way of a name: what it was made of was looked at. */
function addSources(name: string, scope: Scope, found: Set<string>): void {
  for (const value of scope.bindings.get(name) ?? []) {
    if (
      value.kind !== 'call' ||
      !/^(?:relative|resolve|normalize|realpath\w*|URL)$/.test(lastName(value.callee) ?? '')
    )
      continue;
    for (const arg of value.args) add(arg, found);
  }
}

function add(expression: Expression, found: Set<string>): void {
  const words = spelled(expression);
  if (words !== undefined && !/^(?:req|request|ctx|c|res)(?:\.(?:body|query|params))?$/.test(words))
    found.add(words);
  if (expression.kind === 'call') for (const arg of expression.args) add(arg, found);
}
