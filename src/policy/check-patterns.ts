/** What is wrong with the patterns of `routes`, each by itself and beside the others. */
import { nearest } from '../core/nearest.ts';
import { isPlainObject } from '../core/options.ts';
import type { Problems } from '../core/problems.ts';
import { foldedPath, type RoutePattern, suggestPatterns } from './route-pattern.ts';
import type { Route } from './route-table.ts';

/** Methods that reach an application (RFC 9110 9, RFC 5789). HEAD follows GET. */
export const METHODS: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** A method that never comes is a rule that never holds. */
export function checkMethods(key: string, pattern: RoutePattern, problems: Problems): void {
  for (const method of pattern.methods ?? []) {
    if (METHODS.includes(method)) continue;
    const guess = method === 'HEAD' ? 'GET' : nearest(method, METHODS);
    problems.refuse(
      'ERR_BULWARK_INVALID_OPTION',
      `routes['${key}']`,
      method === 'HEAD'
        ? 'HEAD follows the rules of GET.'
        : `there is no method ${method}, so its rules would never hold.`,
      guess === undefined ? `one of ${METHODS.join(', ')}` : `did you mean ${guess}?`,
    );
  }
}

/** Which of two lines for the same paths holds would depend on which was written first. */
export function checkTwin(pattern: RoutePattern, before: readonly Route[], problems: Problems): void {
  const { methods, text } = pattern;
  const twin = before.find(
    (one) => foldedPath(one.pattern) === foldedPath(pattern) && sharesMethod(one.pattern.methods, methods),
  );
  if (twin === undefined) return;
  problems.refuse(
    'ERR_BULWARK_INVALID_OPTION',
    `routes['${text}']`,
    `it matches the same paths as '${twin.pattern.text}': case, names of parameters and a slash at the end make no difference.`,
    'write one line for both',
  );
}

/** On Fastify, Hono and Express 4 a `*` at the end is everything below: a path copied from the router closes one level of it. */
export function checkStar({ pattern, rules }: Route, routes: readonly Route[], problems: Problems): void {
  if (typeof rules.require !== 'object' || pattern.letters.at(-1) !== '*' || !pattern.text.endsWith('*'))
    return;
  const below = `${foldedPath(pattern)}*`;
  if (routes.some((one) => foldedPath(one.pattern) === below)) return;
  problems.warn(
    'ERR_BULWARK_INVALID_OPTION',
    `routes['${pattern.text}']`,
    '`*` is one segment here, and not what is below it: deeper paths do not have this rule.',
    `'${pattern.text}*' for everything below, '${pattern.text.slice(0, -1)}:name' for one segment`,
  );
}

/** One that names its methods is narrower than one that does not: the two may stand beside each other. */
function sharesMethod(a: RoutePattern['methods'], b: RoutePattern['methods']): boolean {
  if (a === undefined || b === undefined) return a === b;
  return !a.isDisjointFrom(b);
}

/** Says what comes nearest in the grammar of this policy. */
export function refusePattern(key: string, problems: Problems): void {
  const lines = suggestPatterns(key);
  problems.refuse(
    'ERR_BULWARK_INVALID_OPTION',
    `routes['${key}']`,
    'it is no route pattern, so its rules would hold for other paths than it says, or for none.',
    lines.length === 0
      ? "'/path', '/path/:name', '/path/**' or 'POST /path', segments in plain characters, `**` only at the end"
      : `in the grammar of this policy: ${lines.map((line) => `'${line}'`).join(' and ')}`,
  );
}

/** A rule out of a variable that is not set, such as a misspelt name: the route would quietly stand open. */
export function refuseNothing(path: string, value: unknown, fix: string, problems: Problems): void {
  const isOpened = isPlainObject(value) && Object.hasOwn(value, 'require') && value['require'] === undefined;
  if (value !== undefined && !isOpened) return;
  const option = isOpened ? `${path}.require` : path;
  const reason = 'it is written down and has no value, so that the route would be as open as without it.';
  problems.refuse('ERR_BULWARK_UNSAFE_OPTION', option, reason, fix);
}
