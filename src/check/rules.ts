/** The rules, for documents and tests. The command loads them when it is asked for: a module that waits is in no executable. */
import type { Rule } from '../core/rule.ts';
import { loadRules } from './load-rules.ts';

export const RULES: readonly Rule[] = await loadRules();
