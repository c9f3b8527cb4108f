/** The policy that `init` writes: everything at its default, and in the first run nothing refused. */
import { SECTIONS } from '../../policy/controls.ts';
import { meet, parseRoutePattern } from '../../policy/route-pattern.ts';
import type { ModuleFacts } from './read-module.ts';

const SIGN_IN = /^\/(?:[\w-]+\/)*(?:log-?in|sign-?in|sessions?)$/i;
const POSTS = /\.post$/;

/** As one text: the house has no such export of its own. */
const HEAD = "import { definePolicy } from 'bulwark';\n\nexport default definePolicy({";

/** What packages that are left had been told. */
export interface PolicyLines {
  /** Such as `csp: { ... },`. */
  readonly sections: readonly string[];
  /** Sections whose place a package had: they hold from the start, or something would be open that was closed. */
  readonly held: ReadonlySet<string>;
  /** By pattern: `limit: '5/minute'`. */
  readonly routes: ReadonlyMap<string, string>;
}

const NO_LINES: PolicyLines = { sections: [], held: new Set(), routes: new Map() };

/** Whether the file has a line of its own for a section, which says that the first run only looks at it. */
export function isFirstObserved(section: string): boolean {
  return Object.entries(SECTIONS).some(([name, table]) => name === section && 'mode' in table);
}

/** The file. Of the application's own routes it names those that take a password: guessing is what a limit is for. */
export function policyText(
  modules: readonly ModuleFacts[] = [],
  { sections, held, routes }: PolicyLines = NO_LINES,
): string {
  const modes = Object.keys(SECTIONS)
    .filter((section) => isFirstObserved(section) && !held.has(section))
    .map((section) =>
      section === 'https'
        ? "  https: { mode: 'observe', hsts: 'ramp-5-minutes' },"
        : `  ${section}: { mode: 'observe' },`,
    );
  const moved = [...routes.keys()].flatMap((one) => parseRoutePattern(one) ?? []);
  // A line for the sign-in alone would take the place of a wider one that it had, and be the looser of the two.
  const isMoved = (path: string): boolean => {
    const pattern = parseRoutePattern(`POST ${path}`);
    return pattern === undefined || moved.some((one) => meet(one, pattern));
  };
  const paths = new Set(
    modules.flatMap(({ calls }) =>
      calls.flatMap(({ callee, args: [path] }) => {
        const text = path?.kind === 'String' ? path.text.slice(1, -1) : '';
        return POSTS.test(callee) && SIGN_IN.test(text) && !isMoved(text) ? [text] : [];
      }),
    ),
  );
  const all = new Map(routes);
  for (const path of paths) all.set(`POST ${path}`, "limit: '5/minute'");
  const limits = [...all].map(([pattern, rule]) => `    '${pattern}': { ${rule} },`);
  const taken = sections.map((line) => `  ${line}\n`).join('');
  return `${HEAD}
  // The address that people type. Until it is here, or in BULWARK_ORIGIN, this machine alone is answered.
  // origin: 'https://www.example.com',
  // The proxy in front, if there is one: without it all clients count as one.
  // proxy: { trusted: ['10.0.0.5'] },

  // The first run decides, counts and logs, and refuses nothing. "bulwark gateway report LOG" says what it would have
  // refused. Then take these lines away, one at a time, the quiet ones first; the last one is for browsers to remember.
${modes.join('\n')}
${taken === '' ? '' : `\n  // What packages were told that this has the place of. It holds from the start.\n${taken}`}
  routes: {
    // Who may come where: nothing is closed that has no line here.
    // '/account/**': { require: 'signed-in' },
${paths.size === 0 ? '' : "    // With by: ['client', 'account'] and accountField, which is what the form calls the name, guessing at one account is slow too.\n"}${limits.length === 0 ? '' : `${limits.join('\n')}\n`}  },
});
`;
}
