/** Where names of a file are declared, and whether what they stand for was sent by somebody. */
import type { SyntaxNode } from '@lezer/common';
import type { ModuleFacts } from './read-module.ts';

const definitions = new WeakMap<ModuleFacts, Map<string, SyntaxNode[]>>();

/** Where a name is declared; worked out once for a file. */
export function definitionsOf(module: ModuleFacts, name: string): readonly SyntaxNode[] {
  let all = definitions.get(module);
  if (all === undefined) {
    all = new Map();
    const found = all;
    module.top.cursor().iterate(({ node, name: kind, from, to }) => {
      if (kind !== 'VariableDefinition') return;
      const own = module.text.slice(from, to);
      const before = found.get(own);
      if (before === undefined) found.set(own, [node]);
      else before.push(node);
    });
    definitions.set(module, all);
  }
  return all.get(name) ?? [];
}

/** More of one name are not looked at: then it counts as sent. */
const MOST = 50;
const SENT = /^\s*=\s*\(*\s*_?req(?:uest)?\??\.(?:body|query|params|headers|cookies|signedCookies)\b/;

/** Whether a name is `const body = req.body` or `const { user } = req.body` anywhere in a file: what is in it may be anything, or nothing. */
export function isSent(module: ModuleFacts, name: string): boolean {
  const found = definitionsOf(module, name);
  return found.length > MOST || found.some((one) => SENT.test(declarationOf(module, one)));
}

function declarationOf(module: ModuleFacts, definition: SyntaxNode): string {
  let at: SyntaxNode | null = definition;
  while (at !== null && /^(?:VariableDefinition|PatternProperty|ObjectPattern|ArrayPattern)$/.test(at.name)) {
    const next: SyntaxNode | null = at.parent;
    if (next?.name === 'VariableDeclaration') return module.text.slice(at.to, at.to + LONGEST);
    at = next;
  }
  return '';
}

/** As much of a declaration as says where it comes from. */
const LONGEST = 100;
