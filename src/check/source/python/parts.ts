/** What an expression is made of. */
import type { Expression } from './ast.ts';

/** The expressions that stand in one, in their order. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'name':
    case 'string':
    case 'number':
    case 'constant':
      return [];
    case 'attribute':
      return [expression.object];
    case 'subscript':
      return [expression.object, expression.index];
    case 'call':
      return [expression.callee, ...expression.args.map(({ value }) => value)];
    case 'format':
      return expression.parts;
    case 'sequence':
    case 'other':
      return expression.items;
    case 'dict':
      return expression.entries.flatMap(({ key, value }) => (key === undefined ? [value] : [key, value]));
    case 'binary':
      return [expression.left, expression.right];
    case 'unary':
      return [expression.operand];
    case 'either':
      return [expression.truthy, expression.test, expression.falsy];
    case 'comprehension':
      return [expression.element, ...expression.parts];
  }
}

/** Whether an expression stands somewhere in another. */
export function contains(whole: Expression, part: Expression): boolean {
  return whole === part || partsOf(whole).some((one) => contains(one, part));
}

/** Whether one of the expressions in it, or it itself, is of a kind. */
export function someExpression(whole: Expression, test: (one: Expression) => boolean): boolean {
  return test(whole) || partsOf(whole).some((one) => someExpression(one, test));
}
