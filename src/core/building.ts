/** Whether this process builds an application. Builds run its modules, on machines that have no secrets and keep no data. */

/** What of a process tells. */
export interface Process {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly argv: readonly string[];
}

const TOOLS = 'next|nuxt|nuxi|astro|ng|vite|react-router|svelte-kit|vinxi|vike|nitro|rsbuild|webpack|rollup';
/** One command, and nothing behind it: `next build && next start` goes on to serve. */
const SCRIPT = new RegExp(
  `^(?:\\w+=\\S+ +)*(?:npx +|cross-env +(?:\\w+=\\S+ +)*)?"?(?:${TOOLS})"? +build(?: +[^;&|<>$()\`]*)?$`,
);
const PROGRAM = new RegExp(`[\\\\/](?:${TOOLS})(?:\\.[cm]?js)?$`);
const MOST_READ = 500;

/**
 * Told by `BULWARK_BUILD=1`, by what Next.js tells its own processes, and by the command: `astro build`, or the script of package.json
 * that is nothing else. A mistake lets nobody in: what is made in a build serves nobody.
 */
export function isBuilding({ env, argv }: Process = process): boolean {
  if (env['BULWARK_BUILD'] === '1' || env['NEXT_PHASE'] === 'phase-production-build') return true;
  const script = env['npm_lifecycle_script'];
  if (script !== undefined && script.length <= MOST_READ && SCRIPT.test(script.trim())) return true;
  const [, program = '', command] = argv;
  return command === 'build' && PROGRAM.test(program);
}
