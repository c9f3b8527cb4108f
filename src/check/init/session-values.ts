/** What is put into the session: whether it may be nothing, and under which names there is never anything that could be changed. */
import type { SyntaxNode } from '@lezer/common';
import { constantOf } from './certain.ts';
import { isSent } from './definitions.ts';
import type { ModuleFacts } from './read-module.ts';

/** What they return is a text, a number or a truth, whatever they are handed. */
const MADE =
  /^(?:String|Number|Boolean|parseInt|parseFloat|encodeURIComponent|decodeURIComponent|Date\.now|JSON\.stringify|Math\.\w+|(?:crypto\.)?randomUUID)$/;
/** Of a text or a number, and what comes of them is one. */
const METHOD = /\.(toString|toLowerCase|toUpperCase|toISOString|toFixed|trim|padStart|padEnd)$/;
/** What Express has of a request as a text or a truth. */
const OF_REQUEST =
  /^_?req(?:uest)?\.(?:originalUrl|url|path|method|ip|hostname|protocol|baseUrl|secure|xhr)$/;
/** What something is called by. Of a body it may be anything that somebody sent. */
const ID = /^(?!_?req(?:uest)?\b)(?:\w+\.)+(?:id|_id|userId|user_id|insertId|lastID|length)$/;
const SESSION_KEY = /^_?req(?:uest)?\.session\.(\w+)$/;
const DEEPEST = 4;
/** So long may such a chain be, against the order of the file. */
const MOST_ROUNDS = 10;

/**
 * The names under which the whole application keeps texts, numbers and truths alone: what nobody can change where it lies may go
 * anywhere. It holds where every use of the session is understood; where one is not, the package stays for that.
 */
export function plainKeys(modules: readonly ModuleFacts[]): ReadonlySet<string> {
  const byKey = Map.groupBy(modules.flatMap(writesIn), ({ key }) => key);
  const plain = new Set<string>();
  // One that is given to another is known before that one. What goes round in a circle is known of none.
  for (let [size, round] = [-1, 0]; size !== plain.size && round < MOST_ROUNDS; round += 1) {
    size = plain.size;
    for (const [key, writes] of byKey)
      if (writes.every(({ module, value }) => value === undefined || isPlain(module, value, plain)))
        plain.add(key);
  }
  return plain;
}

/** Whether there is always something: the layer stores no `undefined`, and express-session drops it. */
export function isSomething(module: ModuleFacts, value: SyntaxNode, depth = 0): boolean {
  if (depth > DEEPEST) return false;
  const last = value.lastChild;
  switch (value.name) {
    case 'ArrayExpression':
    case 'ObjectExpression':
    case 'NewExpression':
    case 'String':
    case 'TemplateString':
    case 'Number':
    case 'BooleanLiteral':
    case 'null':
    case 'PostfixExpression':
      return true;
    case 'UnaryExpression':
      return !/^void\b/.test(textOf(module, value));
    case 'ParenthesizedExpression': {
      const inside = value.firstChild?.nextSibling ?? undefined;
      return inside !== undefined && isSomething(module, inside, depth + 1);
    }
    case 'CallExpression':
      // Of nothing JSON.stringify makes nothing.
      return (
        MADE.test(calleeOf(module, value)) &&
        !calleeOf(module, value).startsWith('JSON.') &&
        isOfLanguage(module, calleeOf(module, value))
      );
    case 'ConditionalExpression':
      return branchesOf(value).every((branch) => isSomething(module, branch, depth + 1));
    case 'BinaryExpression': {
      const operator = value.getChild('LogicOp');
      if (operator === null) return true;
      const isAnd = textOf(module, operator) === '&&';
      return !isAnd && last !== null && isSomething(module, last, depth + 1);
    }
    case 'VariableName': {
      const declared = constantOf(module, textOf(module, value));
      return declared !== undefined && isSomething(module, declared, depth + 1);
    }
    default:
      return false;
  }
}

interface Write {
  readonly module: ModuleFacts;
  readonly key: string;
  /** Undefined: a sum, which is a text or a number whatever it is of. */
  readonly value: SyntaxNode | undefined;
}

function writesIn(module: ModuleFacts): readonly Write[] {
  if (!/\.session\b/.test(module.text)) return [];
  const writes: Write[] = [];
  module.top.cursor().iterate(({ node, name }) => {
    if (name !== 'AssignmentExpression') return;
    const [target, value] = [node.firstChild, node.lastChild];
    if (target === null || value === null) return;
    const key = SESSION_KEY.exec(textOf(module, target))?.[1];
    if (key === undefined) return;
    const operator = node.getChild('UpdateOp');
    const isSum = operator !== null && !/^(?:\|\||&&|\?\?)=$/.test(textOf(module, operator));
    writes.push({ module, key, value: isSum ? undefined : value });
  });
  return writes;
}

/** Whether a value is a text, a number or a truth, where those of some keys of the session are. */
export function isPlain(
  module: ModuleFacts,
  value: SyntaxNode,
  plain: ReadonlySet<string>,
  depth = 0,
): boolean {
  if (depth > DEEPEST) return false;
  const go = (next: SyntaxNode | null | undefined): boolean =>
    next !== null && next !== undefined && isPlain(module, next, plain, depth + 1);
  const text = textOf(module, value);
  switch (value.name) {
    case 'String':
    case 'TemplateString':
    case 'Number':
    case 'BooleanLiteral':
    case 'null':
    case 'PostfixExpression':
    case 'UnaryExpression':
      return true;
    case 'ParenthesizedExpression':
      return go(value.firstChild?.nextSibling);
    case 'ConditionalExpression':
      return branchesOf(value).every(go);
    case 'BinaryExpression': {
      const operator = value.getChild('LogicOp');
      if (operator === null) return true;
      // On the left of `&&` it is what it is only where it is false, and that is no object.
      return go(value.lastChild) && (textOf(module, operator) === '&&' || go(value.firstChild));
    }
    case 'CallExpression': {
      const callee = calleeOf(module, value);
      return (MADE.test(callee) && isOfLanguage(module, callee)) || isOfText(module, value, go);
    }
    case 'MemberExpression': {
      const key = SESSION_KEY.exec(text)?.[1];
      return key === undefined
        ? OF_REQUEST.test(text) || (ID.test(text) && !isSent(module, text.split('.')[0] ?? text))
        : plain.has(key);
    }
    case 'VariableName':
      if (text === 'undefined') return !module.definitions.has(text);
      return go(constantOf(module, text));
    default:
      return false;
  }
}

/** Whether it is a method that texts and numbers have, of what may be one: an object of the program gives back what it likes. */
function isOfText(
  module: ModuleFacts,
  call: SyntaxNode,
  isKnown: (receiver: SyntaxNode | null | undefined) => boolean,
): boolean {
  const callee = calleeOf(module, call);
  const method = METHOD.exec(callee)?.[1];
  if (method === undefined) return false;
  const root = /^\(*(\w+)/.exec(callee)?.[1] ?? '';
  // What was sent has no functions.
  if (/^_?req(?:uest)?$/.test(root) || isKnown(call.firstChild?.firstChild)) return true;
  const made = constantOf(module, root);
  if (root === 'this') return false;
  if (made?.name === 'NewExpression') return /^new Date\b/.test(textOf(module, made));
  return !new RegExp(`\\b${method}\\s*(?:[:=](?!=)|\\([^()]*\\)\\s*\\{)`).test(module.text);
}

/** No function of the file has its name; `randomUUID` is one by its import. */
function isOfLanguage({ definitions }: ModuleFacts, callee: string): boolean {
  const [first = callee] = callee.split('.');
  return /^(?:crypto|randomUUID)$/.test(first) || !definitions.has(first);
}

function calleeOf(module: ModuleFacts, call: SyntaxNode): string {
  return call.firstChild === null ? '' : textOf(module, call.firstChild);
}

/** Of `a ? b : c`, the two behind. */
function branchesOf(conditional: SyntaxNode): readonly SyntaxNode[] {
  const last = conditional.lastChild;
  const middle = last?.prevSibling?.prevSibling;
  return last === null || middle === null || middle === undefined ? [] : [middle, last];
}

function textOf({ text }: ModuleFacts, { from, to }: SyntaxNode): string {
  return text.slice(from, to);
}
