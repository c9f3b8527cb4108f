/** Options of express-session in words of the policy. One that would be lost keeps the package where it is. */
import { showDuration } from '../../core/readers.ts';
import type { Argument, Named } from './read-module.ts';
import type { Stay } from './move-middleware.ts';
import { product } from './product.ts';
import { shownPath } from './shown-path.ts';

/** What the layer does always, whatever these say; or what a request never sees. */
const SAME = /^(?:secret|resave|saveUninitialized|name|proxy)$/;
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

/** Why there are none, and what a person writes. */
export function whyNotSession(options: Argument | undefined): Stay {
  const entries = options?.entries ?? [];
  if (entries.some(({ name }) => name === 'store'))
    return {
      why: 'its store may be shared with other machines',
      lines: [
        "state: { shared: redis(process.env.REDIS_URL) }, // of 'bulwark/redis'; or nothing: one machine, in a file",
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
