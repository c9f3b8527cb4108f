/** How a rule over configuration is written down. */
import type { RuleFacts } from '../../../core/rule.ts';
import { isSample } from '../secrets/file-kinds.ts';
import type { SourceFile } from '../source-file.ts';
import type { Say, SourceRule } from '../source-rule.ts';
import type { SourceTree } from '../source-tree.ts';

/** A rule over files of one kind. */
export interface ConfigRule<T> extends Omit<RuleFacts, 'needs'> {
  readonly look: (parsed: T, file: SourceFile, say: Say, tree: SourceTree) => void;
}

/** A kind of files: which they are, and what they are read as. */
export interface ConfigKind<T> {
  readonly reads: (path: string) => boolean;
  /** What there is to say of one; undefined where it is none of the kind after all, a text where it could not be read. */
  readonly parse: (file: SourceFile, tree: SourceTree) => T | string | undefined;
}

/** Makes rules of a kind rules over source files. What only shows something is not looked at. */
export function configRules<T extends object>(
  kind: ConfigKind<T>,
  rules: readonly ConfigRule<T>[],
): readonly SourceRule[] {
  const parsedFiles = new WeakMap<SourceFile, T | string | undefined>();
  const parse = (file: SourceFile, tree: SourceTree): T | string | undefined => {
    if (!parsedFiles.has(file)) parsedFiles.set(file, kind.parse(file, tree));
    return parsedFiles.get(file);
  };
  return rules.map(({ look, ...facts }) => ({
    ...facts,
    needs: 'source',
    start: (tree) => ({
      reads: (path) => kind.reads(path) && !isSample(path),
      look(file, say) {
        const parsed = parse(file, tree);
        if (typeof parsed === 'string') tree.notScan({ path: file.path, why: parsed });
        else if (parsed !== undefined) look(parsed, file, say, tree);
      },
    }),
  }));
}
