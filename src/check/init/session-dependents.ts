/** passport and connect-flash keep what they know in the session: where they are asked, and what the layer has in their place. */
import type { Moved } from './moved.ts';
import type { Called, ModuleFacts } from './read-module.ts';
import { SESSION_LINE } from './session-waits.ts';

/** More than these nobody copies from a terminal. */
const MOST = 20;
const LONGEST = 40;

/** Says each place, behind what was left already. */
export function sayDependents(moved: Moved, modules: readonly ModuleFacts[]): void {
  let left = MOST;
  for (const module of modules) {
    for (const call of module.calls) {
      const lines = linesOf(call);
      if (lines.length === 0 || left === 0) continue;
      if (moved.say(module, call, SESSION_LINE, ...lines)) left -= 1;
    }
  }
}

function linesOf({ callee, args }: Called): readonly string[] {
  const [first] = args;
  const [, request, method = ''] = /^(_?req(?:uest)?)\.(\w+)$/.exec(callee) ?? [];
  if (request !== undefined) {
    const of = `bulwark.of(${request})`;
    if (/^log[oO]ut$/.test(method))
      return [`await ${of}.session.signOut(); // and then what the callback did`];
    if (/^log[iI]n$/.test(method)) {
      const user = first?.kind === 'VariableName' && first.text.length < LONGEST ? first.text : 'user';
      return [
        `await ${of}.session.signIn({ account: String(${user}.id) }); // and then what the callback did`,
      ];
    }
    if (method === 'isAuthenticated') return [`${of}.principal !== undefined`];
    if (method === 'isUnauthenticated') return [`${of}.principal === undefined`];
    if (method !== 'flash') return [];
    const kind = /^['"](\w{1,40})['"]$/.exec(first?.text ?? '')?.[1] ?? 'KIND';
    return args.length > 1
      ? [
          `await ${of}.session.change('flash:${kind}', (kept = []) => [...kept, text]); // with the text that stands there`,
        ]
      : [
          `const texts = ${of}.session.get('flash:${kind}') ?? []; await ${of}.session.delete('flash:${kind}');`,
        ];
  }
  if (/^passport\.(?:initialize|session)$/.test(callee))
    return ["// nothing: the session is the layer's. docs/guides/leaving/passport.md"];
  if (/^passport\.(?:de)?serializeUser$/.test(callee))
    return [
      '// nothing: a session has its account. The rest of a user is found by bulwark.of(req).principal?.account',
    ];
  if (callee !== 'passport.authenticate') return [];
  if (first?.text.slice(1, -1) === 'session')
    return ["// nothing: the session is the layer's. docs/guides/leaving/passport.md"];
  const strategy = first?.kind === 'String' && first.text.length < LONGEST ? first.text : "'local'";
  return [
    `passport.authenticate(${strategy}, { session: false, failureRedirect: '/login' }), // and behind it:`,
    'async (req, res, next) => {',
    '  try {',
    '    await bulwark.of(req).session.signIn({ account: String(req.user.id) });',
    "    res.redirect(303, '/');",
    '  } catch (error) { next(error); }',
    '},',
  ];
}
