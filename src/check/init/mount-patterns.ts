/** The patterns of the policy for where middleware is mounted: what a router has is below the path of the router. */
import { isRouter } from './certain.ts';
import type { Argument, Called, ModuleFacts } from './read-module.ts';
import { calledOf } from './wiring.ts';

/** Whether a name is the application in a file. */
type IsApplication = (module: ModuleFacts, object: string) => boolean;

/** `app.use`, `router.post`, `app.route('/path').get(first).post`: what it is called on, the path of `route`, the method. */
const MOUNT =
  /^(\w+(?:\.\w+)*?)(?:\.route\(\s*(['"])(\/[\w\-/:.]*)\2\s*\)[^]*|(\.route\([^]*))?\.(use|get|post|put|patch|delete|all)$/;

/** What an application is called where it was made by another file. */
const CALLED_SO = /^(?:this\.)?_?(?:app|application|server)$/;

/** Routers in routers, and places of one, as far as a person would follow them. */
const MOST_DEPTH = 3;
const MOST_PLACES = 8;

/**
 * Where it is mounted as far as anybody can see, under conditions and by other files too: for the lines that a person writes. Undefined
 * stands for everything. Where the path is not seen, the pattern has a part in brackets, which the policy refuses: a guess would hold
 * for other pages.
 */
export function patternsOf(
  { from, to, variable }: Called,
  modules: readonly ModuleFacts[],
  own: ModuleFacts,
  isApplication: IsApplication,
): readonly (string | undefined)[] {
  return modules.flatMap((module) =>
    module.calls.flatMap(({ callee, args }) => {
      const [, object = '', , route, other, method] = MOUNT.exec(callee) ?? [];
      const isImported = module === own || module.bound.some(({ local }) => local === variable);
      const at = args.findIndex((arg) =>
        variable === undefined
          ? module === own && arg.from === from && arg.to === to
          : (isImported && arg.text === variable) || arg.text.endsWith(`.${variable}`),
      );
      if (method === undefined || at === -1) return [];
      const path =
        other === undefined ? (route ?? (at === 0 && method === 'use' ? '' : pathOf(args[0]))) : UNSEEN;
      return basesOf(module, object, isApplication, MOST_DEPTH).map((base) => {
        const whole = base + (path === '/' && base !== '' ? '' : path);
        return method === 'use' && whole === '' ? undefined : methodPattern(method, whole);
      });
    }),
  );
}

/** `POST /path` for a route, and everything below a path for `use`. */
export function methodPattern(method: string, path: string): string {
  if (method === 'use') return `${path.replace(/\/$/, '')}/**`;
  return method === 'all' ? path : `${method.toUpperCase()} ${path}`;
}

/** No pattern has brackets. */
const UNSEEN = '/<its path>';

function pathOf(path: Argument | undefined): string {
  return path?.kind === 'String' && /^['"]\//.test(path.text) ? path.text.slice(1, -1) : UNSEEN;
}

/** The paths below which a router of this file stands; none of its own for the application. */
function basesOf(
  module: ModuleFacts,
  object: string,
  isApplication: IsApplication,
  depth: number,
): readonly string[] {
  const made = module.calls.find(({ variable }) => variable === object);
  if (isApplication(module, object)) return [''];
  if (made === undefined ? CALLED_SO.test(object) : isMadeApplication(module, made)) return [''];
  const places =
    depth > 0 && isRouter(module, object)
      ? module.calls.flatMap(({ callee, args }) => {
          const on = /^(\w+(?:\.\w+)*)\.use$/.exec(callee)?.[1];
          const at = args.findIndex(({ kind, text }) => kind === 'VariableName' && text === object);
          return on === undefined || at === -1 ? [] : [{ on, path: at === 0 ? '' : mountPath(args[0]) }];
        })
      : [];
  return places.length === 0 || places.length > MOST_PLACES
    ? ['/<path of its router>']
    : places.flatMap(({ on, path }) =>
        basesOf(module, on, isApplication, depth - 1).map((base) => base + path),
      );
}

/** `use((req, res, next) => ..., router)` is in front of everything. A name may be a path as well as a function. */
function mountPath(first: Argument | undefined): string {
  if (/^(?:ArrowFunction|FunctionExpression)$/.test(first?.kind ?? '')) return '';
  return pathOf(first).replace(/\/$/, '');
}

function isMadeApplication(module: ModuleFacts, { callee }: Called): boolean {
  const { source, imported } = calledOf(module, callee);
  return source === 'express' && imported === 'default';
}
