/** How a text begins: an address that begins with a host of ours leads there, whatever is put behind it. */
import type { Expression } from '../python/ast.ts';

const FIXED = /^(?:https?:\/\/[^/\s]+\/|\/[^/\\\s]|[?#])/;

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
