/** How a rule over Flask applications is written down. */
import type { RuleFacts } from '../../../core/rule.ts';
import { isTest } from '../python/python-rule.ts';
import type { PythonFile } from '../python/python-file.ts';
import type { Say, SourceFault, SourceRule } from '../source-rule.ts';
import type { SourceTree } from '../source-tree.ts';
import { FLASK_WORDS, type FlaskBook, flaskBook, type Spot, type Unit } from './flask-book.ts';

/** Says something of a place whose file is read again for it. */
export type SayAt = (spot: Spot, fault: Omit<SourceFault, 'at'>) => void;

/** A rule over Flask applications. */
export interface FlaskRule extends Omit<RuleFacts, 'needs'> {
  /** Beside those that every file of Flask has. */
  readonly words?: readonly string[];
  /** Of each file. */
  readonly look?: (file: PythonFile, say: Say) => void;
  /** Of each application. */
  readonly judge?: (unit: Unit, say: SayAt) => void;
  /** Of all settings and extensions, whichever application they are of. */
  readonly end?: (book: FlaskBook, say: SayAt) => void;
}

/** Makes it a rule over source files. */
export function flaskRule({ words = [], look, judge, end, ...facts }: FlaskRule): SourceRule {
  return {
    ...facts,
    needs: 'source',
    start(tree) {
      tree.python.watchFor([...FLASK_WORDS, ...words]);
      const book = flaskBook(tree);
      return {
        reads: (path) => path.endsWith('.py') && !isTest(path),
        look(file, say) {
          const parsed = tree.python.look(file);
          if (parsed === undefined) return;
          book.read(parsed);
          look?.(parsed, say);
        },
        end(say) {
          const sayAt = sayerFor(tree, say);
          for (const unit of book.units) judge?.(unit, sayAt);
          end?.(book, sayAt);
        },
      };
    },
  };
}

function sayerFor(tree: SourceTree, say: Say): SayAt {
  return ({ file, at }, fault) => {
    const source = tree.file(file);
    if (source !== undefined) say({ at: { file: source, at }, ...fault });
  };
}
