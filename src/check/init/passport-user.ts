/** What `serializeUser` hands over: the layer takes the account from it, and asks for no more than is certain. */
import type { SyntaxNode } from '@lezer/common';
import type { Argument, ModuleFacts } from './read-module.ts';
import { placeOf } from './wiring.ts';

const FUNCTION = /^(?:ArrowFunction|FunctionExpression)$/;

/** A value of a user that is a text or a number, or has no meaning as the name of an account. */
const NAMES_ACCOUNT =
  /^(?:String\(\s*\w+\.(?:_?id|\w+Id)\s*\)|\w+\.(?:_?id|\w+Id|uuid|email|username|userName|login|sub|oid)(?:\.toString\(\))?)$/;

/** Why somebody could be signed in whom the layer has no name for; undefined: nobody. */
export function whySerialized(modules: readonly ModuleFacts[]): string | undefined {
  for (const module of modules) {
    const calls = module.calls.filter(({ callee }) => /(?:^|\.)serializeUser$/.test(callee));
    const count = (module.text.match(/\bserializeUser\b/g) ?? []).length;
    const other = calls.find(({ args: [own] }) => !namesAccount(module, own));
    if (other !== undefined) return `${placeOf(module, other)} hands over what may name no account`;
    const at = module.text.indexOf('serializeUser');
    const comments = countInComments(module);
    if (count !== calls.length + comments)
      return `${placeOf(module, { from: at, to: at })} is no call that is understood`;
  }
  return undefined;
}

function countInComments({ text, top }: ModuleFacts): number {
  let count = 0;
  top.cursor().iterate(({ name, from, to }) => {
    if (name.endsWith('Comment')) count += (text.slice(from, to).match(/\bserializeUser\b/g) ?? []).length;
  });
  return count;
}

/** `(user, done) => done(null, user.id)`, and however often it calls that. */
function namesAccount(module: ModuleFacts, own: Argument | undefined): boolean {
  if (own === undefined || !FUNCTION.test(own.kind)) return false;
  const owner = nodeAt(module, own);
  const names = owner?.getChild('ParamList')?.getChildren('VariableDefinition') ?? [];
  if (owner === undefined || names.length < 2 || names.length > 3) return false;
  const last = names.at(-1);
  const done = last === undefined ? '' : module.text.slice(last.from, last.to);
  const uses = (module.uses.get(done) ?? []).filter(({ from, to }) => owner.from <= from && to <= owner.to);
  const calls = module.calls.filter(
    ({ callee, calleeRange: { from, to } }) => callee === done && owner.from <= from && to <= owner.to,
  );
  // Handed on, it is called by others, with what nobody sees here.
  return (
    calls.length > 0 &&
    uses.length === calls.length &&
    calls.every(({ args: [error, user] }) => user === undefined || (isNone(error) && isNamed(user)))
  );
}

function isNone(error: Argument | undefined): boolean {
  return error?.text === 'null' || error?.text === 'undefined';
}

function isNamed({ kind, text, entries }: Argument): boolean {
  if (kind !== 'ObjectExpression') return NAMES_ACCOUNT.test(text);
  // With more than an id, two users of different kinds may have the same one.
  const [only, ...more] = entries;
  return /^_?id$/.test(only?.name ?? '') && more.length === 0 && NAMES_ACCOUNT.test(only?.value?.text ?? '');
}

function nodeAt({ top }: ModuleFacts, { from, to }: Argument): SyntaxNode | undefined {
  let node: SyntaxNode | null = top.resolveInner(from, 1);
  while (node !== null && !(FUNCTION.test(node.name) && node.from === from && node.to === to))
    node = node.parent;
  return node ?? undefined;
}
