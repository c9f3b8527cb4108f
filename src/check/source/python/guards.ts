/** Whether a value was looked at before it is used: then what it may be is somebody's decision. */
import type { Block, Call, Expression, Scope } from './ast.ts';
import { someExpression } from './parts.ts';
import { lastName, type PythonFile } from './python-file.ts';

const CHECKS =
  /(?:^|_)(?:is|has|valid\w*|check\w*|allow\w*|safe|verif\w*|permit\w*|sanit\w*|ensure|match|fullmatch|search|require\w*|url_has_allowed_host_and_scheme|startswith|isdigit|isalnum|isalpha|isidentifier|isnumeric|isdecimal|is_relative_to)(?:_|$)/i;

/** Called for what it raises. */
const CHECK_CALL = /^_?(?:valid|check|verif|ensure|assert|sanit|require)/i;
/** These run something, and check how that ended. */
const RUNS = /^check_(?:output|call|password)/;

const known = new WeakMap<Scope, readonly Guard[]>();

interface Guard {
  readonly key: string;
  /** From where to where it says something of the value. */
  readonly from: number;
  readonly to: number;
}

/** Whether a test or a call of a check before it names it. */
export function isGuarded(expression: Expression, scope: Scope, file: PythonFile): boolean {
  const key = keyOf(expression);
  if (key === undefined || file.source.text.length === 0) return false;
  let guards = known.get(scope);
  if (guards === undefined) {
    guards = guardsOf(scope);
    known.set(scope, guards);
  }
  return guards.some((guard) => guard.key === key && guard.from < expression.at && expression.at < guard.to);
}

function guardsOf(scope: Scope): readonly Guard[] {
  const guards: Guard[] = [];
  const tested = new Set<Call>();
  for (const { test, from, body, leaves, otherwise } of scope.tests) {
    someExpression(test, (one) => {
      if (one.kind === 'call') tested.add(one);
      return false;
    });
    for (const { expression, negated } of checkedBy(test, false)) {
      const key = keyOf(expression);
      if (key === undefined) continue;
      // `if x not in ALLOWED: abort()` says something of all that follows, `if x in ALLOWED:` of what stands in it.
      const inBody = body !== undefined && !negated && !leaves;
      const to = inBody ? body.to : Number.POSITIVE_INFINITY;
      for (const one of [key, ...madeFrom(expression, scope)]) guards.push({ key: one, from, to });
      // `if ok(x): ... else: x = None`: behind both, it is one or the other.
      if (!inBody || otherwise === undefined) continue;
      const { block } = otherwise;
      const settles =
        otherwise.leaves || scope.assignments.some((one) => isIn(one.at, block) && keyOf(one.target) === key);
      if (settles) guards.push({ key, from: block.to, to: Number.POSITIVE_INFINITY });
    }
  }
  for (const call of scope.calls) {
    const name = lastName(call.callee) ?? '';
    // `safe = is_safe(x)`: whoever asks keeps the answer, and looks at it.
    const asks =
      CHECK_CALL.test(name) || (/^(?:is|has|url_has)_|_(?:safe|allowed)\b/.test(name) && !tested.has(call));
    if (!asks || RUNS.test(name)) continue;
    for (const { value } of call.args) {
      const key = keyOf(value);
      // What stands in the call itself is what it checks.
      if (key !== undefined) guards.push({ key, from: value.at, to: Number.POSITIVE_INFINITY });
    }
  }
  return guards;
}

function isIn(at: number, block: Block): boolean {
  return block.from <= at && at < block.to;
}

/** `real = os.path.realpath(path)`: who looks at the one has looked at the other. */
const SHAPES = /^(?:realpath|abspath|normpath|resolve|Path|PurePath|urlparse|urlsplit|strip|lower)$/;

function madeFrom(expression: Expression, scope: Scope): readonly string[] {
  if (expression.kind !== 'name') return [];
  return scope.assignments.flatMap(({ target, value }) => {
    if (target.kind !== 'name' || target.id !== expression.id || value.kind !== 'call') return [];
    if (!SHAPES.test(lastName(value.callee) ?? '')) return [];
    const of = value.callee.kind === 'attribute' ? [value.callee.object] : [];
    return [...of, ...value.args.map((one) => one.value)].flatMap((one) => keyOf(one) ?? []);
  });
}

interface Checked {
  readonly expression: Expression;
  readonly negated: boolean;
}

/** What a condition looks at: membership, equality, and functions whose name says that they check. */
function checkedBy(test: Expression, negated: boolean): readonly Checked[] {
  if (test.kind === 'unary') return checkedBy(test.operand, !negated);
  if (test.kind === 'call') return checkedByCall(test).map((expression) => ({ expression, negated }));
  if (test.kind !== 'binary') return [];
  const { operator, left, right } = test;
  if (operator === 'in' || operator === 'not in') {
    const no = negated !== (operator === 'not in');
    return [left, ...inside(left)].map((expression) => ({ expression, negated: no }));
  }
  if (operator === '==' || operator === '!=') {
    if (right.kind === 'constant' || isEmpty(right)) return [];
    const no = negated !== (operator === '!=');
    return [left, ...inside(left), ...inside(right)].map((expression) => ({ expression, negated: no }));
  }
  return operator === 'and' || operator === 'or'
    ? [...checkedBy(left, negated), ...checkedBy(right, negated)]
    : [];
}

function checkedByCall(call: Call): readonly Expression[] {
  const name = lastName(call.callee) ?? '';
  const [first] = call.args;
  // `if not len(routes.allowed_methods(target)):`
  if (/^(?:len|bool|any|all)$/.test(name) && first?.value.kind === 'call') return checkedByCall(first.value);
  if (!CHECKS.test(name)) return [];
  const of = call.callee.kind === 'attribute' ? [call.callee.object] : [];
  return [...of, ...call.args.flatMap(({ value }) => [value, ...inside(value)])];
}

/** `urlparse(target).netloc != request.host`: what was looked at is in the call. */
function inside(side: Expression): readonly Expression[] {
  let at = side;
  while (at.kind === 'attribute' || at.kind === 'subscript') at = at.object;
  return at.kind === 'call' ? at.args.map(({ value }) => value) : [];
}
/** `!= ''` says nothing of what a text may be. */
function isEmpty(expression: Expression): boolean {
  return expression.kind === 'string' && expression.value === '';
}

/** How an expression is written, where that is a name, an attribute, or an entry by a text. */
function keyOf(expression: Expression): string | undefined {
  switch (expression.kind) {
    case 'name':
      return expression.id;
    case 'attribute': {
      const object = keyOf(expression.object);
      return object === undefined ? undefined : `${object}.${expression.name}`;
    }
    case 'subscript': {
      const object = keyOf(expression.object);
      const { index } = expression;
      return object === undefined || index.kind !== 'string' ? undefined : `${object}[${index.value}]`;
    }
    case 'call': {
      const callee = keyOf(expression.callee);
      const [first] = expression.args;
      if (callee === undefined || first === undefined)
        return callee === undefined ? undefined : `${callee}()`;
      return first.value.kind === 'string' ? `${callee}(${first.value.value})` : undefined;
    }
    case 'string':
    case 'format':
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
