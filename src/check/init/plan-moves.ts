/** What `bulwark init --from` does to a project: packages go, and the policy does what they did. */
import type { Edit } from '../fix/edit.ts';
import { MIDDLEWARE_MOVES } from './known-moves.ts';
import { moveMiddleware } from './move-middleware.ts';
import { moveSession } from './move-session.ts';
import type { Moved } from './moved.ts';
import type { PolicyLines } from './policy-text.ts';
import type { ModuleFacts } from './read-module.ts';
import type { ByHand, Found } from './wiring.ts';

/** The packages that can be left. */
export const MOVABLE: readonly string[] = [...MIDDLEWARE_MOVES.map(({ name }) => name), 'express-session'];

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

/** Each package goes as a whole, or stays as a whole. */
export function planMoves(
  from: readonly string[],
  modules: readonly ModuleFacts[],
  found: Found | undefined,
  isExpress5: boolean,
): Moves {
  const all = from.map((name) => {
    const move = MIDDLEWARE_MOVES.find((one) => one.name === name);
    const moved =
      move === undefined ? moveSession(modules, found, isExpress5) : moveMiddleware(move, modules, found);
    if (name === 'csurf' && moved.byHand.length === 0 && moved.edits.size > 0) moveTokens(modules, moved);
    return moved;
  });
  const done = all.filter(({ byHand, edits }) => byHand.length === 0 && edits.size > 0);
  const edits = new Map<ModuleFacts, Edit[]>();
  for (const moved of done)
    for (const [module, some] of moved.edits) edits.set(module, [...(edits.get(module) ?? []), ...some]);
  return {
    edits,
    policy: {
      sections: done.flatMap(({ sections }) => sections),
      held: new Set(done.flatMap(({ held }) => [...held])),
      routes: new Map(done.flatMap(({ routes }) => [...routes])),
    },
    byHand: all.flatMap(({ byHand }) => byHand),
    asking: new Set(done.flatMap(({ asking }) => [...asking])),
    left: done.map(({ name }) => name),
  };
}

/** `req.csrfToken()`: the field keeps its name, so that templates stay as they are. */
function moveTokens(modules: readonly ModuleFacts[], moved: Moved): void {
  for (const module of modules) {
    for (const { callee, args, from, to } of module.calls) {
      const request = /^(_?req(?:uest)?)\.csrfToken$/.exec(callee)?.[1];
      if (request === undefined || args.length > 0) continue;
      moved.edit(module, { from, to, text: `bulwark.of(${request}).csrfToken` });
      moved.asking.add(module);
    }
  }
}
