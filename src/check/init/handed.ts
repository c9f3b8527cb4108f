/** `require('./config/express')(app)`: another file is handed the application, and is where its middleware is mounted. */
import type { SyntaxNode } from '@lezer/common';
import { isOneThing, noteHanded } from './certain.ts';
import { moduleOf } from './reach.ts';
import type { Called, ModuleFacts, Range } from './read-module.ts';
import { calledOf, type Found } from './wiring.ts';

/** The file that is handed it, and the body of its function: what stands there runs once, behind the layer. */
export interface Handed {
  readonly module: ModuleFacts;
  readonly name: string;
  readonly block: Range;
}

/** Every file that the application's own one calls with it: once, where it always happens, and nobody else does. */
export function handedApplications(modules: readonly ModuleFacts[], found: Found): readonly Handed[] {
  const { module: entry, call } = found;
  const { variable } = call;
  if (variable === undefined || !isOneThing(entry, variable)) return [];
  const byPath = new Map(modules.map((module) => [module.path, module]));
  return entry.calls.flatMap((handing) => {
    const at = handing.args.findIndex(({ kind, text }) => kind === 'VariableName' && text === variable);
    if (at === -1 || !handing.isAlone || handing.block.from !== call.block.from || handing.from < call.to)
      return [];
    const { source, imported } = calledOf(entry, handing.callee);
    const module = imported === 'default' ? moduleOf(entry.path, source, byPath) : undefined;
    if (module === undefined || !isCalledOnce(entry, handing, source)) return [];
    const elsewhere = modules.some(
      (other) => other !== entry && other.sources.some((one) => moduleOf(other.path, one, byPath) === module),
    );
    const own = elsewhere ? undefined : functionThatTakes(module, at);
    if (own === undefined || !isOneThing(module, own.name)) return [];
    noteHanded(module, own.name);
    return [{ module, ...own }];
  });
}

function isCalledOnce(entry: ModuleFacts, { callee }: Called, source: string): boolean {
  if (entry.sources.filter((one) => one === source).length !== 1) return false;
  return callee.startsWith('require(') || (entry.uses.get(callee) ?? []).length === 1;
}

/** Of `module.exports = function (app) { ... }` and `export default (app) => { ... }`, where the file exports nothing else. */
function functionThatTakes(
  { text, top }: ModuleFacts,
  at: number,
): { readonly name: string; readonly block: Range } | undefined {
  const exported: SyntaxNode[] = [];
  for (let node = top.firstChild; node !== null; node = node.nextSibling) {
    if (node.name === 'ExportDeclaration') exported.push(node);
    const assigned = node.name === 'ExpressionStatement' ? node.getChild('AssignmentExpression') : null;
    if (/^(?:module\.)?exports\b/.test(text.slice(node.from, node.to))) exported.push(assigned ?? node);
  }
  const [only, ...more] = exported;
  if (only === undefined || more.length > 0) return undefined;
  if (only.name === 'AssignmentExpression' && !/^module\.exports\s*=/.test(text.slice(only.from, only.to)))
    return undefined;
  const own =
    only.getChild('FunctionExpression') ??
    only.getChild('ArrowFunction') ??
    only.getChild('FunctionDeclaration');
  const list = own?.getChild('ParamList');
  const block = own?.getChild('Block');
  if (own === null || list === null || list === undefined || block === null || block === undefined)
    return undefined;
  // Behind an early end nothing is sure to run.
  if (endsEarly(block)) return undefined;
  const names = list.getChildren('VariableDefinition');
  const name = names[at];
  // A pattern or a default among them, and places are not what they seem.
  if (name === undefined || list.getChildren(',').length !== names.length - 1) return undefined;
  return { name: text.slice(name.from, name.to), block: { from: block.from, to: block.to } };
}

/** Whether it may return before its last statement. */
function endsEarly(block: SyntaxNode): boolean {
  const last = block.lastChild?.prevSibling;
  let isEarly = false;
  block.cursor().iterate(({ name, from }) => {
    if (NESTED.test(name)) return false;
    if (name === 'ReturnStatement' && from !== last?.from) isEarly = true;
    return !isEarly;
  });
  return isEarly;
}

const NESTED = /^(?:ArrowFunction|FunctionExpression|FunctionDeclaration|MethodDeclaration)$/;
