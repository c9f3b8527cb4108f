/** The policy that `init` writes: everything at its default, and in the first run nothing refused. */
import { SECTIONS } from '../../policy/controls.ts';
import type { ModuleFacts } from './read-module.ts';

const SIGN_IN = /^\/(?:[\w-]+\/)*(?:log-?in|sign-?in|sessions?)$/i;
const POSTS = /\.post$/;

/** As one text: the house has no such export of its own. */
const HEAD = "import { definePolicy } from 'bulwark';\n\nexport default definePolicy({";

/** The file. Of the application's own routes it names those that take a password: guessing is what a limit is for. */
export function policyText(modules: readonly ModuleFacts[] = []): string {
  const modes = Object.entries(SECTIONS)
    .filter(([, table]) => 'mode' in table)
    .map(([section]) =>
      section === 'https'
        ? "  https: { mode: 'observe', hsts: 'ramp-5-minutes' },"
        : `  ${section}: { mode: 'observe' },`,
    );
  const paths = new Set(
    modules.flatMap(({ calls }) =>
      calls.flatMap(({ callee, args: [path] }) => {
        const text = path?.kind === 'String' ? path.text.slice(1, -1) : '';
        return POSTS.test(callee) && SIGN_IN.test(text) ? [text] : [];
      }),
    ),
  );
  const limits = [...paths].map(
    (path) => `    'POST ${path}': { limit: '5/minute', by: ['client', 'account'] },`,
  );
  return `${HEAD}
  // The address that people type. Until it is here, or in BULWARK_ORIGIN, this machine alone is answered.
  // origin: 'https://www.example.com',
  // The proxy in front, if there is one: without it all clients count as one.
  // proxy: { trusted: ['10.0.0.5'] },

  // The first run decides, counts and logs, and refuses nothing. "bulwark gateway report LOG" says what it would have
  // refused. Then take these lines away, one at a time, the quiet ones first; the last one is for browsers to remember.
${modes.join('\n')}

  routes: {
    // Who may come where: nothing is closed that has no line here.
    // '/account/**': { require: 'signed-in' },
${limits.length === 0 ? '' : `${limits.join('\n')}\n`}  },
});
`;
}
