/** How a rule over Python is written down: its facts, the words that it looks for, and what it makes of a parsed file. */
import type { FlowStep, RuleFacts } from '../../../core/rule.ts';
import type { FilePlace } from '../source-file.ts';
import type { Say, SourceRule } from '../source-rule.ts';
import type { SourceTree } from '../source-tree.ts';
import type { Call, Expression, Scope } from './ast.ts';
import { LEADING, originsOf } from './origins.ts';
import type { PythonFile } from './python-file.ts';

/** A rule over Python. */
export interface PythonRule extends Omit<RuleFacts, 'needs'> {
  /** Without any of them, a file is none of its business. Whole words, as they are written. */
  readonly words: readonly string[];
  /** Tests are looked at, too. Default: what only tests do harms nobody. */
  readonly testsToo?: true;
  readonly look: (file: PythonFile, say: Say) => void;
}

const TEST =
  /(?:^|\/)(?:tests?|testing|test_utils|specs?|fixtures?)\/|(?:^|\/)(?:test_[^/]*|[^/]*_tests?|conftest|tests?)\.pyi?$/;

/** Each rule asks of the same path, one after the other. */
let asked = { path: '', isTest: false };

/** Whether a path is one of tests. */
export function isTest(path: string): boolean {
  if (asked.path !== path) asked = { path, isTest: TEST.test(path) };
  return asked.isTest;
}

/** Makes it a rule over source files. */
export function pythonRule({ words, testsToo, look, ...facts }: PythonRule): SourceRule {
  return {
    ...facts,
    needs: 'source',
    start(tree: SourceTree) {
      tree.python.watchFor(words);
      return {
        reads: (path) => path.endsWith('.py') && (testsToo === true || !isTest(path)),
        look(file, say) {
          const parsed = tree.python.look(file);
          if (parsed === undefined) return;
          tree.python.flows.read(parsed);
          look(parsed, say);
        },
      };
    },
  };
}

/** What is said where something from outside reaches a place. */
export interface Reached {
  readonly value: Expression;
  readonly call: Call;
  readonly scope: Scope;
  /** Goes on with the words of what reached it: `request.args`. */
  readonly message: (what: string) => string;
  readonly fix: string;
  /** What stands first decides: it is an address. */
  readonly leading?: boolean;
  /** Parts of a request that do no harm here. */
  readonly harmless?: RegExp;
}

/** The way of a value for a report. */
export function flowSteps(way: readonly FilePlace[], first: string): readonly FlowStep[] {
  return way.map((step, index) => Object.assign({ message: index === 0 ? first : 'and is handed on' }, step));
}

/** Says it at the end of the run, if something does. */
export function watch(
  file: PythonFile,
  say: Say,
  { value, call, scope, message, fix, harmless, leading }: Reached,
): void {
  const { source } = file;
  const origins = originsOf(value, scope, file, leading === true ? LEADING : undefined).filter(
    (origin) => origin.kind !== 'input' || harmless?.test(origin.what) !== true,
  );
  // Until the end of the run no more is kept of it than this: neither the call nor the text around it.
  const { at } = call;
  file.project.flows.watch({
    origins,
    onReached(way, what) {
      if (harmless?.test(what) === true) return;
      const step = { ...source.where(at), message: source.lineOf(at) };
      say({
        at: { file: source, at },
        message: message(what),
        fix,
        confidence: way.length < 3 ? 'high' : 'medium',
        flow: [...flowSteps(way, `${what} comes in`), step],
      });
    },
  });
}
