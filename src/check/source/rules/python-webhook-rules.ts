/** Deliveries of others in Python: what a signature is compared by, and over which bytes it is made. */
import type { Block, Expression, Scope } from '../python/ast.ts';
import { partsOf, someExpression } from '../python/parts.ts';
import { argument, lastName, type PythonFile } from '../python/python-file.ts';
import { pythonRule } from '../python/python-rule.ts';
import { COMPARED, DELIVERY_MEND, SIGNED, SIGNED_DELIVERY, WRITTEN_ANEW } from '../signed-delivery.ts';
import type { SourceRule } from '../source-rule.ts';

/** What was sent, as Flask, FastAPI or Django have parsed it or as `json.loads` will: there is no other reason to write it anew. */
const PARSED = /(?:^|[.@])(?:request|req)\.(?:json|get_json|form|values|POST|data|get_data|body)(?:\(\))?$/;
const WRITERS = /^(?:(?:u|simple|or)?json|flask(?:\.json)?|rapidjson)\.dumps$/;
const FORM = /(?:^|[.@])request\.(?:form|values)$/;
const WHOLE = /^flask\.request\.(?:data|get_data\(\))$/;
const FIX = `made = hmac.new(SECRET, request.get_data(), 'sha256').hexdigest()  # the bytes that came
if not hmac.compare_digest(made, request.headers.get('X-Signature', '')):
    abort(401)`;
/** What writes the same in other letters. Any other call may make anything of it, such as its length. */
const ENCODERS =
  /^(?:(?:en|de)code|hex|fromhex|(?:un)?hexlify|\w*b(?:16|32|64)(?:en|de)code|bytes|bytearray|str|(?:force|smart)_(?:bytes|str)|to_bytes|upper|lower|[lr]?strip|format|join)$/;
/** From name to name: whoever wrote more did not want to be understood. */
const MOST_STEPS = 4;

/** Rules about them. */
export const pythonWebhookRules: readonly SourceRule[] = [
  pythonRule({
    id: 'python.webhook-signature',
    ...SIGNED_DELIVERY,
    mend: DELIVERY_MEND,
    words: ['hmac', 'construct_event'],
    look(file, say) {
      const tell = (at: number, message: string): void =>
        say({ at: { file: file.source, at }, message, fix: FIX });
      const judging = judgingScopes(file);
      for (const scope of file.scopes) {
        for (const at of comparedIn(scope, file)) {
          judging.add(scope);
          tell(at, COMPARED);
        }
      }
      for (const { call, scope } of file.calls('new', 'update', 'digest', 'construct_event')) {
        const signed = signedBy(call, scope, file);
        // Whoever signs what they send on compares nothing.
        if (signed === undefined || !judging.has(scope) || !speaksOfSignatures(scope)) continue;
        if (isMadeAnew(signed, scope, file)) tell(call.at, WRITTEN_ANEW);
        else if (isWhole(signed, scope, file) && formReadBefore(call.at, scope, file))
          tell(
            call.at,
            'the form is read before the bytes that were signed: then nothing is left of a form to read',
          );
      }
    },
  }),
];

/** Functions that compare a signature, those around them, and those that make one for the comparison. */
function judgingScopes(file: PythonFile): Set<Scope> {
  const judging = new Set<Scope>();
  const makers = new Set<string>();
  const sites = [...file.calls('compare_digest', 'construct_event')];
  const wrappers = new Set<Scope>();
  // It grows while it is gone through.
  for (const { call, scope } of sites) {
    judging.add(scope);
    for (let at = scope.parent; at?.kind === 'function'; at = at.parent) judging.add(at);
    for (const { value } of call.args) {
      for (const [one] of followed(value, scope, file))
        if (one.kind === 'call') makers.add(lastName(one.callee) ?? '');
    }
    // `def same(a, b): return hmac.compare_digest(a, b)`: who calls it compares.
    const isWrapper = call.args.every(({ value }) => file.path(value, scope)?.startsWith('@'));
    if (!isWrapper || wrappers.has(scope) || call.args.length < 2) continue;
    wrappers.add(scope);
    sites.push(...file.calls(scope.name));
  }
  for (const scope of file.scopes) {
    if (scope.kind === 'function' && makers.has(scope.name)) judging.add(scope);
  }
  return judging;
}

/** What a call makes a signature over. */
function signedBy(
  call: Extract<Expression, { kind: 'call' }>,
  scope: Scope,
  file: PythonFile,
): Expression | undefined {
  const path = file.path(call.callee, scope) ?? '';
  if (path === 'hmac.new' || path === 'hmac.digest') return argument(call, 1, 'msg');
  if (path === 'hmac.new().update') return argument(call, 0, 'msg');
  return path.endsWith('Webhook.construct_event') ? argument(call, 0, 'payload') : undefined;
}

/** Where it ends at the first difference. */
function comparedIn(scope: Scope, file: PythonFile): ReadonlySet<number> {
  const found = new Set<number>();
  const wholes = [
    ...scope.tests.map(({ test }) => test),
    ...scope.returns,
    ...scope.assignments.map(({ value }) => value),
  ];
  for (const whole of wholes) {
    someExpression(whole, (one) => {
      if (one.kind !== 'binary' || (one.operator !== '==' && one.operator !== '!=')) return false;
      const { left, right } = one;
      const isCompared =
        (isDigest(left, scope, file) && isSent(right, scope, file)) ||
        (isDigest(right, scope, file) && isSent(left, scope, file));
      if (isCompared) found.add(one.at);
      return false;
    });
  }
  return found;
}

/** What names in it stand for, too. With `through`, what is handed to other calls is none of it. */
function* followed(
  expression: Expression,
  scope: Scope,
  file: PythonFile,
  steps = 0,
  through?: RegExp,
): Generator<[Expression, Scope]> {
  yield [expression, scope];
  if (expression.kind === 'name') {
    if (steps >= MOST_STEPS) return;
    const binding = file.binding(expression.id, scope);
    if (binding?.kind !== 'assigned' || binding.assignments.length > 3) return;
    for (const { value } of binding.assignments)
      yield* followed(value, binding.scope, file, steps + 1, through);
    return;
  }
  if (expression.kind === 'call' && through?.test(lastName(expression.callee) ?? '') === false) return;
  for (const part of partsOf(expression)) yield* followed(part, scope, file, steps, through);
}

/** What comes of an HMAC, in a text or alone. */
function isDigest(expression: Expression, scope: Scope, file: PythonFile): boolean {
  for (const [one, at] of followed(expression, scope, file, 0, ENCODERS)) {
    // What is asked whether two are the same is no digest.
    if (one.kind === 'binary' && one.operator !== '+' && one.operator !== '%') return false;
    if (one.kind !== 'call') continue;
    const path = file.path(one.callee, at) ?? '';
    if (path.endsWith('compare_digest')) return false;
    if (/^hmac\.(?:new\(\)\.(?:hex)?digest|digest)$/.test(path)) return true;
  }
  return false;
}

/** By what it is called, or by the header that it is. A digest is compared with others too, such as that of a cache. */
function isSent(expression: Expression, scope: Scope, file: PythonFile): boolean {
  for (const [one] of followed(expression, scope, file)) {
    const word = one.kind === 'string' ? one.value : (lastName(one) ?? '');
    if (SIGNED.test(word)) return true;
  }
  return false;
}

/** A digest over parsed values is a key of a cache just as well: where nobody speaks of a signature, it is. */
function speaksOfSignatures(scope: Scope): boolean {
  const words = [
    scope.name,
    ...scope.parameters.map(({ name }) => name),
    ...scope.assignments.map(({ target }) => lastName(target) ?? ''),
  ];
  if (words.some((word) => SIGNED.test(word))) return true;
  const texts = [...scope.decorators, ...scope.calls, ...scope.tests.map(({ test }) => test)];
  return texts.some((whole) =>
    someExpression(whole, (one) => one.kind === 'string' && SIGNED.test(one.value)),
  );
}

/** `json.dumps(request.json)`. */
function isMadeAnew(signed: Expression, scope: Scope, file: PythonFile): boolean {
  for (const [one, at] of followed(signed, scope, file, 0, ENCODERS)) {
    if (one.kind !== 'call') continue;
    const path = file.path(one.callee, at) ?? '';
    // `str(request.get_data(), 'utf-8')` decodes.
    if (path === 'str' && one.args.length > 1) continue;
    if (!WRITERS.test(path) && path !== 'str' && path !== 'repr') continue;
    const given = one.args[0]?.value;
    if (given !== undefined && someOf(given, at, file, PARSED)) return true;
  }
  return false;
}

function isWhole(signed: Expression, scope: Scope, file: PythonFile): boolean {
  return someOf(signed, scope, file, WHOLE);
}

function someOf(expression: Expression, scope: Scope, file: PythonFile, path: RegExp): boolean {
  for (const [one, at] of followed(expression, scope, file))
    if (path.test(file.path(one, at) ?? '')) return true;
  return false;
}

/** Werkzeug reads a form off the connection: get_data() is empty then, and keeps what it has read where it came first. */
function formReadBefore(signing: number, scope: Scope, file: PythonFile): boolean {
  const wholes = [
    ...scope.assignments.map(({ value }) => value),
    ...scope.calls,
    ...scope.tests.map(({ test }) => test),
  ];
  let first = signing;
  for (const whole of wholes) {
    someExpression(whole, (one) => {
      const isRead = one.kind === 'call' || one.kind === 'attribute';
      if (isRead && one.at < first && WHOLE.test(file.path(one, scope) ?? '')) first = one.at;
      return false;
    });
  }
  return wholes.some((whole) =>
    someExpression(
      whole,
      (one) =>
        one.at < first &&
        one.kind === 'attribute' &&
        FORM.test(file.path(one, scope) ?? '') &&
        mayLead(one.at, first, scope),
    ),
  );
}

/** Whether what is done at one place comes before another: not from a branch that returned, nor from one to its other. */
function mayLead(from: number, to: number, scope: Scope): boolean {
  return !scope.decisions.some(({ paths, otherwise }) => {
    const arms = [
      ...paths.map(({ body, leaves }) => ({ block: body, leaves })),
      ...(otherwise === undefined ? [] : [otherwise]),
    ];
    const left = arms.find(({ block }) => isIn(from, block));
    if (left === undefined || isIn(to, left.block)) return false;
    return left.leaves >= 2 || arms.some(({ block }) => isIn(to, block));
  });
}

function isIn(at: number, block: Block): boolean {
  return block.from <= at && at < block.to;
}
