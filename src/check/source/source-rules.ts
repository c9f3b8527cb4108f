/** The rules over source files, for documents and tests. The command loads them when it is asked for a source. */
import { loadSourceRules } from './load-source-rules.ts';
import type { SourceRule } from './source-rule.ts';

export const SOURCE_RULES: readonly SourceRule[] = await loadSourceRules();
