/** What an expression is made of. */
import type { Expression } from './ast.ts';

/** Its parts, those of functions left out. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'template':
    case 'other':
      return expression.parts;
    case 'tagged':
      return [expression.tag, ...expression.parts];
    case 'member':
      return [expression.object];
    case 'index':
      return [expression.object, expression.index];
    case 'call':
      return [expression.callee, ...expression.args];
    case 'object':
      return expression.entries.map(({ value }) => value);
    case 'array':
      return expression.items;
    case 'binary':
      return [expression.left, expression.right];
    case 'choice':
      return [expression.test, expression.yes, expression.no];
    case 'unary':
    case 'spread':
      return [expression.value];
    case 'assign':
      return [expression.target, expression.value];
    case 'constant':
    case 'function':
    case 'import':
    case 'name':
    case 'parameter':
    case 'regex':
    case 'string':
      return [];
  }
}

/** It and everything in it, to a bound. */
export function* allOf(expression: Expression, depth = 0): Generator<Expression> {
  yield expression;
  if (depth > 40) return;
  for (const part of partsOf(expression)) yield* allOf(part, depth + 1);
}

/** Names and fields as they are written, so that two that are the same can be told: `req.query.id`. */
export function spelled(expression: Expression): string | undefined {
  switch (expression.kind) {
    case 'name':
      return expression.id;
    case 'member': {
      const object = spelled(expression.object);
      return object === undefined ? undefined : `${object}.${expression.name}`;
    }
    case 'index': {
      const [object, index] = [spelled(expression.object), spelled(expression.index)];
      return object === undefined || index === undefined ? undefined : `${object}[${index}]`;
    }
    case 'call':
      return expression.args.length === 0 || expression.args[0]?.kind === 'string'
        ? spelledCall(expression)
        : undefined;
    case 'array':
    case 'assign':
    case 'binary':
    case 'choice':
    case 'constant':
    case 'function':
    case 'import':
    case 'object':
    case 'other':
    case 'parameter':
    case 'regex':
    case 'spread':
    case 'string':
    case 'tagged':
    case 'template':
    case 'unary':
      return undefined;
  }
}

function spelledCall({ callee, args }: Expression & { readonly kind: 'call' }): string | undefined {
  const name = spelled(callee);
  const [first] = args;
  return name === undefined ? undefined : `${name}(${first?.kind === 'string' ? first.value : ''})`;
}
