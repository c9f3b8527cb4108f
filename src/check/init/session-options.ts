/** Options of express-session in words of the policy. One that would be lost keeps the package where it is. */
import { showDuration } from '../../core/readers.ts';
import type { Argument, Named } from './read-module.ts';
import type { Stay } from './move-middleware.ts';
import { product } from './product.ts';
import { shownPath } from './shown-path.ts';

/** What the layer does always, whatever these say; or what a request never sees. */
const SAME = /^(?:secret|resave|saveUninitialized|name|key|proxy)$/;
const PLAIN: ReadonlyMap<string, RegExp> = new Map([
  ['rolling', /^(?:true|false)$/],
  ['unset', /^['"]keep['"]$/],
]);
const OF_COOKIE: ReadonlyMap<string, RegExp> = new Map([
  ['secure', /^/],
  ['httpOnly', /^true$/],
  ['path', /^['"]\/['"]$/],
  ['sameSite', /^(?:true|['"](?:lax|strict)['"])$/],
  ['maxAge', /^(?:null|undefined|\d[\d_]*(?:\s*\*\s*\d[\d_]*)*)$/],
]);
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HALF_A_DAY = 12 * 60 * MINUTE;
const LONGEST = 30 * 24 * 60 * MINUTE;

/** Lines of the policy, none where the defaults do; undefined where something has no word there. */
export function sessionLines(options: Argument | undefined): readonly string[] | undefined {
  if (options?.kind !== 'ObjectExpression' || !isPlain(options)) return undefined;
  const cookie = valueOf(options.entries, 'cookie');
  const rest = options.entries.filter(({ name }) => name !== 'cookie' && !SAME.test(name));
  if (!areAll(rest, PLAIN)) return undefined;
  if (cookie !== undefined && (cookie.kind !== 'ObjectExpression' || !isPlain(cookie))) return undefined;
  const entries = cookie?.entries ?? [];
  if (!areAll(entries, OF_COOKIE)) return undefined;
  const said: string[] = [];
  const age = valueOf(entries, 'maxAge')?.text ?? 'null';
  if (/^\d/.test(age)) {
    const ends = endsOf(product(age), valueOf(rest, 'rolling')?.text === 'true');
    if (ends === undefined) return undefined;
    said.push(...ends);
  }
  if (/true|strict/.test(valueOf(entries, 'sameSite')?.text ?? '')) said.push("sameSite: 'strict'");
  return said.length === 0 ? [] : [`// As it was.\n  session: { ${said.join(', ')} },`];
}

/** Why there are none, and what a person writes; `packages` are those that the application imports. */
export function whyNotSession(options: Argument | undefined, packages: readonly string[]): Stay {
  const entries = options?.entries ?? [];
  if (entries.some(({ name }) => name === 'store'))
    return {
      why: 'its store may be shared with other machines',
      lines: [
        ...(STORES.find(({ name }) => packages.some((one) => name.test(one)))?.lines ?? OTHER_STORE),
        '// Then one place after the other, as below: docs/guides/leaving/express-session.md',
      ],
    };
  const other = entries.find(
    ({ name, value }) =>
      name !== 'cookie' && !SAME.test(name) && PLAIN.get(name)?.test(value?.text ?? '') !== true,
  );
  const what = other === undefined ? 'options of its cookie' : shownPath(other.name);
  return { why: `the policy has no word for its ${what}`, lines: [] };
}

const AWAITS =
  "// In CommonJS a policy that awaits is loaded by await loadPolicy('bulwark.config.mjs') of 'bulwark', and not by require.";

/** What takes the place of a store, by the package that it is of. */
const STORES: readonly { readonly name: RegExp; readonly lines: readonly string[] }[] = [
  {
    name: /^(?:connect-redis|connect-valkey)$/,
    lines: [
      "import { redis } from 'bulwark/redis';",
      "import { createClient } from 'redis';",
      'const client = await createClient({ url: process.env.REDIS_URL }).connect();',
      'state: await redis(client), // in the policy. On one machine nothing: a file is shared by its processes',
      AWAITS,
    ],
  },
  {
    name: /^connect-pg-simple$/,
    lines: [
      "import { postgres } from 'bulwark/postgres';",
      "import { Pool } from 'pg';",
      'const pool = new Pool({ connectionString: process.env.DATABASE_URL, connectionTimeoutMillis: 2000, statement_timeout: 5000 });',
      'state: await postgres(pool), // in the policy. On one machine nothing: a file is shared by its processes',
      AWAITS,
    ],
  },
  {
    name: /^(?:connect-sqlite3|better-sqlite3-session-store|session-file-store|memorystore)$/,
    lines: [
      "// nothing, if that folder is this machine's own: the default is a file in data/, shared by its processes",
    ],
  },
];
const OTHER_STORE = [
  '// nothing on one machine: the default is a file in data/, shared by its processes',
  '// On several: state: await redis(client), or await postgres(pool): docs/guides/many-processes.md',
];

/** Each entry once, with a value that stands there: what is spread or computed may be anything. */
function isPlain({ entries }: Argument): boolean {
  return (
    new Set(entries.map(({ name }) => name)).size === entries.length &&
    entries.every(({ name }) => /^\w+$/.test(name))
  );
}

function areAll(entries: readonly Named[], known: ReadonlyMap<string, RegExp>): boolean {
  return entries.every(({ name, value }) => known.get(name)?.test(value?.text ?? '...') === true);
}

function valueOf(entries: readonly Named[], name: string): Argument | undefined {
  return entries.find((entry) => entry.name === name)?.value;
}

/** `rolling`: so long after the last use. Without: so long after the beginning. */
function endsOf(age: number, isRolling: boolean): readonly string[] | undefined {
  if (age < SECOND || age > LONGEST || age % SECOND !== 0) return undefined;
  const absolute = isRolling ? Math.max(age, HALF_A_DAY) : age;
  const said = [`idle: '${showDuration(age)}'`, `absolute: '${showDuration(absolute)}'`];
  // A last use is noted once a minute, which a short end has no room for.
  if (age < 2 * MINUTE)
    said.push(`touchEvery: '${showDuration(Math.max(SECOND, Math.floor(age / 2 / SECOND) * SECOND))}'`);
  return age < 2 * SECOND ? undefined : said;
}
