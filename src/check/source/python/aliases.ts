/** Names for what has one already. */
import type { Expression, Scope } from './ast.ts';

/** Names that stand for something of another name. */
export function aliasesIn(scopes: readonly Scope[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { imports, assignments } of scopes) {
    for (const { name, what } of imports) if (what !== undefined && what !== name) found.add(name);
    for (const { target, value, how } of assignments)
      if (how === 'is' && target.kind === 'name' && /^(?:name|attribute)$/.test(value.kind))
        found.add(target.id);
  }
  return found;
}

/** Whether a value is made of the name that it is given to: `app = wrap(app)`. */
export function mentions(value: Expression, name: string): boolean {
  if (value.kind === 'name') return value.id === name;
  if (value.kind === 'attribute') return mentions(value.object, name);
  if (value.kind === 'call') {
    return mentions(value.callee, name) || value.args.some((argument) => mentions(argument.value, name));
  }
  return false;
}
