/** Where a value of the session goes. express-session stores at the end whatever became of it; here a change that is not put back is lost. */
import type { SyntaxNode } from '@lezer/common';
import type { ModuleFacts } from './read-module.ts';

/** What they return is a text, a number or a truth, and leads back to nothing. */
const PRIMITIVE =
  /^(?:charAt|charCodeAt|codePointAt|endsWith|includes|indexOf|join|lastIndexOf|localeCompare|match|normalize|padEnd|padStart|repeat|split|startsWith|substring|toFixed|toISOString|toLowerCase|toString|toUpperCase|trim|trimEnd|trimStart)$/;
/** What they return holds parts of it. */
const PARTS = /^(?:at|concat|flat|slice)$/;
/** These change what they are called on. */
const CHANGES = /^(?:add|clear|copyWithin|delete|fill|pop|push|reverse|set|shift|sort|splice|unshift)$/;
/** They make a text, a number or a truth of what they are handed. */
const GLOBAL =
  /^(?:console\.\w+|JSON\.stringify|Array\.isArray|Boolean|Number|String|encodeURIComponent|parseFloat|parseInt)$/;
/** What Express writes as JSON or as a text there and then. */
const SENT = /^_?res(?:ponse)?(?:\.status\(\d+\))?\.(?:json|send|redirect|location)$/;
/** What a condition stands in. */
const CONDITION = /^(?:If|While|Do|Switch)Statement$/;
const SCOPE = /^(?:ArrowFunction|FunctionExpression|FunctionDeclaration|MethodDeclaration|Script)$/;
/** Past one of these a change is not put back, or after others had their turn. */
const LEAVES = /\b(?:return|throw|break|continue|await|yield)\b/;
/** Uses of one name: in files that a program made it may have so many that looking at all of them for each takes minutes. */
const MOST_USES = 1000;

/** Whether nothing can come to the value of `req.session.key` where it stands, or by a name it is given that is not put back. */
export function isOnlyRead(module: ModuleFacts, member: SyntaxNode, target: string): boolean {
  const end = endOf(module, member);
  return typeof end === 'boolean' ? end : isKept(module, end, target);
}

/** The same of `const { key } = req.session`, by the name that it is given. */
export function isNameOnlyRead(module: ModuleFacts, name: SyntaxNode, target: string): boolean {
  return isKept(module, name, target);
}

/** Whether a use takes what is there and gives nothing to the place itself: for a value that nobody can change, this is enough. */
export function isTaken(member: SyntaxNode): boolean {
  let at = member;
  for (let { parent } = at; parent !== null; { parent } = at) {
    // `[req.session.a] = list`
    if (!/^(?:ArrayExpression|ObjectExpression|Property|Spread|ParenthesizedExpression)$/.test(parent.name)) {
      const isFirst = parent.firstChild?.from === at.from;
      if (
        /^(?:AssignmentExpression|CallExpression|MemberExpression|TaggedTemplateExpression)$/.test(
          parent.name,
        )
      )
        return !isFirst;
      return !/^For(?:Of|In)Spec$|^PostfixExpression$/.test(parent.name);
    }
    at = parent;
  }
  return false;
}

/** The outermost function around it. */
export function outermostOf(node: SyntaxNode): SyntaxNode {
  let scope = scopeOf(node);
  for (let at = scope.parent; at !== null; at = at.parent)
    if (SCOPE.test(at.name) && at.name !== 'Script') scope = at;
  return scope;
}

/** True: it ends as a text, a truth or nothing. A node: by that name it goes on. False: nobody can say. */
export function endOf(module: ModuleFacts, value: SyntaxNode): boolean | SyntaxNode {
  let at = value;
  for (let parent = at.parent; parent !== null; parent = at.parent) {
    const isFirst = parent.firstChild?.from === at.from;
    switch (parent.name) {
      case 'MemberExpression': {
        // `words[req.session.language]`: as the name of an entry it is a text.
        if (!isFirst) return true;
        const name = parent.getChild('PropertyName');
        if (name !== null && textOf(module, name) === 'length' && !isTarget(parent)) return true;
        break;
      }
      case 'CallExpression': {
        const method = at === value ? null : at.getChild('PropertyName');
        if (method === null || !isFirst) return false;
        if (PRIMITIVE.test(textOf(module, method))) return true;
        if (!PARTS.test(textOf(module, method))) return false;
        break;
      }
      case 'BinaryExpression': {
        const operator = parent.getChild('LogicOp');
        // On the left of `&&` it goes on only where it is false, and that is no object.
        if (operator === null || (isFirst && textOf(module, operator) === '&&')) return true;
        break;
      }
      case 'ConditionalExpression':
        if (isFirst) return true;
        break;
      case 'ParenthesizedExpression':
        if (CONDITION.test(parent.parent?.name ?? '')) return true;
        break;
      case 'UnaryExpression':
        return !/^(?:delete\b|\+\+|--)/.test(textOf(module, parent));
      case 'Interpolation':
        return parent.parent?.parent?.name !== 'TaggedTemplateExpression';
      case 'ExpressionStatement':
      case 'CaseLabel':
        return true;
      case 'ArrayExpression':
      case 'ObjectExpression':
      case 'Property':
        break;
      case 'ArgList':
        return isWrittenOut(module, parent);
      case 'AssignmentExpression':
        // Under another name of the session it would be one thing by two names.
        return false;
      case 'VariableDeclaration': {
        const name = at.prevSibling?.name === 'Equals' ? at.prevSibling.prevSibling : null;
        return name?.name === 'VariableDefinition' ? name : false;
      }
      default:
        return false;
    }
    at = parent;
  }
  return false;
}

/** `res.json(value)`, and `String(value)` where the file has no other function of that name. */
function isWrittenOut(module: ModuleFacts, list: SyntaxNode): boolean {
  const callee = list.parent?.name === 'CallExpression' ? list.parent.firstChild : null;
  if (callee === null) return false;
  const name = textOf(module, callee);
  return SENT.test(name) || (GLOBAL.test(name) && !module.definitions.has(name.split('.')[0] ?? name));
}

/** `req.session.cart = cart`, where it came from there. */
function isPutBack(module: ModuleFacts, { parent, from }: SyntaxNode, target: string): boolean {
  const to = parent?.name === 'AssignmentExpression' ? parent.firstChild : null;
  return (
    to !== null &&
    to.from !== from &&
    parent?.getChild('Equals') !== null &&
    parent?.parent?.name === 'ExpressionStatement' &&
    textOf(module, to) === target
  );
}

/** `const cart = req.session.cart`: each use only reads, or what is changed is put back in the block where the name was given. */
function isKept(module: ModuleFacts, name: SyntaxNode, target: string): boolean {
  const uses = usesIn(module, textOf(module, name), scopeOf(name));
  if (uses === undefined) return false;
  const changes: SyntaxNode[] = [];
  for (const use of uses) {
    if (endOf(module, use) === true || isGivenAnew(use) || isPutBack(module, use, target)) continue;
    if (!isChange(module, use)) return false;
    changes.push(use);
  }
  const [first] = changes;
  if (first === undefined) return true;
  let declaration = name.parent;
  while (declaration !== null && declaration.name !== 'VariableDeclaration') declaration = declaration.parent;
  const block = declaration?.parent;
  const scope = scopeOf(name);
  const back = uses.find(({ parent }) => {
    const statement = parent?.name === 'AssignmentExpression' ? parent.parent : null;
    const of = parent?.firstChild ?? null;
    return (
      of !== null &&
      textOf(module, of) === target &&
      statement?.name === 'ExpressionStatement' &&
      statement.parent?.from === block?.from &&
      statement.parent?.name === block?.name
    );
  });
  return (
    back !== undefined &&
    changes.every((one) => one.from > name.to && one.from < back.from && scopeOf(one).from === scope.from) &&
    !LEAVES.test(module.text.slice(first.from, back.from))
  );
}

/** `cart = []`: the name stands for something else then. */
function isGivenAnew({ parent, from }: SyntaxNode): boolean {
  return (
    parent?.name === 'AssignmentExpression' &&
    parent.firstChild?.from === from &&
    parent.firstChild.name === 'VariableName' &&
    parent.parent?.name === 'ExpressionStatement'
  );
}

/** `cart.push(item);`, `user.name = 'x';`, `delete user.name;`: a statement that changes what the name stands for, and does no more. */
export function isChange(module: ModuleFacts, use: SyntaxNode): boolean {
  let at = use;
  while (at.parent?.name === 'MemberExpression' && at.parent.firstChild?.from === at.from) at = at.parent;
  const { parent } = at;
  if (at === use || parent === null || parent.parent?.name !== 'ExpressionStatement') return false;
  if (isTarget(at)) return true;
  const method = at.getChild('PropertyName');
  return parent.name === 'CallExpression' && method !== null && CHANGES.test(textOf(module, method));
}

/** Something is given to it, or it is taken away. */
function isTarget(member: SyntaxNode): boolean {
  const { parent } = member;
  if (parent === null) return false;
  if (parent.name === 'AssignmentExpression') return parent.firstChild?.from === member.from;
  if (parent.name === 'UnaryExpression')
    return parent.getChild('ArithOp') !== null || parent.getChild('delete') !== null;
  return parent.name === 'PostfixExpression' || /^For(?:Of|In)Spec$/.test(parent.name);
}

export function scopeOf(node: SyntaxNode): SyntaxNode {
  let at = node;
  while (at.parent !== null && !SCOPE.test(at.name)) at = at.parent;
  return at;
}

/** Undefined: too many to look at. */
export function usesIn(
  { uses, top }: ModuleFacts,
  name: string,
  scope: SyntaxNode,
): readonly SyntaxNode[] | undefined {
  const all = uses.get(name) ?? [];
  if (all.length > MOST_USES) return undefined;
  return all
    .filter(({ from, to }) => from >= scope.from && to <= scope.to)
    .map(({ from }) => top.resolveInner(from, 1));
}

function textOf({ text }: ModuleFacts, { from, to }: SyntaxNode): string {
  return text.slice(from, to);
}
