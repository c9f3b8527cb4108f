/** Where the value of an expression comes from: backward, over assignments, within one function. */
import type { Assignment, Call, Expression, Scope } from './ast.ts';
import type { Origin } from './flow-book.ts';
import { isGuarded, isGuardedSince } from './guards.ts';
import { inputOf, parameterIsInput } from './inputs.ts';
import { calledFunction, givenTo } from './called-function.ts';
import { firstOf, firstOfTwo, firstPutIn } from './text-start.ts';
import { argument, lastName, type PythonFile } from './python-file.ts';

const MOST_DEPTH = 16;
const MOST_ORIGINS = 8;

/** What an expression may come from. What nobody here knows comes from nowhere: a guess is no finding. */
export function originsOf(
  expression: Expression,
  scope: Scope,
  file: PythonFile,
  how: How = WHOLE,
): readonly Origin[] {
  if (how.depth > MOST_DEPTH) return NONE;
  if (FROM_NOWHERE.has(expression.kind)) return NONE;
  // Each is asked for many times, and what is made of others would be followed again for each of them.
  const known = how.leading ? file.origins.leading : file.origins.whole;
  const before = known.get(expression);
  if (before !== undefined) return before;
  // A value that is made of itself, in a loop, comes from wherever else it comes from.
  known.set(expression, NONE);
  const origins = findOrigins(expression, scope, file, how);
  known.set(expression, origins);
  return origins;
}

const NONE: readonly Origin[] = [];
const FROM_NOWHERE: ReadonlySet<Expression['kind']> = new Set([
  'string',
  'number',
  'constant',
  'unary',
  'other',
]);

function findOrigins(expression: Expression, scope: Scope, file: PythonFile, how: How): readonly Origin[] {
  const all = (some: readonly Expression[]): readonly Origin[] => joined(some, scope, file, deeper(how));
  switch (expression.kind) {
    case 'name':
      return ofName(expression, scope, file, how);
    case 'attribute': {
      const what = inputOf(expression, scope, file);
      if (what !== undefined) return input(what, expression, scope, file);
      if (CLEAN_ATTRIBUTES.has(expression.name)) return [];
      return all([expression.object]);
    }
    case 'subscript':
      if (isGuarded(expression, scope, file) || isPutIn(expression, file)) return [];
      return all([expression.object]);
    case 'call':
      return ofCall(expression, scope, file, how);
    case 'format':
      return all(how.leading ? firstOf(expression.parts) : expression.parts);
    case 'sequence':
      return all(how.leading ? firstOf(expression.items) : expression.items);
    case 'dict':
      return all(expression.entries.map(({ value }) => value));
    case 'binary':
      if (how.leading) return all(firstOfTwo(expression));
      return MAKES_TEXT.has(expression.operator) ? all([expression.left, expression.right]) : [];
    case 'either':
      return all([expression.truthy, expression.falsy]);
    case 'comprehension':
      return all([expression.element]);
    case 'string':
    case 'number':
    case 'constant':
    case 'unary':
    case 'other':
      return [];
  }
}

/** Of several. Most are of one, whose list is the same: a copy of each would be kept to the end of the run. */
function joined(some: readonly Expression[], scope: Scope, file: PythonFile, how: How): readonly Origin[] {
  const [only] = some;
  if (only === undefined) return NONE;
  if (some.length === 1) return originsOf(only, scope, file, how);
  const found = some.map((one) => originsOf(one, scope, file, how)).filter((one) => one.length > 0);
  const [first] = found;
  return first !== undefined && found.length === 1 ? first : found.flat().slice(0, MOST_ORIGINS);
}

/** `cleaned_data['query'] = stored`: what a form's own check puts there was not sent. */
function isPutIn({ object, index }: Extract<Expression, { kind: 'subscript' }>, file: PythonFile): boolean {
  if (index.kind !== 'string' || lastName(object) !== 'cleaned_data') return false;
  return file.scopes.some(({ assignments }) =>
    assignments.some(
      ({ target }) =>
        target.kind === 'subscript' &&
        target.index.kind === 'string' &&
        target.index.value === index.value &&
        lastName(target.object) === 'cleaned_data',
    ),
  );
}

/** How far, and whether what stands first decides: of an address the rest is put behind a host. */
interface How {
  readonly depth: number;
  readonly leading: boolean;
}

const WHOLE: How = { depth: 0, leading: false };

/** Of an address: what comes behind a host leads nowhere else. */
export const LEADING: How = { depth: 0, leading: true };

function deeper({ depth, leading }: How): How {
  return { depth: depth + 1, leading };
}

/** A comparison is true or false, whatever is compared. */
const MAKES_TEXT = new Set(['+', '%', '|', 'or', 'and', '/', '*']);

function input(what: string, expression: Expression, scope: Scope, file: PythonFile): readonly Origin[] {
  if (isGuarded(expression, scope, file)) return [];
  return [{ kind: 'input', where: file.source.where(expression.at), what }];
}

function ofName(
  expression: Extract<Expression, { kind: 'name' }>,
  scope: Scope,
  file: PythonFile,
  how: How,
): readonly Origin[] {
  const { id, at } = expression;
  const binding = file.binding(id, scope);
  if (binding === undefined || binding.kind === 'defined' || binding.kind === 'import') return [];
  const isOwn = binding.scope === scope;
  const guarded = isGuarded(expression, scope, file);
  if (guarded && !isOwn) return [];
  const assigned =
    binding.kind === 'assigned'
      ? binding.assignments
      : binding.scope.assignments.filter(({ target }) => target.kind === 'name' && target.id === id);
  const { reaching, whole } = reachingAt(assigned, at, binding.scope === scope);
  const values = reaching
    .filter((one) => !how.leading || one.how !== 'adds')
    .filter((one) => !isOwn || !isGuardedSince(expression, scope, one))
    .map(({ value }) => value);
  const given = joined(values, binding.scope, file, deeper(how));
  if (binding.kind === 'parameter' && !whole && !guarded) {
    const { place } = binding;
    const what = parameterIsInput(binding.scope, place, file);
    const name = binding.scope.parameters[place]?.name;
    const own: readonly Origin[] =
      what !== undefined
        ? [{ kind: 'input', where: file.source.where(binding.scope.at), what }]
        : name !== 'self' && name !== 'cls' && name !== 'request'
          ? file.functions.parameter(binding.scope, place)
          : NONE;
    return given.length === 0 ? own : [...given, ...own].slice(0, MOST_ORIGINS);
  }
  return given;
}

/** The assignments that a use may see: back to the last one in a block around it, which nothing before it outlives. */
function reachingAt(
  assignments: readonly Assignment[],
  at: number,
  sameScope: boolean,
): { readonly reaching: readonly Assignment[]; readonly whole: boolean } {
  if (!sameScope) return { reaching: assignments, whole: false };
  const reaching: Assignment[] = [];
  for (const assignment of assignments.toReversed()) {
    // In a loop, what comes later was before, too; a value of its own is never seen by itself.
    if (assignment.at >= at) continue;
    reaching.push(assignment);
    const { block, how } = assignment;
    if (how === 'is' && block.from <= at && at < block.to) return { reaching, whole: true };
  }
  return { reaching, whole: false };
}

function ofCall(call: Call, scope: Scope, file: PythonFile, how: How): readonly Origin[] {
  if (isGuarded(call, scope, file)) return [];
  const what = inputOf(call, scope, file);
  if (what !== undefined) return typedClean(call) ? [] : input(what, call, scope, file);
  const name = lastName(call.callee) ?? '';
  if (CLEANS.has(name) || CLEANING_NAME.test(name)) return [];
  const isGiven = call.args.some(({ value }) =>
    originsOf(value, scope, file, deeper(how)).some(({ kind }) => kind !== 'parameter'),
  );
  const called = calledFunction(call, scope, file, isGiven);
  if (called !== undefined) {
    const given = givenTo(called, call, (value) => originsOf(value, scope, file, deeper(how)));
    return [
      { kind: 'result', of: called.key, where: file.source.where(call.at), leading: how.leading, given },
    ];
  }
  const from: Expression[] = [];
  if (call.callee.kind === 'attribute') {
    if (typedClean(call)) return [];
    const { object } = call.callee;
    // `"...".format(x)` and `", ".join(x)`: what is put in. Else: what a text is made into.
    if (name === 'format' && how.leading) from.push(...firstPutIn(object, call.args[0]?.value));
    else if (name === 'join' && how.leading && call.args.length === 1)
      from.push(...call.args.map(({ value }) => value));
    else if (PUTS_IN.has(name)) from.push(object, ...call.args.map(({ value }) => value));
    else if (name === 'get' || name === 'pop') from.push(object, ...fallbackOf(call));
    // Quotes made two, or marks made entities: escaped by hand.
    else if (name === 'replace' && isEscape(call)) return NONE;
    else if (PASSES_ON.has(name)) from.push(...call.args.map(({ value }) => value), object);
    else from.push(object);
  } else if (PASSES_ON.has(name)) from.push(...call.args.map(({ value }) => value));
  return joined(from, scope, file, deeper(how));
}

/** `get(key, otherwise)`. What a query of a database is given by name finds a row, and is not what that holds. */
function fallbackOf(call: Call): readonly Expression[] {
  const fallback = call.args.filter(
    ({ name }, place) => name === 'default' || (name === undefined && place > 0),
  );
  return fallback.map(({ value }) => value);
}

function isEscape(call: Call): boolean {
  const [from, to] = call.args.map(({ value }) => (value.kind === 'string' ? value.value : undefined));
  return (
    from !== undefined &&
    /^['"<&]$/.test(from) &&
    (to === from + from || to === `\\${from}` || /^&\S+;$/.test(to ?? ''))
  );
}

/** `request.args.get('page', type=int)`. */
function typedClean(call: Call): boolean {
  const type = argument(call, 2, 'type');
  return type?.kind === 'name' && /^(?:int|float|bool|UUID|Decimal|date|datetime)$/.test(type.id);
}

const PUTS_IN = new Set(['format', 'join', 'format_map', 'substitute', 'safe_substitute']);
/** Functions that answer with what they are given, in another shape. */
const PASSES_ON = new Set([
  'str',
  'repr',
  'bytes',
  'list',
  'tuple',
  'set',
  'dict',
  'sorted',
  'reversed',
  'format',
  'unquote',
  'unquote_plus',
  'b64decode',
  'urlsafe_b64decode',
  'loads',
  'urljoin',
  'join',
  'joinpath',
  'Path',
  'PurePath',
  'abspath',
  'normpath',
  'expanduser',
  'BytesIO',
  'StringIO',
  'open',
  'next',
  'iter',
  'copy',
  'deepcopy',
  'cast',
  'Markup',
  'mark_safe',
  'force_str',
  'smart_str',
  'text',
]);
/** What comes out of these is no text of a stranger's choice any more. */
const CLEANS = new Set([
  'int',
  'float',
  'bool',
  'len',
  'UUID',
  'Decimal',
  'secure_filename',
  'safe_join',
  'get_valid_filename',
  'basename',
  'escape',
  'quote',
  'quote_plus',
  'quote_name',
  'quote_ident',
  'conditional_escape',
  'clean',
  'bleach',
  'url_for',
  'reverse',
  'hexdigest',
  'digest',
  'md5',
  'sha1',
  'sha256',
  'isdigit',
  'isalnum',
  'startswith',
  'endswith',
  'index',
  'find',
  'count',
  'dumps',
  'jsonify',
  'literal_eval',
  'get_object_or_404',
  // Django's name for where a row is shown.
  'get_absolute_url',
  'fromisoformat',
  'strptime',
  'validate_on_submit',
  'is_valid',
  'save',
  'suffix',
  'splitext',
]);
const CLEANING_NAME =
  /^_?(?:escape|sanitiz|sanitis|clean_|safe_|validate|check_|verify_|is_|has_|ensure_|get_safe)/i;
const CLEAN_ATTRIBUTES = new Set([
  'id',
  'pk',
  'suffix',
  'content_type',
  'mimetype',
  'content_length',
  'size',
  'errors',
  'method',
]);
