/** `exports.show = (req, res) => ...` of a file that others import: whether routes alone are handed it, and so Express alone calls it. */
import type { SyntaxNode } from '@lezer/common';
import { isOfRouter, isOneThing } from './certain.ts';
import { moduleOf } from './reach.ts';
import type { ModuleFacts, Range } from './read-module.ts';

const FUNCTION = /^(?:ArrowFunction|FunctionExpression|FunctionDeclaration)$/;
const EXPORTED = /^(?:module\.)?exports\.(\w+)$/;

/** The functions of all files that this is certain of, by where they begin. */
export function exportedHandlers(
  modules: readonly ModuleFacts[],
): ReadonlyMap<ModuleFacts, ReadonlySet<number>> {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const found = new Map<ModuleFacts, ReadonlySet<number>>();
  for (const module of modules) {
    const exported = /\bexports\s*\[/.test(module.text) ? NONE : exportsOf(module);
    if (exported.size === 0) continue;
    const importers = modules.flatMap((other) =>
      other.sources
        .filter((source) => moduleOf(other.path, source, byPath) === module)
        .map((source) => ({ other, source })),
    );
    if (importers.length === 0 || importers.length > MOST) continue;
    const handlers = new Set<number>();
    for (const [name, owner] of exported)
      if (importers.every(({ other, source }) => areMounts(other, source, name))) handlers.add(owner.from);
    if (handlers.size > 0) found.set(module, handlers);
  }
  return found;
}

/** `exports[name](...)` may call any of them. */
const NONE: ReadonlyMap<string, SyntaxNode> = new Map();

/** Files that import one, and uses of a name: a program may have made more. */
const MOST = 100;

/** By the name that it is exported as, where nothing else of its file uses it. */
function exportsOf(module: ModuleFacts): ReadonlyMap<string, SyntaxNode> {
  const { top, text } = module;
  const found = new Map<string, SyntaxNode>();
  for (let node = top.firstChild; node !== null; node = node.nextSibling) {
    const assigned = node.name === 'ExpressionStatement' ? node.getChild('AssignmentExpression') : null;
    const [target, value] = [assigned?.firstChild ?? null, assigned?.lastChild ?? null];
    if (target !== null && value !== null && assigned?.getChild('Equals') !== null) {
      const said = text.slice(target.from, target.to);
      const name = EXPORTED.exec(said)?.[1];
      if (name !== undefined && FUNCTION.test(value.name) && isSaidOnce(text, name)) found.set(name, value);
      if (said === 'module.exports' && value.name === 'ObjectExpression')
        for (const property of value.getChildren('Property')) addProperty(module, property, found);
    }
    if (node.name !== 'ExportDeclaration') continue;
    const own = node.getChild('FunctionDeclaration') ?? constantIn(node);
    const definition =
      own?.name === 'FunctionDeclaration'
        ? own.getChild('VariableDefinition')
        : own?.prevSibling?.prevSibling;
    if (own === null || definition === null || definition === undefined || node.getChild('default') !== null)
      continue;
    const name = text.slice(definition.from, definition.to);
    if ((module.uses.get(name) ?? []).length === 0 && isOneThing(module, name)) found.set(name, own);
  }
  return found;
}

/** Of `export const show = (req, res) => ...`. */
function constantIn(node: SyntaxNode): SyntaxNode | null {
  const value = node.getChild('VariableDeclaration')?.getChild('Equals')?.nextSibling ?? null;
  return value !== null && FUNCTION.test(value.name) ? value : null;
}

/** `{ show }` with a function of the file, and `{ show: (req, res) => ... }`. */
function addProperty(module: ModuleFacts, property: SyntaxNode, found: Map<string, SyntaxNode>): void {
  const [first, last] = [property.firstChild, property.lastChild];
  if (first?.name !== 'PropertyDefinition' || last === null) return;
  const name = module.text.slice(first.from, first.to);
  if (FUNCTION.test(last.name) && last.prevSibling?.name === ':') found.set(name, last);
  if (first.from !== last.from || !isOneThing(module, name) || (module.uses.get(name) ?? []).length !== 1)
    return;
  const own = module.top
    .getChildren('FunctionDeclaration')
    .find((one) => module.text.slice(...rangeOf(one.getChild('VariableDefinition'))) === name);
  if (own !== undefined) found.set(name, own);
}

function rangeOf(node: SyntaxNode | null): readonly [number, number] {
  return node === null ? [0, 0] : [node.from, node.to];
}

function isSaidOnce(text: string, name: string): boolean {
  return (text.match(new RegExp(`\\b(?:exports|this)\\.${name}\\b`, 'g')) ?? []).length === 1;
}

/** Whether each use of a name of an import hands it to a route, and the import goes nowhere else. */
function areMounts(module: ModuleFacts, source: string, name: string): boolean {
  const imports = module.imports.filter((one) => one.source === source);
  // `require('./users').show`, `import(...)`, `export ... from`: what becomes of it nobody looked at.
  if (imports.length !== module.sources.filter((one) => one === source).length) return false;
  return imports.every(({ bound }) =>
    bound.every(({ local, imported }) => {
      if (imported !== 'default' && imported !== name) return true;
      if (!isOneThing(module, local)) return false;
      const uses = module.uses.get(local) ?? [];
      return uses.length <= MOST && uses.every((use) => isMount(module, use, imported, name));
    }),
  );
}

function isMount(module: ModuleFacts, use: Range, imported: string, name: string): boolean {
  let given: Range = use;
  if (imported === 'default') {
    const member = module.top.resolveInner(use.from, 1).parent;
    const property = member?.name === 'MemberExpression' ? member.getChild('PropertyName') : null;
    if (member === null || property === null) return false;
    if (module.text.slice(property.from, property.to) !== name) return true;
    given = member;
  }
  return module.calls.some(
    ({ callee, args }) =>
      args.some(({ from, to }) => from === given.from && to === given.to) && isOfRouter(module, callee),
  );
}
