/** Where the cookie of express-session is asked for by its name, which is none of ours. */
import type { SyntaxNode } from '@lezer/common';
import type { Moved } from './moved.ts';
import type { Called, ModuleFacts } from './read-module.ts';
import { calledOf } from './wiring.ts';

/** A sign-out that only drops the cookie would drop one that is not there, and sign nobody out. */
export function leaveCookieName(moved: Moved, modules: readonly ModuleFacts[]): void {
  const calls = modules.flatMap((module) =>
    module.calls.filter(({ callee }) => calledOf(module, callee).source === 'express-session'),
  );
  const cookies = new Set(calls.map((call) => cookieOf(call) ?? 'connect.sid'));
  const isOfCall = (module: ModuleFacts, at: SyntaxNode): boolean =>
    calls.some((call) => module.calls.includes(call) && call.from <= at.from && at.to <= call.to);
  for (const module of modules)
    module.top.cursor().iterate(({ node, name }) => {
      if (name !== 'String' && name !== 'TemplateString') return;
      if (isOfCall(module, node)) return;
      for (const cookie of cookies)
        if (isUseOfCookie(module, node, cookie)) moved.leave(module, node, ...DROPPED);
    });
}

const DROPPED = [
  'await bulwark.of(req).session.signOut(); // in the place of res.clearCookie, which ends no session',
];

/** The name of its cookie; undefined: nobody can say. */
export function cookieOf({ args: [options] }: Called): string | undefined {
  const given = options?.entries.find(({ name }) => name === 'name' || name === 'key');
  if (given === undefined) return 'connect.sid';
  return given.value?.kind === 'String' ? given.value.text.slice(1, -1) : undefined;
}

/** Whether a text names the cookie, and does not only drop it beside the end of its session. */
export function isUseOfCookie(module: ModuleFacts, text: SyntaxNode, cookie: string): boolean {
  return module.text.slice(text.from + 1, text.to - 1).includes(cookie) && !isEndedBeside(module, text);
}

const FUNCTION = /^(?:ArrowFunction|FunctionExpression|FunctionDeclaration|MethodDeclaration)$/;
const ENDS = /\.session\??\.destroy\s*\(|\.log[oO]ut\s*\(/;

/** `req.session.destroy(() => { res.clearCookie('connect.sid'); ... })` */
function isEndedBeside({ text }: ModuleFacts, node: SyntaxNode): boolean {
  const callee = node.parent?.name === 'ArgList' ? node.parent.parent?.firstChild : null;
  if (callee === null || callee === undefined) return false;
  if (!text.slice(callee.from, callee.to).endsWith('.clearCookie')) return false;
  for (let at: SyntaxNode | null = node; at !== null; at = at.parent)
    if (FUNCTION.test(at.name) && ENDS.test(text.slice(at.from, at.to))) return true;
  return false;
}
