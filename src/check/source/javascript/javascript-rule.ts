/** How a rule over JavaScript is written down. */
import type { RuleFacts } from '../../../core/rule.ts';
import type { Say, SourceRule } from '../source-rule.ts';
import type { SourceTree } from '../source-tree.ts';
import type { Call, Expression, Scope } from './ast.ts';
import { guardedBefore } from './guards.ts';
import type { JavaScriptFile } from './javascript-file.ts';
import { originsOf } from './origins.ts';
import { isJavaScript, JavaScriptProject } from './project.ts';

/** A rule over JavaScript and TypeScript. */
export interface JavaScriptRule extends Omit<RuleFacts, 'needs'> {
  /** Without any of them, a file is none of its business. */
  readonly words: RegExp;
  readonly look: (file: JavaScriptFile, say: Say, project: JavaScriptProject) => void;
}

const TEST =
  /(?:^|\/)(?:tests?|__tests__|__mocks__|spec|specs|e2e|fixtures?|testing|benchmarks?|bench)\/|[._-](?:test|spec|bench|stories)\.[cm]?[jt]sx?$|(?:^|\/)(?:test|tests|gulpfile|gruntfile|karma\.conf|webpack[\w.-]*|rollup[\w.-]*|vite[\w.-]*|jest[\w.-]*|eslint[\w.-]*)\.[cm]?[jt]s$/i;

/** Each rule asks of the same path, one after the other. */
let asked = { path: '', isTest: false };

/** Whether a path is one of tests, or of what builds. */
export function isTest(path: string): boolean {
  if (asked.path !== path) asked = { path, isTest: TEST.test(path) };
  return asked.isTest;
}

const projects = new WeakMap<SourceTree, JavaScriptProject>();

/** The one project of a tree. */
export function projectOf(tree: SourceTree): JavaScriptProject {
  let project = projects.get(tree);
  if (project === undefined) projects.set(tree, (project = new JavaScriptProject(tree)));
  return project;
}

/** Makes it a rule over source files. */
export function javaScriptRule({ words, look, ...facts }: JavaScriptRule): SourceRule {
  return {
    ...facts,
    needs: 'source',
    start(tree) {
      const project = projectOf(tree);
      return {
        reads: (path) => isJavaScript(path) && !isTest(path),
        words,
        look(source, say) {
          const file = project.look(source);
          if (file !== undefined) look(file, say, project);
        },
        end: () => project.settle(),
      };
    },
  };
}

/** What is said where something from outside reaches a place. */
export interface Reached {
  readonly value: Expression;
  readonly call: Pick<Call, 'at'>;
  readonly scope: Scope;
  readonly message: (what: string) => string;
  readonly fix: string;
  /** Parts of a request that do no harm here. */
  readonly harmless?: RegExp;
  /** Asked when all files have been seen: then it is nothing after all. */
  readonly unless?: () => boolean;
}

/** Says it at the end of the run, if something does. */
export function watch(
  file: JavaScriptFile,
  say: Say,
  project: JavaScriptProject,
  { value, call, scope, message, fix, harmless, unless }: Reached,
): void {
  const { source } = file;
  const origins = originsOf(value, scope, file, project, guardedBefore(scope, call.at)).filter(
    (origin) => origin.kind !== 'input' || harmless?.test(origin.what) !== true,
  );
  // Until the end of the run no more is kept of it than this: neither the call nor the text around it.
  const { at } = call;
  project.flows.watch({
    origins,
    onReached(way, what) {
      if (harmless?.test(what) === true || unless?.() === true) return;
      say({
        at: { file: source, at },
        message: message(what),
        fix,
        confidence: way.length < 3 ? 'high' : 'medium',
        flow: [
          ...way.map((step, index) => ({
            ...step,
            message: index === 0 ? `${what} comes in` : 'and is handed on',
          })),
          { ...source.where(at), message: source.lineOf(at) },
        ],
      });
    },
  });
}
