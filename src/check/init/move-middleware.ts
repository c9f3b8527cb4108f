/** Middleware that is made by a call and mounted: what of it the policy does, taken out of the files. */
import { isOneThing, isRouter, usesOfImport } from './certain.ts';
import { handedApplications } from './handed.ts';
import { methodPattern, patternsOf } from './mount-patterns.ts';
import { calledOf, type Found } from './wiring.ts';
import { Moved, removeArgument, removeStatement } from './moved.ts';
import type { Argument, Called, ModuleFacts, Range } from './read-module.ts';

/** Where one of them is mounted. */
export interface Mount {
  /** `/api`, with the method before it where a route has it; undefined: everything. */
  readonly pattern: string | undefined;
  /** Whether the pattern is that of the whole application, and not of a router below a path that is not known here. */
  readonly isWhole: boolean;
}

/** Why a call stays, and the lines for whoever writes them. */
export interface Stay {
  readonly why: string;
  readonly lines: readonly string[];
}

/** What a package's call means to the policy. */
export interface MiddlewareMove {
  readonly name: string;
  /** What its function is exported as, beside `default`. */
  readonly exported?: string;
  /** Functions of it that are called by themselves, as `helmet.contentSecurityPolicy()` is, and have a place in the policy. */
  readonly parts?: ReadonlySet<string>;
  /** Puts the options into the policy, for each mount; or says why it has no words for them. */
  readonly take: (
    options: Argument | undefined,
    mounts: readonly Mount[],
    moved: Moved,
    part: string | undefined,
  ) => Stay | undefined;
  /** The lines of one call, as far as its options tell, whether it goes or stays. */
  readonly linesOf?: (
    options: Argument | undefined,
    patterns: readonly (string | undefined)[],
    part: string | undefined,
    module: ModuleFacts,
  ) => readonly string[];
  /** What to write where no call tells more. */
  readonly lines: readonly string[];
}

/** Whether an option is there twice: the last one holds, and the first one is what a reader sees. */
export function isNamedTwice(options: Argument | undefined): boolean {
  const names = options?.entries.map(({ name }) => name) ?? [];
  return new Set(names).size < names.length;
}

/** Whether it was mounted once, in front of everything. */
export function isWholeSite([mount, ...more]: readonly Mount[]): boolean {
  return mount?.isWhole === true && mount.pattern === undefined && more.length === 0;
}

const METHOD = /^(?:get|post|put|patch|delete|all)$/;

/** An import that brings one name and does nothing else: what it brings beside would be missing. */
const ONE_IMPORT =
  /^(?:import\s+(?:\w+|\*\s*as\s+\w+|\{\s*\w+(?:\s+as\s+\w+)?\s*,?\s*\})\s*from\s*['"][\w-]+['"]|(?:const|let|var)\s+(?:\w+|\{\s*\w+(?:\s*:\s*\w+)?\s*,?\s*\})\s*=\s*require\(\s*['"][\w-]+['"]\s*\))\s*;?$/;

/** Whether a statement imports one name, and does nothing else. */
export function isOneImport(text: string): boolean {
  return ONE_IMPORT.test(text);
}

/** Takes one package out of all files, or says where it stands, why, and what to write. */
export function moveMiddleware(
  { name, exported, parts = new Set(), take, linesOf, lines }: MiddlewareMove,
  modules: readonly ModuleFacts[],
  found: Found | undefined,
): Moved {
  const moved = new Moved(name);
  const handed = found === undefined ? [] : handedApplications(modules, found);
  for (const module of modules) {
    const imported = module.imports.filter(({ source }) => source === name);
    for (const { bound, ...range } of imported) {
      const local = bound.find((one) => one.imported === 'default' || one.imported === exported)?.local;
      const text = module.text.slice(range.from, range.to);
      const uses = local === undefined ? undefined : usesOfImport(module, local, range);
      if (local === undefined || !isOneImport(text) || uses === undefined) {
        moved.leave(module, range, ...lines);
        continue;
      }
      const calls = module.calls.filter(
        ({ callee, calleeRange: { from } }) =>
          partOf(callee, local) !== undefined && uses.some((use) => use.from === from),
      );
      const other = uses.find(({ from }) => calls.every((call) => call.calleeRange.from !== from));
      if (uses.length === 0 || other !== undefined) moved.leave(module, other ?? range, ...lines);
      let stays = other !== undefined;
      for (const call of calls) if (!tryCall(call, module, partOf(call.callee, local))) stays = true;
      if (!stays) moved.edit(module, removeStatement(module, range));
    }
    // `app.use(require('helmet')())`
    for (const call of module.calls) {
      if (!call.callee.startsWith('require(') || calledOf(module, call.callee).source !== name) continue;
      tryCall(call, module, '');
    }
  }
  return moved;

  /** `''` for the package's own function, the name for one of its parts; undefined: neither. */
  function partOf(callee: string, local: string): string | undefined {
    if (callee === local) return '';
    const part = callee.startsWith(`${local}.`) ? callee.slice(local.length + 1) : undefined;
    return part !== undefined && parts.has(part) ? part : undefined;
  }

  function tryCall(call: Called, module: ModuleFacts, part: string | undefined): boolean {
    const stay = moveCall(call, module, part === '' ? undefined : part);
    if (stay === undefined) return true;
    const said = stay.lines.length > 0 ? stay.lines : lines;
    moved.leave(module, call, `// It stays, since ${stay.why}. What to write:`, ...said);
    return false;
  }

  function moveCall(call: Called, module: ModuleFacts, part: string | undefined): Stay | undefined {
    const [options] = call.args;
    const toWrite = (): readonly string[] =>
      linesOf?.(options, patternsOf(call, modules, module, isApplication), part, module) ?? [];
    const stay = (why: string): Stay => ({ why, lines: toWrite() });
    if (isNamedTwice(options)) return stay('one of its options is there twice');
    if (call.args.length > 1) return stay('it is called with more than its options');
    const places =
      call.variable === undefined
        ? placesOf(module, call)
        : (module.uses.get(call.variable) ?? []).flatMap((use) => placesOf(module, use));
    const count = call.variable === undefined ? 1 : (module.uses.get(call.variable) ?? []).length;
    // Without a place of its own it is mounted where nobody looked, such as by whoever imports it.
    if (places.length === 0 || places.length !== count)
      return stay('it is handed on, and not mounted where it is made alone');
    if (call.variable !== undefined && !(call.isOnly && isOneThing(module, call.variable)))
      return stay('its name may stand for something else');
    // In a function, or under a condition, it was not always there.
    if (places.some(({ mount }) => mount.callee.endsWith('.use') && !isOuter(mount, module)))
      return stay('it is mounted in a function or under a condition');
    const mounts = places.map(({ mount, at }) => mountOf(module, mount, at, isApplication));
    const left = take(options, mounts, moved, part);
    if (left !== undefined) return left.lines.length > 0 ? left : stay(left.why);
    const said = toWrite();
    moved.mayGo(module, call, ...(said.length > 0 ? said : lines));
    for (const { mount, at } of places) {
      const isUse = mount.callee.endsWith('.use');
      moved.edit(module, isUse ? removeStatement(module, mount.statement) : removeArgument(mount, at));
    }
    if (call.variable !== undefined) moved.edit(module, removeStatement(module, call.statement));
    return undefined;
  }

  function isOuter({ isTop, block, to }: Called, module: ModuleFacts): boolean {
    if (module === found?.module && isBeforeListening(found, block, to, modules)) return true;
    if (isTop || (module === found?.module && block.from === found.call.block.from)) return true;
    return handed.some((one) => one.module === module && one.block.from === block.from);
  }

  function isApplication(module: ModuleFacts, object: string): boolean {
    if (handed.some((one) => one.module === module && one.name === object)) return true;
    return found?.module === module && found.call.variable === object && isOneThing(module, object);
  }
}

/** `connect(() => { app.use(...); app.listen(port); })`: nobody is answered before the one place where it listens, nor without what stands before. */
function isBeforeListening(
  { module, call: { variable } }: Found,
  block: Range,
  to: number,
  modules: readonly ModuleFacts[],
): boolean {
  if (variable === undefined) return false;
  const listening = module.calls.filter(
    ({ callee, args }) =>
      callee === `${variable}.listen` ||
      (callee.endsWith('createServer') && args.some(({ text }) => text === variable)),
  );
  const [only] = listening;
  // Handed on, it may listen elsewhere too: but not where own files alone are, and none of them has a word for that.
  const isQuiet = modules.every((other) => other === module || !mayListen(other));
  const isOwn = (use: Range): boolean =>
    isQuiet &&
    module.calls.some(
      ({ callee, args }) =>
        args.some(({ from }) => from === use.from) && /^\.{1,2}\//.test(calledOf(module, callee).source),
    );
  const isHandedOn = (module.uses.get(variable) ?? []).some((use) => {
    const { parent } = module.top.resolveInner(use.from, 1);
    return parent?.name !== 'MemberExpression' && use.from !== only?.args[0]?.from && !isOwn(use);
  });
  return (
    listening.length === 1 &&
    only !== undefined &&
    !isHandedOn &&
    only.block.from === block.from &&
    only.block.to === block.to &&
    only.from > to
  );
}

const MAKES_SERVER = /^(?:listen|createServer|createSecureServer|Server|serverless|supertest|inject)$/;

/** Whether a file has a word for it; what a comment says is none. */
function mayListen({ text, top }: ModuleFacts): boolean {
  if (!/\b(?:listen|create(?:Secure)?Server|Server|serverless|supertest|inject)\b/.test(text)) return false;
  let may = false;
  top.cursor().iterate(({ name, from, to }) => {
    const isWord =
      /^(?:Variable|Property)(?:Name|Definition)$/.test(name) && MAKES_SERVER.test(text.slice(from, to));
    const isText = name.endsWith('String') && MAKES_SERVER.test(text.slice(from + 1, to - 1));
    if (isWord || isText) may = true;
    return !may;
  });
  return may;
}

/** The call that mounts something, and which of its arguments that is. */
export interface Place {
  readonly mount: Called;
  readonly at: number;
}

/** The call that a function is handed to, where that mounts it and nothing else of the line goes with it. */
export function placesOf(module: ModuleFacts, { from, to }: Range): readonly Place[] {
  return module.calls.flatMap((mount) => {
    const at = mount.args.findIndex((arg) => arg.from === from && arg.to === to);
    const method = /\.(\w+)$/.exec(mount.callee)?.[1] ?? '';
    if (at === -1) return [];
    const [, object = ''] = /^(\w+)\.\w+$/.exec(mount.callee) ?? [];
    if (!isRouter(module, object)) return [];
    const isAlone =
      method === 'use' &&
      mount.isAlone &&
      at === mount.args.length - 1 &&
      (at === 0 || (at === 1 && isPath(mount)));
    const isOfRoute = METHOD.test(method) && at > 0 && at < mount.args.length - 1 && isPath(mount);
    return isAlone || isOfRoute ? [{ mount, at }] : [];
  });
}

function isPath({ args: [path] }: Called): boolean {
  return path?.kind === 'String' && /^['"]\/[\w\-/:.]*['"]$/.test(path.text);
}

function mountOf(
  module: ModuleFacts,
  { callee, args }: Called,
  at: number,
  isApplication: (module: ModuleFacts, object: string) => boolean,
): Mount {
  const [object = '', method = ''] = callee.split(/\.(?=\w+$)/);
  const isWhole = isApplication(module, object);
  const path = at === 0 || args[0]?.kind !== 'String' ? undefined : args[0].text.slice(1, -1);
  return { pattern: path === undefined ? undefined : methodPattern(method, path), isWhole };
}
