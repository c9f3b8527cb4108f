/** What is known of a value without running anything: constants, defaults of the environment, settings of classes. */
import type { Call, Expression, Scope } from './ast.ts';
import { argument, lastName, type PythonFile } from './python-file.ts';

/** A value, as far as the source says it. */
export type Known =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'constant'; readonly value: boolean | undefined }
  /** From the environment, or from a secret store; with what is taken where nothing is there. */
  | { readonly kind: 'environment'; readonly fallback: Known | undefined }
  /** New in each process. */
  | { readonly kind: 'random' }
  | { readonly kind: 'list'; readonly items: readonly Known[] }
  | { readonly kind: 'map'; readonly entries: ReadonlyMap<string, Known> }
  | { readonly kind: 'unknown' };

const UNKNOWN: Known = { kind: 'unknown' };
const MOST_DEPTH = 12;

/** What an expression is known to be. */
export function valueOf(expression: Expression, scope: Scope, file: PythonFile, depth = 0): Known {
  if (depth > MOST_DEPTH) return UNKNOWN;
  const next = (one: Expression): Known => valueOf(one, scope, file, depth + 1);
  switch (expression.kind) {
    case 'string':
      return { kind: 'text', value: expression.value };
    case 'number':
      return { kind: 'number', value: expression.value };
    case 'constant':
      return { kind: 'constant', value: expression.value };
    case 'sequence':
      return { kind: 'list', items: expression.items.map(next) };
    case 'dict':
      return {
        kind: 'map',
        entries: new Map(
          expression.entries.flatMap(({ key, value }) =>
            key?.kind === 'string' ? [[key.value, next(value)] as const] : [],
          ),
        ),
      };
    case 'name':
    case 'attribute': {
      const found = file.definition(expression, scope);
      if (found?.kind !== 'value') return UNKNOWN;
      const value = valueOf(found.expression, found.scope, found.file, depth + 1);
      return value.kind === 'random' && isKept(expression, scope) ? UNKNOWN : value;
    }
    case 'binary':
      return ofOperator(expression.operator, next(expression.left), next(expression.right));
    case 'unary':
      return ofUnary(expression.operator, next(expression.operand));
    case 'call':
      return ofCall(expression, scope, file, depth);
    case 'subscript': {
      const path = file.path(expression.object, scope);
      return path === 'os.environ' || path === 'environ'
        ? { kind: 'environment', fallback: undefined }
        : UNKNOWN;
    }
    case 'either': {
      const [one, other] = [next(expression.truthy), next(expression.falsy)];
      return one.kind === 'environment' ? one : other.kind === 'environment' ? other : UNKNOWN;
    }
    case 'format':
    case 'comprehension':
    case 'other':
      return UNKNOWN;
  }
}

function ofOperator(operator: string, left: Known, right: Known): Known {
  if (operator === 'or') {
    if (left.kind === 'environment') return left.fallback === undefined ? { ...left, fallback: right } : left;
    return left.kind === 'unknown' ? UNKNOWN : isTruthy(left) ? left : right;
  }
  if (left.kind === 'environment') return { kind: 'environment', fallback: undefined };
  if (operator === '+' && left.kind === 'text' && right.kind === 'text') {
    return { kind: 'text', value: left.value + right.value };
  }
  if (left.kind !== 'number' || right.kind !== 'number') return UNKNOWN;
  switch (operator) {
    case '*':
      return { kind: 'number', value: left.value * right.value };
    case '+':
      return { kind: 'number', value: left.value + right.value };
    case '-':
      return { kind: 'number', value: left.value - right.value };
    case '**':
      return { kind: 'number', value: left.value ** right.value };
    case '<<':
      return { kind: 'number', value: left.value * 2 ** right.value };
    default:
      return UNKNOWN;
  }
}

function ofUnary(operator: string, operand: Known): Known {
  if (operator === '-' && operand.kind === 'number') return { kind: 'number', value: -operand.value };
  return operator === 'not' && operand.kind === 'constant'
    ? { kind: 'constant', value: operand.value !== true }
    : UNKNOWN;
}

/** Functions that read the environment, with the place of what they take where nothing is there. */
const ENVIRONMENT =
  /^(?:(?:os\.)?environ\.get|(?:os\.)?getenv|decouple\.config|environs?\.Env\(\)(?:\.\w+)?|starlette\.config\.Config\(\))$/;
const RANDOM =
  /^(?:os\.urandom|secrets\.token_\w+|uuid\.uuid4)\(\)(?:\.hex(?:\(\))?)?$|^get_random_secret_key\(\)$|^django\.core\.management\.utils\.get_random_secret_key\(\)$/;
const SECONDS: Readonly<Record<string, number>> = {
  weeks: 604_800,
  days: 86_400,
  hours: 3600,
  minutes: 60,
  seconds: 1,
};

/** Drawn once and written down: `settings.set('key', secret)` makes it the same after each start. */
function isKept(expression: Expression, scope: Scope): boolean {
  return (
    expression.kind === 'name' &&
    scope.calls.some(
      ({ callee, args }) =>
        /^(?:set|put|save|write|dump|store)(?:_|$)/.test(lastName(callee) ?? '') &&
        args.some(({ value }) => value.kind === 'name' && value.id === expression.id),
    )
  );
}

function ofCall(call: Call, scope: Scope, file: PythonFile, depth: number): Known {
  const path = file.path(call.callee, scope) ?? '';
  if (RANDOM.test(`${path}()`)) return { kind: 'random' };
  const next = (one: Expression | undefined): Known | undefined =>
    one === undefined ? undefined : valueOf(one, scope, file, depth + 1);
  if (ENVIRONMENT.test(path)) {
    return { kind: 'environment', fallback: next(argument(call, 1, 'default')) };
  }
  const name = lastName(call.callee) ?? '';
  if (name === 'timedelta') return ofTimedelta(call, next);
  if (name === 'dict') {
    return {
      kind: 'map',
      entries: new Map(
        call.args.flatMap((one) =>
          one.name === undefined || one.name === '**'
            ? []
            : [[one.name, next(one.value) ?? UNKNOWN] as const],
        ),
      ),
    };
  }
  if (PASSES.has(name)) return next(call.args[0]?.value) ?? UNKNOWN;
  // A method of a text or of something random: `.strip()`, `.hex()`, `.lower()`.
  if (call.callee.kind === 'attribute') {
    const object = next(call.callee.object);
    if (object?.kind === 'random' || object?.kind === 'environment') return object;
  }
  return UNKNOWN;
}

const PASSES = new Set([
  'str',
  'int',
  'bool',
  'float',
  'bytes',
  'list',
  'tuple',
  'set',
  'frozenset',
  'strtobool',
  'SecretStr',
]);

function ofTimedelta(call: Call, next: (one: Expression) => Known | undefined): Known {
  let seconds = 0;
  for (const { name, value } of call.args) {
    const known = next(value);
    const unit = SECONDS[name ?? 'days'];
    if (known?.kind !== 'number' || unit === undefined) return UNKNOWN;
    seconds += known.value * unit;
  }
  return { kind: 'number', value: seconds };
}

function isTruthy(known: Known): boolean {
  if (known.kind === 'text') return known.value !== '';
  if (known.kind === 'number') return known.value !== 0;
  return known.kind !== 'constant' || known.value === true;
}

/** Whether it is written out as true. */
export function isTrue(known: Known | undefined): boolean {
  return known?.kind === 'constant' && known.value === true;
}

/** Whether it is written out as false. */
export function isFalse(known: Known | undefined): boolean {
  return known?.kind === 'constant' && known.value === false;
}

/** Whether it is that text. */
export function isText(known: Known | undefined, text: string): boolean {
  return known?.kind === 'text' && known.value === text;
}

/** The texts of a text or a list of texts. */
export function textsOf(known: Known | undefined): readonly string[] {
  if (known?.kind === 'text') return [known.value];
  return known?.kind === 'list' ? known.items.flatMap(textsOf) : [];
}
