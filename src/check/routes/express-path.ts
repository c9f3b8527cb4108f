/** Paths of Express 5, in the grammar of path-to-regexp 8: `/a/:name`, `/files/*path`, `/a{/:optional}`, `\` escapes. */
import type { Addresses } from './addresses.ts';

/** Optional parts double the ways; with more than these the path is not read. */
const MOST_WAYS = 64;

/** What stands for a parameter and for a wildcard among plain characters: no path has these. */
const PARAMETER = '\u0001';
const WILDCARD = '\u0002';

/** The addresses of a path, one for each way its optional parts can be there or not; undefined where it is not read. */
export function readExpressPath(path: string): readonly Addresses[] | undefined {
  const tokens = tokensOf(path);
  const ways = tokens === undefined ? undefined : expand(tokens);
  return ways?.map(segmentsOfWay);
}

/** Characters, with parameters and wildcards as one each, and braces as they are where they mean something. */
type Token = string | { readonly brace: '{' | '}' };

function tokensOf(path: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  for (let rest = path; rest !== '';) {
    const parameter = /^[:*](?:[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*|"(?:\\.|[^"\\])+")/u.exec(
      rest,
    )?.[0];
    const escaped = /^\\(.)/su.exec(rest)?.[1];
    const [character = ''] = rest;
    if (parameter !== undefined) tokens.push(rest.startsWith('*') ? WILDCARD : PARAMETER);
    else if (escaped !== undefined) tokens.push(escaped);
    else if (character === '{' || character === '}') tokens.push({ brace: character });
    // What path-to-regexp keeps for later, and refuses.
    else if (/[:*\\()[\]+?!]/.test(character)) return undefined;
    else tokens.push(character);
    rest = rest.slice(parameter?.length ?? (escaped === undefined ? character.length : escaped.length + 1));
  }
  return tokens;
}

/** The texts that a path comes to, with and without each of its optional parts. */
function expand(tokens: readonly Token[]): readonly string[] | undefined {
  // For each brace that is open: the ways up to it, and the ways within it so far.
  const outer: (readonly string[])[] = [];
  let ways: readonly string[] = [''];
  for (const token of tokens) {
    if (typeof token === 'string') ways = ways.map((way) => way + token);
    else if (token.brace === '{') outer.push(ways);
    else {
      const without = outer.pop();
      if (without === undefined || ways.length + without.length > MOST_WAYS) return undefined;
      ways = [...without, ...ways];
    }
  }
  return outer.length === 0 ? ways : undefined;
}

/** A wildcard has one segment at least; one that is a part of a segment may have any name around it. */
function segmentsOfWay(way: string): Addresses {
  return way
    .split('/')
    .filter((segment) => segment !== '')
    .flatMap((segment) => {
      if (segment.includes(WILDCARD)) return ['*', '**'];
      return [segment.includes(PARAMETER) ? '*' : segment.toLowerCase()];
    });
}
