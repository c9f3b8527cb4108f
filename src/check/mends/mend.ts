/** How what a rule finds is mended, as code: by what the rule says itself, else by its room and the weaknesses it is about. */
import type { Mend, RuleFacts } from '../../core/rule.ts';
import { BROWSER_MENDS } from './browser-mends.ts';
import { CODE_MENDS } from './code-mends.ts';
import { SERVER_MENDS } from './server-mends.ts';

/** By room (`csp`), by room and weakness (`csp CWE-353`; `headers ` for a rule without one), or by weakness (`CWE-79`). */
export type Mends = Readonly<Record<string, Mend>>;

/** The narrower key wins, so that two tables have none in common: a test holds it. */
export const MENDS: readonly Mends[] = [BROWSER_MENDS, SERVER_MENDS, CODE_MENDS];

/** What is written where; empty where there is nothing but to change what the finding names. */
export function mendOf({ id, cwe, mend }: Pick<RuleFacts, 'id' | 'cwe' | 'mend'>): Mend {
  if (mend !== undefined) return mend;
  const room = id.split('.', 1)[0] ?? '';
  const keys = [...(cwe.length === 0 ? [`${room} `] : cwe.map((one) => `${room} ${one}`)), room, ...cwe];
  for (const key of keys) {
    const found = MENDS.find((table) => table[key] !== undefined)?.[key];
    if (found !== undefined) return found;
  }
  return {};
}
