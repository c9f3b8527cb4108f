/** A name that is declared twice in one block: the language refuses the whole file, and the parser that reads it here does not. */
import type { SyntaxNode } from '@lezer/common';
import type { ModuleFacts } from './read-module.ts';

const FUNCTION = /^(?:ArrowFunction|FunctionExpression|FunctionDeclaration|MethodDeclaration)$/;
/** Names of a function's own, of an error, and of what a function declares. */
const ENDS = /^(?:ParamList|CatchClause|Block|FunctionExpression|FunctionDeclaration|MethodDeclaration)$/;
const BLOCK = /^(?:Block|Script|SwitchBody|ForStatement)$/;
const DECLARES = /^(?:VariableDeclaration|ClassDeclaration|For(?:Of|In)Spec)$/;

/** Whether some name is `let`, `const` or a class twice in a block, or is one of these where a `var` of its name passes on its way out. */
export function isDeclaredTwice({ text, top }: ModuleFacts): boolean {
  const fixed = new Set<string>();
  const passed = new Set<string>();
  let isTwice = false;
  top.cursor().iterate(({ node, name, from, to }) => {
    if (name !== 'VariableDefinition' || isTwice) return !isTwice;
    const own = text.slice(from, to);
    let declaration: SyntaxNode | null = node.parent;
    while (declaration !== null && !DECLARES.test(declaration.name) && !ENDS.test(declaration.name))
      declaration = declaration.parent;
    if (declaration === null || !DECLARES.test(declaration.name)) return true;
    const isVar = declaration.getChild('var') !== null;
    for (let at = declaration.parent; at !== null && !FUNCTION.test(at.name); at = at.parent) {
      if (!BLOCK.test(at.name)) continue;
      const key = `${at.from} ${at.to} ${at.name} ${own}`;
      isTwice ||= fixed.has(key) || (!isVar && passed.has(key));
      (isVar ? passed : fixed).add(key);
      if (!isVar) break;
    }
    return !isTwice;
  });
  return isTwice;
}
