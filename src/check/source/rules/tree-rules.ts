/** What is said of a tree as a whole. */
import { SourceFile } from '../source-file.ts';
import type { SourceRule } from '../source-rule.ts';

/** Rules about the tree. */
export const treeRules: readonly SourceRule[] = [
  {
    id: 'source.scanned',
    title: 'Every file that a rule reads could be read and understood',
    level: 'warning',
    guide: 15,
    asvs: [],
    cwe: [],
    needs: 'source',
    why: 'Nobody has looked at what stands there, so that nothing is known of it.',
    start: (tree) => ({
      // Of its own it reads what the others do: the rest is none of anybody's business.
      reads: (path) => /\.(?:py|html?|xhtml|jinja2?|j2|[cm]?[jt]sx?)$/.test(path),
      last: true,
      end(say) {
        for (const { path, why } of tree.notScanned) {
          say({
            at: { file: new SourceFile(path, ''), at: 0 },
            message: `not scanned: ${why}`,
            evidence: why,
            fix: 'look at it by hand, or make it text in UTF-8 that the parser knows',
            confidence: 'high',
          });
        }
      },
    }),
  },
];
