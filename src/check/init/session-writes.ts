/** How a change of the session is written: edits around what stands there, so that what is put in is moved by itself. */
import type { SyntaxNode } from '@lezer/common';
import { applyEdits, type Edit } from '../fix/edit.ts';
import { maskWhole } from '../source/mask-secrets.ts';
import type { ModuleFacts } from './read-module.ts';
import { isSomething } from './session-values.ts';

/** For a value that may be nothing, and is worked out once: the layer asks anew where another request wrote in between. */
const KEPT = 'stored';
const PLAIN = /^(?:VariableName|MemberExpression)$/;
const LONGEST = 100;

/** `req.session.key = value`, and with `+=`, `??=` and their like. Undefined: it is not sure to be the same. */
export function assignmentEdits(
  module: ModuleFacts,
  assignment: SyntaxNode,
  key: string,
  of: string,
): readonly Edit[] | undefined {
  const [target, value] = [assignment.firstChild, assignment.lastChild];
  const operator = target?.nextSibling ?? null;
  if (value === null || operator === null) return undefined;
  const around = (before: string, behind: string): readonly Edit[] => [
    { from: assignment.from, to: value.from, text: before },
    { from: value.to, to: value.to, text: behind },
  ];
  const sign = module.text.slice(operator.from, operator.to);
  if (sign !== '=') {
    // Of `a &&= b` nothing may come.
    const isLogic = /^(?:\|\||\?\?)=$/.test(sign);
    if (sign === '&&=' || (isLogic && !isSomething(module, value))) return undefined;
    return around(`await ${of}.set('${key}', ${of}.get('${key}') ${sign.slice(0, -1)} (`, '))');
  }
  if (module.text.slice(value.from, value.to) === 'undefined')
    return [{ from: assignment.from, to: assignment.to, text: `await ${of}.delete('${key}')` }];
  if (isSomething(module, value)) return around(`await ${of}.set('${key}', `, ')');
  if (PLAIN.test(value.name)) return around(`await ${of}.change('${key}', () => `, ')');
  const isOfBlock = /^(?:Block|Script)$/.test(assignment.parent?.parent?.name ?? '');
  if (!isOfBlock || module.names.has(KEPT)) return undefined;
  return around(`{ const ${KEPT} = `, `; await ${of}.change('${key}', () => ${KEPT}); }`);
}

/** `req.session.count++`. */
export function countText(count: SyntaxNode, sign: string, key: string, of: string): Edit {
  const { from, to } = count;
  return { from, to, text: `await ${of}.set('${key}', Number(${of}.get('${key}')) ${sign} 1)` };
}

/** `req.session.cart.push(item);`, `req.session.user.name = name;`: what is there is changed, and put back behind. */
export function changeEdits(
  { text, names }: ModuleFacts,
  member: SyntaxNode,
  statement: SyntaxNode,
  key: string,
  of: string,
): readonly Edit[] | undefined {
  if (names.has(KEPT) || !/^(?:Block|Script)$/.test(statement.parent?.name ?? '')) return undefined;
  const { from, to } = statement;
  const end = text[to - 1] === ';' ? '' : ';';
  return [
    {
      from,
      to: member.to,
      text: `{ const ${KEPT} = ${of}.get('${key}'); ${text.slice(from, member.from)}${KEPT}`,
    },
    { from: to, to, text: `${end} await ${of}.change('${key}', () => ${KEPT}); }` },
  ];
}

/** The line for whoever writes it: with what stands there, where that is short and no secret. */
export function assignmentLine(module: ModuleFacts, assignment: SyntaxNode, key: string, of: string): string {
  const { from, to } = assignment;
  const edits = assignmentEdits(module, assignment, key, of)?.map((edit) => ({
    from: edit.from - from,
    to: edit.to - from,
    text: edit.text,
  }));
  const text = edits === undefined ? undefined : applyEdits(module.text.slice(from, to), edits);
  const own = text === undefined ? undefined : asCalls(text);
  const isShown = own !== undefined && own.length <= LONGEST + of.length && !/[\r\n]/.test(own);
  return isShown && maskWhole(own) === own ? `${own};` : `await ${of}.set('${key}', value);`;
}

/** Reads in it, as the layer has them. */
function asCalls(text: string): string {
  return text.replaceAll(
    /\b(_?req(?:uest)?)\.session\.(\w+)\b(?!\()/g,
    (_all, request, key) => `bulwark.of(${request}).session.get('${key}')`,
  );
}
