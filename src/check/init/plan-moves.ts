/** What `bulwark init --from` does to a project: packages go, and the policy does what they did. */
import type { Edit } from '../fix/edit.ts';
import { requestOf } from './certain.ts';
import { MIDDLEWARE_MOVES } from './known-moves.ts';
import { leaveWhatIsLeft, type OtherText, saySessionsLeft } from './left-words.ts';
import { CSRF_CSRF_LINES, moveCsrfCsrf } from './move-csrf-csrf.ts';
import { moveMiddleware } from './move-middleware.ts';
import { moveSession } from './move-session.ts';
import { Moved } from './moved.ts';
import { linesToPaste } from './paste-lines.ts';
import { type PolicyLines, policyText } from './policy-text.ts';
import { ownModules } from './reach.ts';
import type { ModuleFacts } from './read-module.ts';
import { keepRequestSession } from './request-session.ts';
import { sayDependents } from './session-dependents.ts';
import { leaveCookieName } from './session-cookie-name.ts';
import { sayPlaces } from './session-places.ts';
import { SESSION_LINE } from './session-waits.ts';
import { shownPath } from './shown-path.ts';
import { whyRefused } from './try-policy.ts';
import type { ByHand, Found } from './wiring.ts';

/** The packages that can be left. */
export const MOVABLE: readonly string[] = [
  ...MIDDLEWARE_MOVES.map(({ name }) => name),
  'csrf-csrf',
  'express-session',
];

/** What comes of all of them. */
export interface Moves {
  readonly edits: ReadonlyMap<ModuleFacts, readonly Edit[]>;
  readonly policy: PolicyLines;
  readonly byHand: readonly ByHand[];
  /** Files that ask the layer, and import it for that. */
  readonly asking: ReadonlySet<ModuleFacts>;
  /** Packages that nothing here needs any more. */
  readonly left: readonly string[];
}

/** Everything stays. */
export const NO_MOVES: Moves = {
  edits: new Map(),
  policy: { sections: [], held: new Set(), routes: new Map() },
  byHand: [],
  asking: new Set(),
  left: [],
};

/** What the packages stand in. */
export interface MoveContext {
  readonly modules: readonly ModuleFacts[];
  /** Files that are not changed, and may use a package all the same. */
  readonly others: readonly OtherText[];
  /** The one application of Express. */
  readonly found: Found;
  readonly isExpress5: boolean;
  /** Whether `req.session` may stay, over a session of the layer, where nobody can be sure of each place. */
  readonly keepsRequestSession: boolean;
  /** Of package.json. */
  readonly dependencies: readonly string[];
}

/** Each package goes as a whole, or stays as a whole. It goes only where it is certain that all of what it did is taken over. */
export function planMoves(from: readonly string[], context: MoveContext): Moves {
  const byName = new Map<string, Moved>();
  for (const move of MIDDLEWARE_MOVES) {
    if (!from.includes(move.name)) continue;
    const moved = moveMiddleware(move, context.modules, context.found);
    const isDone = moved.isDone;
    if (move.name === 'csurf' && isDone) moveTokens(context.modules, moved);
    leaveDoubts(moved, context, move.lines);
    if (move.name === 'csurf' && !isDone && moved.byHand.length > 0) sayTokens(context.modules, moved);
    byName.set(move.name, moved);
  }
  if (from.includes('csrf-csrf')) {
    const moved = moveCsrfCsrf(context.modules);
    if (moved.isDone) moveTokens(context.modules, moved);
    leaveDoubts(moved, context, CSRF_CSRF_LINES);
    byName.set(moved.name, moved);
  }
  if (from.includes('express-session')) {
    // `getSessionIdentifier: (req) => req.session.id` goes with the package that asks for it.
    const csrf = byName.get('csrf-csrf');
    const gone = csrf?.isDone === true ? csrf.edits : new Map<ModuleFacts, readonly Edit[]>();
    const moved = moveSession(context.modules, context.found, context.isExpress5, gone);

    leaveDoubts(moved, context, [SESSION_LINE]);
    leaveCookieName(moved, context.modules);
    const going = [...byName.values()].filter(({ isDone }) => isDone).map(({ name }) => name);
    if (moved.edits.size > 0 || moved.byHand.length > 0) leaveForDependents(moved, context, going);
    const kept = moved.byHand.length > 0 ? keepAsItIs(from, context, going, gone) : undefined;
    if (typeof kept === 'object') byName.set(kept.name, kept);
    else if (moved.byHand.length > 0) {
      if (kept !== undefined)
        moved.leave(context.found.module, context.found.call, `// ${NOT_KEPT}, since ${kept}.`);
      saySessionsLeft(moved, context.modules, SESSION_LINE);
      sayDependents(moved, context.modules);
      sayPlaces(moved);
    }
    if (typeof kept !== 'object') byName.set(moved.name, moved);
  }
  const all = [...new Set(from)].flatMap((name) => byName.get(name) ?? []);
  for (const moved of all) if (moved.byHand.length > 0) moved.leaveRest();
  leaveRefused(all, context);
  leaveWithSessions(byName, context);
  const [csrf, session] = [byName.get('csrf-csrf'), byName.get('express-session')];
  // Then what it asks the session for is there still.
  if (session?.isDone === true && csrf?.isDone === false && csrf.byHand.length > 0)
    session.leave(context.found.module, context.found.call, SESSION_LINE);
  const done = all.filter(({ isDone }) => isDone);
  const edits = new Map<ModuleFacts, Edit[]>();
  for (const moved of done)
    for (const [module, some] of moved.edits) edits.set(module, [...(edits.get(module) ?? []), ...some]);
  return {
    edits,
    policy: policyOf(done),
    byHand: all.flatMap(({ byHand }) => byHand),
    asking: new Set(done.flatMap(({ asking }) => [...asking])),
    left: done.map(({ name }) => name),
  };
}

function policyOf(done: readonly Moved[]): PolicyLines {
  return {
    sections: done.flatMap(({ sections }) => sections),
    held: new Set(done.flatMap(({ held }) => [...held])),
    routes: new Map(done.flatMap(({ routes }) => [...routes])),
  };
}

/** What the layer would refuse, with what went before it: an application that starts with its package would not without. */
function leaveRefused(all: readonly Moved[], { modules, found }: MoveContext): void {
  const taken: Moved[] = [];
  for (const moved of all) {
    if (!moved.isDone) continue;
    const policy = policyOf([...taken, moved]);
    const why = whyRefused(policyText(modules, policy));
    if (why === undefined) taken.push(moved);
    else {
      moved.leave(
        found.module,
        found.call,
        `// It stays, since the layer refuses what it would be there. ${shownPath(why)}`,
        ...linesToPaste(moved),
      );
    }
  }
}

/**
 * A token of the layer is bound to a session of the layer: while those of express-session stay, forms would have an empty one, and be
 * held by where they come from alone.
 */
function leaveWithSessions(byName: ReadonlyMap<string, Moved>, { dependencies, found }: MoveContext): void {
  if (byName.get('express-session')?.isDone === true || !dependencies.includes('express-session')) return;
  for (const tokens of [byName.get('csurf'), byName.get('csrf-csrf')]) {
    if (tokens?.isDone !== true) continue;
    tokens.leave(
      found.module,
      found.call,
      '// It stays while the sessions of express-session do: a token of the layer is bound to a session of the layer.',
      ...linesToPaste(tokens),
    );
  }
}

const NOT_KEPT = 'requestSession() of bulwark/request-session, with all else as it is, was not written';

/** The session of the layer where code and packages look for theirs; or why that is not certain. */
function keepAsItIs(
  from: readonly string[],
  context: MoveContext,
  going: readonly string[],
  gone: ReadonlyMap<ModuleFacts, readonly Edit[]>,
): Moved | string | undefined {
  if (!context.keepsRequestSession) return undefined;
  const { modules, others, found } = context;
  const imported = new Set(modules.flatMap(({ sources }) => sources));
  // What was to go, and nothing imports, asks for nothing.
  const absent = from.filter((name) => !imported.has(name));
  const dependents = dependentsOf(context, [...going, ...absent]);
  return keepRequestSession({ modules, others, found, dependents, gone });
}

/** Uses that nothing understood, and files that may belong to another application. */
function leaveDoubts(moved: Moved, { modules, others, found }: MoveContext, lines: readonly string[]): void {
  if (!moved.isDone) return;
  leaveWhatIsLeft(moved, modules, others, lines);
  const own = ownModules(found.module, modules);
  for (const module of moved.edits.keys()) {
    if (own.has(module)) continue;
    const why = `${shownPath(found.module.path)} alone gets the layer, and is not seen to be all that imports this file`;
    moved.leave(module, { from: 0, to: 0 }, why, ...lines);
  }
}

/** These keep what they know in the session of express-session, or look for it. */
const KEEPS_IN_SESSION =
  /session|passport|flash|csrf|csurf|lusca|grant|keycloak|open-?id|oauth|oidc|saml|msal|auth0|^connect-/;

function dependentsOf({ modules, dependencies }: MoveContext, going: readonly string[]): readonly string[] {
  const packages = [...dependencies, ...modules.flatMap(({ sources }) => sources)];
  return [
    ...new Set(
      packages.filter(
        (name) =>
          KEEPS_IN_SESSION.test(name) &&
          !/^(?:\.|node:|@types\/)/.test(name) &&
          name !== 'express-session' &&
          !going.includes(name),
      ),
    ),
  ];
}

function leaveForDependents(moved: Moved, context: MoveContext, going: readonly string[]): void {
  const { found } = context;
  // Of a store that keeps it here enough was said.
  const some = dependentsOf(context, going).filter(
    (name) => moved.isDone || !/^connect-(?!flash|ensure)/.test(name),
  );
  if (some.length === 0) return;
  const names = some.map(shownPath).join(', ');
  moved.leave(found.module, found.call, `it may be asked for by ${names}`, SESSION_LINE);
}

/** Where csurf stays, the places of its tokens: what they would be. */
function sayTokens(modules: readonly ModuleFacts[], moved: Moved): void {
  const wouldBe = new Moved(moved.name);
  moveTokens(modules, wouldBe);
  for (const [module, edits] of wouldBe.edits) moved.wouldBe.set(module, edits);
  sayPlaces(moved);
}

/** `req.csrfToken()`: the field keeps its name, so that templates stay as they are. */
function moveTokens(modules: readonly ModuleFacts[], moved: Moved): void {
  for (const module of modules) {
    for (const { callee, args, from, to } of module.calls) {
      const request = /^(_?req(?:uest)?)\.csrfToken$/.exec(callee)?.[1];
      if (request === undefined || args.length > 0) continue;
      if (requestOf(module, module.top.resolveInner(from, 1), request) === undefined) continue;
      moved.edit(module, { from, to, text: `bulwark.of(${request}).csrfToken` });
      moved.asking.add(module);
    }
  }
}
