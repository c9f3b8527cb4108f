/**
 * `requestSession()` in the place of `session({ ... })`: where code or packages keep what they know in `req.session`, and nobody
 * can be sure of each place, all of it stays as it is, and the session is the layer's.
 */
import type { Edit } from '../fix/edit.ts';
import { usesOfImport } from './certain.ts';
import { Moved } from './moved.ts';
import { moveMiddleware } from './move-middleware.ts';
import { ownModules } from './reach.ts';
import type { Called, ModuleFacts, Range } from './read-module.ts';
import { whyNotRequestSession } from './request-session-doubts.ts';
import { sessionMove } from './session-mount.ts';
import { SESSION_LINE } from './session-waits.ts';
import { shownPath } from './shown-path.ts';
import { calledOf, type Found } from './wiring.ts';
import type { OtherText } from './left-words.ts';

const NAME = 'express-session';
const OURS = 'bulwark/request-session';

/** What the session stands in. */
export interface SessionContext {
  readonly modules: readonly ModuleFacts[];
  readonly others: readonly OtherText[];
  readonly found: Found;
  /** Packages that may look for a session, and stay. */
  readonly dependents: readonly string[];
  /** What goes with another package. */
  readonly gone: ReadonlyMap<ModuleFacts, readonly Edit[]>;
}

/** Puts it there; or says why that is not certain. */
export function keepRequestSession(context: SessionContext): Moved | string {
  const { modules, found } = context;
  const mounted = moveMiddleware(sessionMove(modules), modules, found);
  // Of its options and its place enough is said elsewhere.
  if (!mounted.isDone) return 'its options or its place are not certain';
  const made = modules.flatMap((module) => madeIn(module));
  const [only, ...more] = made;
  if (only === undefined || more.length > 0) return 'it is made in more places than one';
  const { module, call } = only;
  if (!ownModules(found.module, modules).has(module))
    return `${shownPath(found.module.path)} alone gets the layer, and is not seen to be all that imports ${shownPath(module.path)}`;
  if (module.names.has('requestSession'))
    return `${shownPath(module.path)} has a name requestSession of its own`;
  const why = whyNotRequestSession(context, module, call);
  if (why !== undefined) return why;
  const moved = new Moved(NAME);
  for (const section of mounted.held) moved.held.add(section);
  moved.sections.push(...mounted.sections);
  moved.mayGo(module, call, SESSION_LINE);
  moved.edit(module, ...editsOf(module, call));
  return moved;
}

/** Every call of the package's own function. */
function madeIn(module: ModuleFacts): readonly { readonly module: ModuleFacts; readonly call: Called }[] {
  const imports = module.imports.filter(({ source }) => source === NAME);
  const uses = imports.flatMap((range) =>
    range.bound.flatMap(({ local }) => usesOfImport(module, local, range) ?? []),
  );
  return module.calls
    .filter(({ callee, calleeRange }) => {
      const { source, imported } = calledOf(module, callee);
      const isOurs = callee.startsWith('require(') || uses.some(({ from }) => from === calleeRange.from);
      return source === NAME && imported === 'default' && isOurs;
    })
    .map((call) => ({ module, call }));
}

/** The import, and the call. */
function editsOf(module: ModuleFacts, call: Called): readonly Edit[] {
  const { from, to } = call;
  if (call.callee.startsWith('require(')) return [{ from, to, text: `require('${OURS}').requestSession()` }];
  const imports = module.imports.filter(({ source }) => source === NAME);
  return [
    ...imports.map((range) => ({ from: range.from, to: range.to, text: importText(module, range) })),
    { from, to, text: 'requestSession()' },
  ];
}

function importText({ text }: ModuleFacts, { from, to }: Range): string {
  const said = text.slice(from, to);
  const end = said.trimEnd().endsWith(';') ? ';' : '';
  const [word = ''] = /^\w+/.exec(said) ?? [];
  return word === 'import'
    ? `import { requestSession } from '${OURS}'${end}`
    : `${word} { requestSession } = require('${OURS}')${end}`;
}
