/** How a text begins: an address that begins with a host of ours leads there, whatever is put behind it. */
import type { Expression } from './ast.ts';

const FIXED = /^(?:https?:\/\/[^/\s]+\/|\/[^/\\\s\u0001]|[?#])/;

/** Whether what stands first is written out, and settles where the address leads. */
export function startsFixed(expression: Expression): boolean {
  const start = startOf(expression);
  return start !== undefined && FIXED.test(start);
}

function startOf(expression: Expression): string | undefined {
  if (expression.kind === 'string') return expression.value.replace(/%[sr].*|\{.*/s, MORE);
  if (expression.kind === 'format') {
    const [first] = expression.parts;
    return first?.kind === 'string' ? first.value + MORE : undefined;
  }
  if (expression.kind === 'binary') {
    return /^[+%]$/.test(expression.operator) ? withMore(startOf(expression.left)) : undefined;
  }
  return expression.kind === 'call' &&
    expression.callee.kind === 'attribute' &&
    expression.callee.name === 'format'
    ? withMore(startOf(expression.callee.object))
    : undefined;
}

/** Stands for what is put in. */
const MORE = '\u0001';

function withMore(start: string | undefined): string | undefined {
  return start === undefined ? undefined : start + MORE;
}

/** Says nothing of where it leads: a scheme, or a slash that another may follow. */
const OPEN = /^(?:[a-z][a-z+.-]*:\/\/|\/{0,2})$/i;

/** Of parts that follow each other, those that decide where the whole leads. */
export function firstOf(parts: readonly Expression[]): readonly Expression[] {
  const [first, ...rest] = parts;
  if (first === undefined) return [];
  if (first.kind !== 'string') return [first];
  return OPEN.test(first.value) ? firstOf(rest) : [];
}

/** The same of an operator. */
export function firstOfTwo({
  operator,
  left,
  right,
}: Extract<Expression, { kind: 'binary' }>): readonly Expression[] {
  if (operator === 'or' || operator === 'and') return [left, right];
  if (operator === '+') return left.kind === 'string' ? (OPEN.test(left.value) ? [right] : []) : [left];
  if (operator !== '%' || left.kind !== 'string') return [];
  return beginsWith(left.value, '%') ? [right.kind === 'sequence' ? (right.items[0] ?? right) : right] : [];
}

/** The same of `'...'.format(x)`. */
export function firstPutIn(text: Expression, value: Expression | undefined): readonly Expression[] {
  if (text.kind !== 'string' || value === undefined) return [text];
  return beginsWith(text.value, '{') ? [value] : [];
}

function beginsWith(text: string, mark: string): boolean {
  const at = text.indexOf(mark);
  return at !== -1 && OPEN.test(text.slice(0, at));
}
