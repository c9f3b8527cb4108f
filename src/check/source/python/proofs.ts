/** What a condition says of the values in it, where it holds and where it does not. */
import type { Assignment, Call, Expression, Scope } from './ast.ts';
import { lastName } from './python-file.ts';

const CHECKS =
  /(?:^|_)(?:is|has|valid\w*|check\w*|allow\w*|safe|verif\w*|permit\w*|sanit\w*|ensure|match|fullmatch|search|require\w*|url_has_allowed_host_and_scheme|startswith|isdigit|isalnum|isalpha|isidentifier|isnumeric|isdecimal|is_relative_to)(?:_|$)/i;
/** They answer yes where a value is bad. */
const FINDS_FAULT =
  /(?:^|_)(?:invalid|insecure|unsafe|not|un\w+|bad|wrong|malformed|forbidden|illegal|blocked|denied|dangerous|malicious|suspicious)(?:_|$)/i;

const MOST_STEPS = 4;

/** What is asked of a test. */
export interface Asked {
  readonly scope: Scope;
  /** Whether it holds. */
  readonly holds: boolean;
  /** The other way raises or aborts: then `if search('[^a-z]', x):` is a check, too. */
  readonly refused?: boolean;
}

/** The values of which a test says that they are what somebody decided on, as {@link keyOf} writes them. */
export function provenBy(test: Expression, asked: Asked, steps = 0): ReadonlySet<string> {
  const { scope, holds } = asked;
  if (steps > MOST_STEPS * 8) return NONE;
  const of = (one: Expression, isSo = holds): ReadonlySet<string> =>
    provenBy(one, { ...asked, holds: isSo }, steps + 1);
  switch (test.kind) {
    case 'unary':
      return test.operator === 'not' ? of(test.operand, !holds) : NONE;
    case 'binary': {
      const { operator, left, right } = test;
      if (operator === 'and' || operator === 'or') {
        // `x not in KINDS and '' not in KINDS`: the list is somebody's, and what stands for all of them, too.
        if (isWildcard(right, left)) return of(left);
        const [first, second] = [of(left), of(right)];
        // Both are so, or nobody knows which.
        return (operator === 'and') === holds ? first.union(second) : first.intersection(second);
      }
      const isNot = operator === 'not in' || operator === '!=' || operator === 'is not';
      if (operator === 'in' || operator === 'not in')
        return holds === isNot ? NONE : keysOf([left, ...inside(left)]);
      if (!/^(?:[!=]=|is(?: not)?)$/.test(operator) || holds === isNot) return NONE;
      const signed = [...signedIn(left, scope, steps), ...signedIn(right, scope, steps)];
      return new Set([
        ...keysOf([left, right, ...inside(left), ...inside(right), ...signed]),
        ...sameFile(left, scope),
        ...sameFile(right, scope),
      ]);
    }
    case 'call':
      return ofCall(test, asked, steps).union(holds ? NONE : keysOf([test]));
    case 'name': {
      const answer = answerOf(test, scope, steps);
      return (answer === undefined ? NONE : of(answer)).union(holds ? NONE : keysOf([test]));
    }
    // What is empty is no text of a stranger's choice.
    case 'attribute':
    case 'subscript':
      return holds ? NONE : keysOf([test]);
    case 'string':
    case 'format':
    case 'number':
    case 'constant':
    case 'sequence':
    case 'dict':
    case 'either':
    case 'comprehension':
    case 'other':
      return NONE;
  }
}

/** `'' in KINDS`, beside `x in KINDS`. */
function isWildcard(one: Expression, other: Expression): boolean {
  return (
    one.kind === 'binary' &&
    other.kind === 'binary' &&
    one.operator === other.operator &&
    /^(?:not )?in$/.test(one.operator) &&
    one.left.kind === 'string' &&
    keyOf(one.right) !== undefined &&
    keyOf(one.right) === keyOf(other.right)
  );
}

const NONE: ReadonlySet<string> = new Set();

function keysOf(some: readonly Expression[]): ReadonlySet<string> {
  return new Set(some.flatMap((one) => keyOf(one) ?? []));
}

/** `safe = is_safe(x)`, of `if safe:`. */
function answerOf(
  name: Extract<Expression, { kind: 'name' }>,
  scope: Scope,
  steps: number,
): Expression | undefined {
  if (steps > MOST_STEPS) return undefined;
  const all: readonly Assignment[] = assignedTo(scope).get(name.id) ?? [];
  const [only, ...more] = all;
  if (only?.how !== 'is' || more.length > 0 || only.at >= name.at) return undefined;
  return only.value;
}

const assigned = new WeakMap<Scope, ReadonlyMap<string, readonly Assignment[]>>();

/** What each key of a scope is given. */
export function assignedTo(scope: Scope): ReadonlyMap<string, readonly Assignment[]> {
  const known = assigned.get(scope);
  if (known !== undefined) return known;
  const made = Map.groupBy(scope.assignments, ({ target }) => keyOf(target) ?? '');
  assigned.set(scope, made);
  return made;
}

function ofCall(call: Call, asked: Asked, steps: number): ReadonlySet<string> {
  const name = lastName(call.callee) ?? '';
  const [first] = call.args;
  // `if not len(routes.allowed_methods(target)):`
  if (/^(?:len|bool|any|all)$/.test(name) && first?.value.kind === 'call')
    return provenBy(first.value, asked, steps + 1);
  const finds = FINDS_FAULT.test(name);
  if (!finds && !CHECKS.test(name)) return NONE;
  if (asked.holds === finds && !(asked.refused === true && !asked.holds)) return NONE;
  const of = call.callee.kind === 'attribute' ? [call.callee.object] : [];
  return new Set([
    ...keysOf([...of, ...call.args.flatMap(({ value }) => [value, ...inside(value)])]),
    ...(/^(?:startswith|is_relative_to)$/.test(name) ? of.flatMap((one) => sameFile(one, asked.scope)) : []),
  ]);
}

/** `real = os.path.realpath(path)`: where the one lies, the other lies. */
function sameFile(expression: Expression, scope: Scope): readonly string[] {
  if (expression.kind !== 'name') return [];
  return (assignedTo(scope).get(expression.id) ?? []).flatMap(({ value }) => {
    if (value.kind !== 'call' || !/^(?:realpath|abspath|resolve)$/.test(lastName(value.callee) ?? ''))
      return [];
    const of = value.callee.kind === 'attribute' ? [value.callee.object] : [];
    return of.concat(value.args.map((one) => one.value)).flatMap((one) => keyOf(one) ?? []);
  });
}

const SIGNS = /(?:^|_)(?:hmac|mac|sign|signature|signed)(?:_|$)/i;

/** `if new_hmac(key, url) != request.args['h']:`: whoever has no key has not chosen what is signed. */
function signedIn(side: Expression, scope: Scope, steps: number): readonly Expression[] {
  let made = side.kind === 'name' ? answerOf(side, scope, steps) : side;
  while (made?.kind === 'call' && /^(?:hex)?digest$/.test(lastName(made.callee) ?? ''))
    made = made.callee.kind === 'attribute' ? made.callee.object : undefined;
  if (made?.kind !== 'call') return [];
  const { callee } = made;
  const signs =
    SIGNS.test(lastName(callee) ?? '') ||
    (callee.kind === 'attribute' && callee.name === 'new' && lastName(callee.object) === 'hmac');
  return signs
    ? made.args.flatMap(({ value }) => (isMethod(value) ? [value, value.callee.object] : [value]))
    : [];
}

/** `url.encode()`. */
function isMethod(
  value: Expression,
): value is Call & { readonly callee: Extract<Expression, { kind: 'attribute' }> } {
  return value.kind === 'call' && value.callee.kind === 'attribute';
}

/** `urlparse(target).netloc != request.host`: what was looked at is in the call. */
function inside(side: Expression): readonly Expression[] {
  let at = side;
  while (at.kind === 'attribute' || at.kind === 'subscript') at = at.object;
  return at.kind === 'call' ? at.args.map(({ value }) => value) : [];
}

/** How an expression is written, where that is a name, an attribute, or an entry by a text. */
export function keyOf(expression: Expression): string | undefined {
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
