/** What is certain of a name in a file. A package is taken out only where all of this is: a name alone says nothing. */
import type { SyntaxNode } from '@lezer/common';
import { calledOf } from './wiring.ts';
import type { ModuleFacts, Range } from './read-module.ts';

const FUNCTION = /^(?:ArrowFunction|FunctionExpression|FunctionDeclaration|MethodDeclaration)$/;
const ROUTE = /^(\w+)\.(?:use|get|post|put|patch|delete|all)$/;

/** Whether a name stands for one thing in all of its file: bound once, and given nothing else. */
export function isOneThing({ definitions, uses, top }: ModuleFacts, name: string): boolean {
  if (definitions.get(name) !== 1) return false;
  return (uses.get(name) ?? []).every(({ from }) => !isGiven(top.resolveInner(from, 1)));
}

/**
 * The uses of a name that a file imports, and gives nothing else: where a function has one of its own by that name, as in
 * `const { session } = req`, all in there are of that. Undefined: nobody can be sure which are.
 */
export function usesOfImport(
  module: ModuleFacts,
  name: string,
  imported: Range,
): readonly Range[] | undefined {
  const uses = module.uses.get(name) ?? [];
  if (isOneThing(module, name)) return uses;
  const shadows: SyntaxNode[] = [];
  let isClear = true;
  module.top.cursor().iterate(({ node, name: kind, from, to }) => {
    if (kind !== 'VariableDefinition' || module.text.slice(from, to) !== name) return;
    if (imported.from <= from && to <= imported.to) return;
    const owner = ownerOf(node);
    if (owner === undefined) isClear = false;
    else shadows.push(owner);
  });
  if (!isClear) return undefined;
  const outer = uses.filter(({ from, to }) => !shadows.some((one) => one.from <= from && to <= one.to));
  return outer.some(({ from }) => isGiven(module.top.resolveInner(from, 1))) ? undefined : outer;
}

/** The function all of which a name is of: its parameter, or declared between the statements of its body. */
function ownerOf(definition: SyntaxNode): SyntaxNode | undefined {
  let node = definition.parent;
  while (node !== null && /^(?:PatternProperty|ObjectPattern|ArrayPattern|ParamList)$/.test(node.name)) {
    if (node.name === 'ParamList')
      return FUNCTION.test(node.parent?.name ?? '') ? (node.parent ?? undefined) : undefined;
    node = node.parent;
  }
  if (node?.name !== 'VariableDeclaration' || node.parent?.name !== 'Block') return undefined;
  const owner = node.parent.parent;
  return owner !== null && FUNCTION.test(owner.name) ? owner : undefined;
}

const given = new WeakMap<ModuleFacts, Map<string, SyntaxNode>>();
const single = new WeakMap<ModuleFacts, Map<string, boolean>>();

/** What a name is declared as, in `const name = value`, where it is that in all of its file. */
export function constantOf(module: ModuleFacts, name: string): SyntaxNode | undefined {
  if (!once(single, module, name, () => isOneThing(module, name))) return undefined;
  let all = given.get(module);
  if (all === undefined) {
    all = new Map();
    const found = all;
    module.top.cursor().iterate(({ node, name: kind }) => {
      if (kind !== 'VariableDefinition' || node.parent?.name !== 'VariableDeclaration') return;
      const value = node.nextSibling?.name === 'Equals' ? node.nextSibling.nextSibling : null;
      if (value !== null) found.set(module.text.slice(node.from, node.to), value);
    });
    given.set(module, all);
  }
  return all.get(name);
}

const routers = new WeakMap<ModuleFacts, Map<string, boolean>>();

/** Whether a name is an application or a router of Express: made in this file, or handed to it. */
export function isRouter(module: ModuleFacts, name: string): boolean {
  return once(routers, module, name, () => isMadeByExpress(module, name));
}

/** Says that a name is the application in this file, which another one is seen to hand it. */
export function noteHanded(module: ModuleFacts, name: string): void {
  once(routers, module, name, () => true);
}

function isMadeByExpress(module: ModuleFacts, name: string): boolean {
  if (!isOneThing(module, name)) return false;
  const made = module.calls.find(({ variable }) => variable === name);
  if (made === undefined) return false;
  const { source, imported } = calledOf(module, made.callee);
  return source === 'express' && /^(?:default|Router)$/.test(imported);
}

const parameters = new WeakMap<ModuleFacts, Map<string, boolean>>();

/** The function whose parameter a name is at some place; undefined where it may be something else. */
export function functionOf(module: ModuleFacts, at: SyntaxNode, name: string): SyntaxNode | undefined {
  for (let node = at.parent; node !== null; node = node.parent) {
    if (!FUNCTION.test(node.name)) continue;
    const own = parametersOf(module, node).includes(name);
    if (!own) continue;
    const owner = node;
    const isAlone = once(parameters, module, `${owner.from} ${owner.to} ${name}`, () =>
      isParameterAlone(module, owner, name),
    );
    return isAlone ? owner : undefined;
  }
  return undefined;
}

const requests = new WeakMap<ModuleFacts, Map<string, boolean>>();

/**
 * The function whose parameter a name is, where that is a request of Express. A helper's parameter may be anything that is called
 * so, such as the request of a socket or of a client: what the helper is handed decides, wherever it is called.
 */
export function requestOf(module: ModuleFacts, at: SyntaxNode, name: string): SyntaxNode | undefined {
  const owner = functionOf(module, at, name);
  if (owner === undefined) return undefined;
  const key = `${owner.from} ${owner.to} ${name}`;
  return once(requests, module, key, () => isGivenRequests(module, owner, name, new Set()))
    ? owner
    : undefined;
}

function isGivenRequests(module: ModuleFacts, owner: SyntaxNode, name: string, seen: Set<number>): boolean {
  // One that calls itself hands on what it was handed.
  if (seen.has(owner.from)) return true;
  seen.add(owner.from);
  const names = parametersOf(module, owner);
  const at = names.indexOf(name);
  if (isHandler(module, owner, name) || hasShapeOfHandler(names, at)) return true;
  const helper = nameOf(module, owner);
  if (helper === undefined || !isOneThing(module, helper)) return false;
  const calls = module.calls.filter(({ callee }) => callee === helper);
  // Used in any other way, it is called where nobody looked.
  if (calls.length === 0 || calls.length !== (module.uses.get(helper) ?? []).length) return false;
  return calls.every(({ args }) => {
    const given = args[at];
    if (given?.kind !== 'VariableName' || args.slice(0, at).some(({ kind }) => kind === 'Spread'))
      return false;
    const from = functionOf(module, module.top.resolveInner(given.from, 1), given.text);
    return from !== undefined && isGivenRequests(module, from, given.text, seen);
  });
}

/** `(req, res)`, `(req, res, next)`, `(error, req, res, next)`: nothing else is called like that. */
function hasShapeOfHandler(names: readonly string[], at: number): boolean {
  if (at !== (names.length === 4 ? 1 : 0) || names.length < 2 || names.length > 4) return false;
  return /^_?res(?:ponse)?$/.test(names[at + 1] ?? '') || (names.length > 2 && names.at(-1) === 'next');
}

/** Of `function name() {}` and `const name = () => {}`, where no other file is handed it by that. */
function nameOf({ text }: ModuleFacts, owner: SyntaxNode): string | undefined {
  const { name, parent, prevSibling } = owner;
  const isDeclared = name === 'FunctionDeclaration';
  const isValue = parent?.name === 'VariableDeclaration' && prevSibling?.name === 'Equals';
  const own = isDeclared
    ? owner.getChild('VariableDefinition')
    : isValue
      ? (prevSibling?.prevSibling ?? null)
      : null;
  const declaration = isDeclared ? parent : parent?.parent;
  if (own?.name !== 'VariableDefinition' || declaration?.name === 'ExportDeclaration') return undefined;
  return text.slice(own.from, own.to);
}

/** Whether a function is one that Express calls with a request of that name, and whose promise it looks at. */
export function isHandler(module: ModuleFacts, candidate: SyntaxNode, request: string): boolean {
  if (!isHandlerOf(module, candidate, request)) return false;
  const call = candidate.parent?.name === 'ArgList' ? candidate.parent.parent : null;
  const callee = call?.name === 'CallExpression' ? call.firstChild : null;
  if (callee !== null) return isOfRouter(module, module.text.slice(callee.from, callee.to));
  // `app.get('/', show)`, with a function of this file that is handed to nobody else.
  const name = nameOf(module, candidate);
  if (name === undefined || !isOneThing(module, name)) return false;
  const uses = module.uses.get(name) ?? [];
  return (
    uses.length > 0 &&
    uses.length <= MOST_USES &&
    uses.every(({ from, to }) =>
      module.calls.some(
        (one) => isOfRouter(module, one.callee) && one.args.some((arg) => arg.from === from && arg.to === to),
      ),
    )
  );
}

/** Whether a function takes a request of that name where Express hands one. */
export function isHandlerOf(module: ModuleFacts, candidate: SyntaxNode, request: string): boolean {
  const names = parametersOf(module, candidate);
  return candidate.getChild('Star') === null && names.indexOf(request) === (names.length === 4 ? 1 : 0);
}

/** A program may have made more: each is looked for among all calls. */
const MOST_USES = 50;

/** Whether a call is one of a route or of middleware. */
export function isOfRouter(module: ModuleFacts, callee: string): boolean {
  const [, router] = ROUTE.exec(callee) ?? [];
  return router !== undefined && isRouter(module, router);
}

function parametersOf({ text }: ModuleFacts, node: SyntaxNode): readonly string[] {
  const list = node.getChild('ParamList')?.getChildren('VariableDefinition') ?? [];
  return list.map(({ from, to }) => text.slice(from, to));
}

/** Whether nothing within a function binds the name anew but functions in it that have a parameter of that name, and nothing is given to it. */
function isParameterAlone(module: ModuleFacts, owner: SyntaxNode, name: string): boolean {
  let isAlone = true;
  owner.cursor().iterate(({ node, name: kind, from, to }) => {
    if (to - from !== name.length || module.text.slice(from, to) !== name) return;
    if (kind === 'VariableDefinition' && node.parent?.name !== 'ParamList') isAlone = false;
    if (kind === 'VariableName' && isGiven(node)) isAlone = false;
  });
  return isAlone;
}

/** `name = ...`, `name++`, `for (name of ...)`. */
function isGiven(use: SyntaxNode): boolean {
  const { parent } = use;
  if (parent === null) return false;
  if (parent.name === 'AssignmentExpression') return parent.firstChild?.from === use.from;
  if (/^For(?:Of|In)Spec$/.test(parent.name)) return parent.lastChild?.prevSibling?.from !== use.from;
  if (parent.name === 'PostfixExpression') return true;
  return parent.name === 'UnaryExpression' && parent.getChild('ArithOp') !== null;
}

/** Asked for at every use of a name, and worked out once: files that a program made have many. */
function once(
  known: WeakMap<ModuleFacts, Map<string, boolean>>,
  module: ModuleFacts,
  key: string,
  answer: () => boolean,
): boolean {
  const ofModule = known.get(module) ?? new Map<string, boolean>();
  known.set(module, ofModule);
  const value = ofModule.get(key) ?? answer();
  ofModule.set(key, value);
  return value;
}
