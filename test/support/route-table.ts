/** Route tables from a few lines. */
import assert from 'node:assert/strict';
import type { FrameworkName } from '../../src/controls/access/frameworks.ts';
import { parseRoutePattern } from '../../src/policy/route-pattern.ts';
import { RouteTable } from '../../src/policy/route-table.ts';
import type { RouteRules } from '../../src/core/route-rules.ts';

/** A table of patterns and rules, which are read already. */
export function table(
  routes: Record<string, RouteRules>,
  bodyLimit?: number,
  frameworks?: readonly FrameworkName[],
): RouteTable {
  return new RouteTable(
    Object.entries(routes).map(([text, rules]) => {
      const pattern = parseRoutePattern(text);
      assert.ok(pattern !== undefined, text);
      return { pattern, rules };
    }),
    { ...(bodyLimit !== undefined && { bodyLimit }), ...(frameworks !== undefined && { frameworks }) },
  );
}
