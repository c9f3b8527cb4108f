/** Controls in JavaScript and TypeScript, as the parser sees it: what a text, a template or a comment says begins nothing. */
import type { Expression, Scope } from '../javascript/ast.ts';
import type { JavaScriptFile } from '../javascript/javascript-file.ts';

/** Where a control begins; undefined where it does not. */
export type InScript = (file: JavaScriptFile) => number | undefined;

/** What a module brings is called, made, or handed to a call, as `app.register(helmet)` does. */
export function used(modules: string, rest: RegExp): InScript {
  const from = new RegExp(`^(?:${modules})(?=[.(]|$)`);
  return (file) => {
    const isIt = (one: Expression, scope: Scope): boolean => {
      const path = file.path(one, scope);
      const begin = path === undefined ? null : from.exec(path);
      return begin !== null && path !== undefined && rest.test(path.slice(begin[0].length));
    };
    for (const { call, scope } of file.allCalls()) {
      const { callee, args, at } = call;
      // To bring a module in is not to begin it.
      if (!isImport(callee) && (isIt(callee, scope) || args.some((arg) => isIt(arg, scope)))) return at;
    }
    return undefined;
  };
}

/** A method is called on something that may be the module's: its own, or what a function is given. */
export function asked(modules: string, method: RegExp): InScript {
  const from = new RegExp(`^(?:${modules})(?=[.(]|$)`);
  return (file) => {
    if (!brings(file, from)) return undefined;
    for (const { call, scope } of file.allCalls()) {
      const { callee } = call;
      const name = callee.kind === 'member' ? callee.name : callee.kind === 'name' ? callee.id : '';
      if (!method.test(name)) continue;
      const path = file.path(callee, scope);
      // `JSON.parse` is somebody else's.
      if (path === undefined || OF_A_PARAMETER.test(path) || from.test(path)) return call.at;
    }
    return undefined;
  };
}

/** What a function is given, or another file hands out. A module of an organisation begins with `@`, too, and has a `/`. */
const OF_A_PARAMETER = /^@\w*(?:[.([]|$)|^\./;

function brings(file: JavaScriptFile, from: RegExp): boolean {
  for (const { bindings } of file.parsed.scopes) {
    for (const values of bindings.values()) {
      for (const value of values) {
        const path = value.kind === 'import' ? value.from : file.path(value, file.parsed.module);
        if (path !== undefined && from.test(path)) return true;
      }
    }
  }
  return false;
}

function isImport(callee: Expression): boolean {
  return callee.kind === 'name' && /^(?:require|import)$/.test(callee.id);
}
