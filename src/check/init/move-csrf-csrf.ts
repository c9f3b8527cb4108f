/** csrf-csrf: a call gives out middleware and a maker of tokens by their names. Every unsafe request is judged by the policy anyway. */
import type { SyntaxNode } from '@lezer/common';
import { isOneThing, requestOf } from './certain.ts';
import { Moved, removeArgument, removeStatement } from './moved.ts';
import { isNamedTwice, isOneImport, type Place, placesOf } from './move-middleware.ts';
import type { Called, ModuleFacts } from './read-module.ts';
import { shownPath } from './shown-path.ts';

const NAME = 'csrf-csrf';
/** How its cookie is made, which is none any more. What reads the token elsewhere, or passes over requests, is for a person. */
const OF_COOKIE =
  /^(?:getSecret|getSessionIdentifier|cookieName|cookieOptions|size|hmacAlgorithm|messageDelimiter|csrfTokenDelimiter)$/;
const PROTECTION = 'doubleCsrfProtection';
const TOKEN = /^generate(?:Csrf)?Token$/;

/** What to write. */
export const CSRF_CSRF_LINES: readonly string[] = [
  'bulwark.of(req).csrfToken // in the place of generateCsrfToken(req, res)',
  '// Every form is held by the policy already: docs/guides/leaving/csrf-csrf.md',
];

/** Takes it out of all files, or says where it stands and why. */
export function moveCsrfCsrf(modules: readonly ModuleFacts[]): Moved {
  const moved = new Moved(NAME);
  for (const module of modules) {
    for (const one of module.imports) {
      if (one.source !== NAME) continue;
      const why = moveImport(module, one, moved);
      if (why !== undefined)
        moved.leave(module, one, `// It stays, since ${why}. What to write:`, ...CSRF_CSRF_LINES);
    }
  }
  if (moved.isDone) moved.held.add('csrf');
  return moved;
}

function moveImport(
  module: ModuleFacts,
  one: ModuleFacts['imports'][number],
  moved: Moved,
): string | undefined {
  const [bound, ...more] = one.bound;
  const { text, top } = module;
  if (bound?.imported !== 'doubleCsrf' || more.length > 0 || !isOneImport(text.slice(one.from, one.to)))
    return 'more than its one function is imported';
  const [use, ...others] = module.uses.get(bound.local) ?? [];
  const call = module.calls.find(({ calleeRange }) => calleeRange.from === use?.from);
  if (
    call === undefined ||
    others.length > 0 ||
    !isOneThing(module, bound.local) ||
    !(call.isTop && call.isOnly)
  )
    return 'it is not called once, where the file begins';
  const [options, ...rest] = call.args;
  if (options?.kind !== 'ObjectExpression' || rest.length > 0 || isNamedTwice(options))
    return 'its options stand elsewhere';
  const other = options.entries.find(({ name }) => !OF_COOKIE.test(name));
  if (other !== undefined) return `the policy has no word for its ${shownPath(other.name)}`;
  let node: SyntaxNode | null = top.resolveInner(call.from, 1);
  while (node !== null && node.name !== 'VariableDeclaration') node = node.parent;
  const pattern = node?.getChild('ObjectPattern') ?? null;
  if (pattern === null) return 'what it gives is kept as a whole';
  for (const property of pattern.getChildren('PatternProperty')) {
    const said = text.slice(property.from, property.to);
    const [, key = '', local = key] = /^(\w+)(?:\s*:\s*(\w+))?$/.exec(said) ?? [];
    if (!isOneThing(module, local)) return `${shownPath(local)} may stand for something else`;
    const isMoved =
      key === PROTECTION ? moveMounts(module, local, moved) : moveTokens(module, key, local, moved);
    if (!isMoved) return `not all that is done with its ${shownPath(key)} is certain`;
  }
  moved.edit(module, removeStatement(module, one), removeStatement(module, call.statement));
  moved.mayGo(module, call, ...CSRF_CSRF_LINES);
  return undefined;
}

/** Where it is middleware, of everything or of a route. */
function moveMounts(module: ModuleFacts, local: string, moved: Moved): boolean {
  const uses = module.uses.get(local) ?? [];
  const places: readonly Place[] = uses.flatMap((use) => placesOf(module, use));
  if (places.length !== uses.length) return false;
  for (const { mount, at } of places) {
    const isUse = mount.callee.endsWith('.use');
    if (isUse && !mount.isTop) return false;
    moved.edit(module, isUse ? removeStatement(module, mount.statement) : removeArgument(mount, at));
  }
  return true;
}

/** `generateCsrfToken(req, res)`, wherever a request of Express is at hand. */
function moveTokens(module: ModuleFacts, key: string, local: string, moved: Moved): boolean {
  if (!TOKEN.test(key)) return false;
  for (const use of module.uses.get(local) ?? []) {
    const call: Called | undefined = module.calls.find(({ calleeRange }) => calleeRange.from === use.from);
    const request = call?.args[0];
    if (call === undefined || request?.kind !== 'VariableName' || call.args.length > 2) return false;
    if (requestOf(module, module.top.resolveInner(request.from, 1), request.text) === undefined) return false;
    moved.edit(module, { from: call.from, to: call.to, text: `bulwark.of(${request.text}).csrfToken` });
    moved.asking.add(module);
  }
  return true;
}
