/** Middleware that is made by a call and mounted: what of it the policy does, taken out of the files. */
import { isOneThing, isRouter } from './certain.ts';
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

/** What a package's call means to the policy. */
export interface MiddlewareMove {
  readonly name: string;
  /** What its function is exported as, beside `default`. */
  readonly exported?: string;
  /** Puts the options into the policy, for each mount. False: it has none for them. */
  readonly take: (options: Argument | undefined, mounts: readonly Mount[], moved: Moved) => boolean;
  /** What to write where it could not. */
  readonly lines: readonly string[];
}

/** Whether it was mounted once, in front of everything. */
export function isWholeSite([mount, ...more]: readonly Mount[]): boolean {
  return mount?.isWhole === true && mount.pattern === undefined && more.length === 0;
}

const METHOD = /^(?:get|post|put|patch|delete|all)$/;

/** An import that brings one name and does nothing else: what it brings beside would be missing. */
const ONE_IMPORT =
  /^(?:import\s+(?:\w+|\*\s*as\s+\w+|\{\s*\w+(?:\s+as\s+\w+)?\s*,?\s*\})\s*from\s*['"][\w-]+['"]|(?:const|let|var)\s+(?:\w+|\{\s*\w+(?:\s*:\s*\w+)?\s*,?\s*\})\s*=\s*require\(\s*['"][\w-]+['"]\s*\))\s*;?$/;

/** Takes one package out of all files, or says where it stands. */
export function moveMiddleware(
  { name, exported, take, lines }: MiddlewareMove,
  modules: readonly ModuleFacts[],
  found: Found | undefined,
): Moved {
  const moved = new Moved(name);
  for (const module of modules) {
    const imported = module.imports.filter(({ source }) => source === name);
    for (const { bound, ...range } of imported) {
      const local = bound.find((one) => one.imported === 'default' || one.imported === exported);
      const text = module.text.slice(range.from, range.to);
      if (local === undefined || !ONE_IMPORT.test(text) || !isOneThing(module, local.local)) {
        moved.leave(module, range, ...lines);
        continue;
      }
      const calls = module.calls.filter(({ callee }) => callee === local.local);
      const uses = module.uses.get(local.local) ?? [];
      if (uses.length !== calls.length || calls.some((call) => !moveCall(call, module))) {
        const other = uses.find(({ from }) => calls.every((call) => call.calleeRange.from !== from));
        moved.leave(module, other ?? range, ...lines);
        continue;
      }
      moved.edit(module, removeStatement(module, range));
    }
    // `app.use(require('helmet')())`
    for (const call of module.calls) {
      if (!call.callee.startsWith('require(') || calledOf(module, call.callee).source !== name) continue;
      if (!moveCall(call, module)) moved.leave(module, call, ...lines);
    }
  }
  return moved;

  function moveCall(call: Called, module: ModuleFacts): boolean {
    if (call.args.length > 1) return false;
    const places =
      call.variable === undefined
        ? placesOf(module, call)
        : (module.uses.get(call.variable) ?? []).flatMap((use) => placesOf(module, use));
    const count = call.variable === undefined ? 1 : (module.uses.get(call.variable) ?? []).length;
    // Without a place of its own it is mounted where nobody looked, such as by whoever imports it.
    if (places.length === 0 || places.length !== count) return false;
    if (call.variable !== undefined && !(call.isOnly && isOneThing(module, call.variable))) return false;
    // In a function, or under a condition, it was not always there.
    if (places.some(({ mount }) => mount.callee.endsWith('.use') && !isOuter(mount, module))) return false;
    const mounts = places.map(({ mount, at }) => mountOf(module, mount, at, found));
    if (!take(call.args[0], mounts, moved)) return false;
    for (const { mount, at } of places) {
      const isUse = mount.callee.endsWith('.use');
      moved.edit(module, isUse ? removeStatement(module, mount.statement) : removeArgument(mount, at));
    }
    if (call.variable !== undefined) moved.edit(module, removeStatement(module, call.statement));
    return true;
  }

  function isOuter({ isTop, block }: Called, module: ModuleFacts): boolean {
    return isTop || (module === found?.module && block.from === found.call.block.from);
  }
}

interface Place {
  readonly mount: Called;
  readonly at: number;
}

/** The call that a function is handed to, where that mounts it and nothing else of the line goes with it. */
function placesOf(module: ModuleFacts, { from, to }: Range): readonly Place[] {
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

function mountOf(module: ModuleFacts, { callee, args }: Called, at: number, found: Found | undefined): Mount {
  const [object = '', method = ''] = callee.split(/\.(?=\w+$)/);
  const isWhole = found?.module === module && found.call.variable === object && isOneThing(module, object);
  if (at === 0) return { pattern: undefined, isWhole };
  const path = args[0]?.text.slice(1, -1) ?? '';
  if (method === 'use') return { pattern: `${path.replace(/\/$/, '')}/**`, isWhole };
  return { pattern: method === 'all' ? path : `${method.toUpperCase()} ${path}`, isWhole };
}
