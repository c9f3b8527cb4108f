/** Markup that is put together as text: in answers, and in pages. */
import type { SourceRule } from '../source-rule.ts';
import type { Call, Scope } from './ast.ts';
import { INPUT_WORDS } from './inputs.ts';
import { type JavaScriptFile, lastName } from './javascript-file.ts';
import { javaScriptRule, watch } from './javascript-rule.ts';
import { textsOf } from './sinks.ts';

const WORDS = new RegExp(`${INPUT_WORDS}|innerHTML|outerHTML|insertAdjacentHTML|document\\.write`);
const MARKUP = /<\/?[a-z!][^>]{0,200}/i;

/** Rules about markup. */
export const domRules: readonly SourceRule[] = [
  javaScriptRule({
    id: 'javascript.html',
    title: 'No page is put together as text out of what a request holds',
    level: 'error',
    guide: 12,
    asvs: ['v5.0.0-1.2.1 (in part)'],
    cwe: ['CWE-79'],
    words: WORDS,
    look(file, say, project) {
      for (const { call, scope } of file.calls('send', 'write', 'end', 'html')) {
        const path = file.path(call.callee, scope) ?? '';
        const [value] = call.args;
        if (value === undefined || !answersHtml(path, call, scope, file)) continue;
        const markup = textsOf(value, scope, file).some((text) => MARKUP.test(text));
        // Express sends any text as HTML. A body that was parsed is an object, and goes out as JSON.
        const bare =
          /^@(?:res|response)\b/.test(path) && lastName(call.callee) === 'send' && value.kind !== 'object';
        if (!markup && !bare) continue;
        watch(file, say, project, {
          value,
          call,
          scope,
          message: (what) => `${what} is written into a page as it came`,
          fix: "res.render('page', { name })  // a template that escapes; or escapeHtml(name)",
          ...(!markup && { harmless: /^request\.(?:body|json\(\)|headers|cookies|files?)$/ }),
        });
      }
    },
  }),
  javaScriptRule({
    id: 'javascript.dom',
    title: 'No script of a page makes markup out of its address',
    level: 'error',
    guide: 12,
    asvs: ['v5.0.0-3.2.2 (in part)'],
    cwe: ['CWE-79'],
    words: /innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment/,
    look(file, say, project) {
      const fix = 'element.textContent = text';
      const message = (what: string): string => `${what} becomes markup of the page`;
      for (const { call, scope } of file.calls(
        'insertAdjacentHTML',
        'write',
        'writeln',
        'createContextualFragment',
      )) {
        const name = lastName(call.callee);
        if (name?.startsWith('write') === true && file.path(call.callee, scope) !== `document.${name ?? ''}`)
          continue;
        const value = call.args.at(-1);
        if (value !== undefined) watch(file, say, project, { value, call, scope, message, fix });
      }
      for (const scope of file.parsed.scopes) {
        for (const { target, value, at } of scope.assignments) {
          if (target.kind === 'member' && /^(?:inner|outer)HTML$/.test(target.name))
            watch(file, say, project, { value, call: { at }, scope, message, fix });
        }
      }
    },
  }),
];

/** Whether what is sent there is taken for a page. */
function answersHtml(path: string, call: Call, scope: Scope, file: JavaScriptFile): boolean {
  if (/^@(?:c|ctx|context|reply)\.html$/.test(path)) return true;
  if (/^@(?:res|response)(?:\.\w+\(\))*\.(?:send|write|end)$/.test(path))
    return !/\.(?:type|contentType)\(\)/.test(path) || typeSaysHtml(call, scope, file);
  return /^@(?:reply|rep)(?:\.\w+\(\))*\.send$/.test(path) && typeSaysHtml(call, scope, file);
}

/** A type that is named in the same function, before. */
function typeSaysHtml(call: Call, scope: Scope, file: JavaScriptFile): boolean {
  return file
    .calls('type', 'header', 'setHeader', 'contentType')
    .some(
      (one) =>
        one.scope === scope &&
        one.call.at <= call.at + 2000 &&
        one.call.args.some((arg) => arg.kind === 'string' && /^(?:text\/html|html)/.test(arg.value)),
    );
}
