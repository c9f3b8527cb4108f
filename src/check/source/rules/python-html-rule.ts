/** Pages that a handler writes by hand. */
import type { Expression } from '../python/ast.ts';
import { INPUT_WORDS, routeOf } from '../python/inputs.ts';
import { originsOf } from '../python/origins.ts';
import { argument, lastName, type PythonFile } from '../python/python-file.ts';
import { flowSteps, pythonRule } from '../python/python-rule.ts';
import type { Say, SourceRule } from '../source-rule.ts';

/** A handler's text is HTML to a browser, unless the handler says otherwise. */
export const htmlAnswerRule: SourceRule = pythonRule({
  id: 'python.html',
  title: 'No page is put together as text out of what a request holds',
  level: 'error',
  guide: 12,
  asvs: ['v5.0.0-1.2.1 (in part)'],
  cwe: ['CWE-79'],
  words: INPUT_WORDS,
  look(file, say) {
    for (const scope of file.scopes) {
      const route = scope.kind === 'function' ? routeOf(scope) : undefined;
      if (route === undefined || !isFlask(file)) continue;
      for (const answer of scope.returns) {
        // A tuple is text, status and headers; whoever sets a type has thought of it.
        const [text, ...more] = answer.kind === 'sequence' ? answer.items : [answer];
        if (text !== undefined && !more.some(setsType)) watchText(file, say, text, scope);
      }
    }
    for (const { call, scope } of file.calls('HTMLResponse')) {
      if (!/^(?:fastapi|starlette)\.responses\.HTMLResponse$/.test(file.path(call.callee, scope) ?? ''))
        continue;
      const content = argument(call, 0, 'content');
      if (content !== undefined) watchText(file, say, content, scope, call.at);
    }
    for (const { call, scope } of file.calls('make_response', 'HttpResponse', 'Response')) {
      const path = file.path(call.callee, scope) ?? '';
      if (!/^(?:flask\.(?:make_response|Response)|django\.http\.HttpResponse)$/.test(path)) continue;
      const [first, ...rest] = call.args;
      if (first === undefined || rest.some(({ name }) => name === undefined || /type|headers/.test(name)))
        continue;
      watchText(file, say, first.value, scope, call.at);
    }
  },
});

function isFlask(file: PythonFile): boolean {
  return file.module.scope.imports.some(({ module }) => /^flask(?:\.|$)/.test(module));
}

function setsType(part: Expression): boolean {
  return part.kind === 'dict' || part.kind === 'name' || part.kind === 'sequence';
}

function watchText(
  file: PythonFile,
  say: Say,
  text: Expression,
  scope: PythonFile['scopes'][number],
  at = text.at,
): void {
  if (!isText(text)) return;
  const { source } = file;
  // What a closure names is kept until the end of the run: no expression, which holds others.
  const [isMarkup, isName] = [looksLikeMarkup(text), text.kind === 'name'];
  file.project.flows.watch({
    // A name that another function has filled may hold an answer of any kind.
    origins: originsOf(text, scope, file).filter(({ kind }) => !isName || kind !== 'result'),
    onReached(way, what) {
      if (/^request\.(?:files|path|host|get_json\(\)|json)/.test(what) && !isMarkup) return;
      say({
        at: { file: source, at },
        message: `${what} stands in a page as it was sent, and is not escaped`,
        fix: "render_template('hello.html', name=name)  # escapes; or markupsafe.escape(name)",
        flow: [...flowSteps(way, `${what} comes in`), { ...source.where(at), message: source.lineOf(at) }],
      });
    },
  });
}

/** Dictionaries become JSON, and responses are what they are. */
function isText(expression: Expression): boolean {
  if (expression.kind === 'binary') return expression.operator === '+' || expression.operator === '%';
  if (expression.kind === 'call') return /^(?:format|str|join|get)$/.test(lastName(expression.callee) ?? '');
  return /^(?:format|string|name|subscript)$/.test(expression.kind);
}

function looksLikeMarkup(text: Expression): boolean {
  return text.kind === 'format' || text.kind === 'binary';
}
