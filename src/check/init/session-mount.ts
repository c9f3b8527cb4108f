/** Where express-session is mounted, and what of its options the policy has words for. */
import { isWholeSite, type MiddlewareMove } from './move-middleware.ts';
import type { ModuleFacts } from './read-module.ts';
import { sessionLines, whyNotSession } from './session-options.ts';
import { SESSION_LINE } from './session-waits.ts';

/** Once, in front of everything. */
export function sessionMove(modules: readonly ModuleFacts[]): MiddlewareMove {
  const packages = modules.flatMap(({ sources }) => sources);
  return {
    name: 'express-session',
    take: (options, mounts, moved) => {
      // A store is shared with other machines, maybe: which of ours has its place is for a person to say.
      if (!isWholeSite(mounts) || moved.held.has('session'))
        return { why: 'it is not mounted once, in front of everything', lines: [] };
      const lines = sessionLines(options);
      if (lines === undefined) return whyNotSession(options, packages);
      moved.held.add('session');
      moved.sections.push(...lines);
      return undefined;
    },
    lines: [SESSION_LINE],
  };
}
