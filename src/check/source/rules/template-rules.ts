/** What templates put into pages, and what of pages a content security policy must know. */
import { createHash } from 'node:crypto';
import type { FilePlace, SourceFile } from '../source-file.ts';
import type { Looker, Say, SourceRule } from '../source-rule.ts';
import type { SourceTree } from '../source-tree.ts';
import { INPUT_WORDS } from '../python/inputs.ts';
import { originsOf } from '../python/origins.ts';
import { flowSteps, isTest } from '../python/python-rule.ts';
import { type Output, readTemplate, type Template } from '../template/read-template.ts';

const TEMPLATE = /\.(?:html?|xhtml|jinja2?|j2)$/;
/** Nothing of these is a page of an application. */
const NO_PAGE = /(?:^|\/)(?:docs?|node_modules|htmlcov|_build|coverage)\//;

function isTemplate(path: string): boolean {
  return TEMPLATE.test(path) && !NO_PAGE.test(path) && !isTest(path);
}

/** One reading for all rules: the last template, since they come one after the other. */
let last: { readonly file: SourceFile; readonly template: Template } | undefined;

function templateOf(file: SourceFile): Template {
  if (last?.file !== file) last = { file, template: readTemplate(file.text) };
  return last.template;
}

function templateRule(
  facts: Omit<SourceRule, 'needs' | 'start'>,
  look: (file: SourceFile, template: Template, say: Say) => void,
): SourceRule {
  return {
    ...facts,
    needs: 'source',
    start: (): Looker => ({
      reads: isTemplate,
      look(file, say) {
        look(file, templateOf(file), say);
      },
    }),
  };
}

/** Rules about templates. */
export const templateRules: readonly SourceRule[] = [
  {
    id: 'jinja.safe',
    title: 'No template puts in unescaped what a request holds',
    level: 'error',
    guide: 12,
    asvs: ['v5.0.0-1.2.1 (in part)'],
    cwe: ['CWE-79'],
    needs: 'source',
    start: startSafe,
  },
  templateRule(
    {
      id: 'jinja.autoescape-off',
      title: 'No part of a template turns escaping off',
      level: 'warning',
      guide: 12,
      asvs: ['v5.0.0-1.2.1 (in part)'],
      cwe: ['CWE-79'],
    },
    (file, { unescaped, outputs }, say) => {
      // A mail of plain text is no page.
      if (/e?mail/i.test(file.path)) return;
      for (const at of unescaped) {
        const end = file.text.indexOf('endautoescape', at);
        const bare = outputs.some(
          (one) =>
            at < one.at &&
            (end === -1 || one.at < end) &&
            !/\|\s*(?:escape|e)\b/.test(one.text) &&
            !isOwnText(one.text),
        );
        if (bare)
          say({
            at: { file, at },
            message: 'nothing in this part is escaped',
            fix: '{{ value }}  # without autoescape false around it',
          });
      }
    },
  ),
  templateRule(
    {
      id: 'jinja.unquoted-attribute',
      title: 'What is put into an attribute stands in quotes',
      level: 'warning',
      guide: 12,
      asvs: ['v5.0.0-1.2.1 (in part)'],
      cwe: ['CWE-79'],
      why: 'A blank ends a value without quotes: what follows is an attribute of its own, such as onmouseover. Escaping does not touch blanks.',
    },
    (file, { outputs }, say) => {
      for (const { at, within, attribute, text } of outputs) {
        if (within !== 'unquoted' || isHarmless(text)) continue;
        say({
          at: { file, at },
          message: `${attribute ?? 'an attribute'} is put in without quotes around it`,
          fix: `${attribute ?? 'href'}="{{ ... }}"`,
        });
      }
    },
  ),
  templateRule(
    {
      id: 'jinja.script-value',
      title: 'What is put into a script is written as JSON',
      level: 'note',
      guide: 12,
      asvs: ['v5.0.0-1.2.3 (in part)'],
      cwe: ['CWE-79'],
      why: 'Escaping is for HTML. In a script it stops no backslash and no line break, and what is no text needs no quote to get out.',
    },
    (file, { outputs }, say) => {
      for (const { at, within, text } of outputs) {
        if (within !== 'script' || isHarmless(text) || /tojson|json|escapejs/.test(text)) continue;
        say({
          at: { file, at },
          message: 'a value is put into a script by the rules of HTML',
          fix: '{{ value|tojson }}',
          confidence: 'low',
        });
      }
    },
  ),
  templateRule(
    {
      id: 'jinja.inline-script',
      title: 'Every script in a page has a nonce',
      level: 'note',
      guide: 3,
      asvs: ['v5.0.0-3.4.3 (in part)'],
      cwe: ['CWE-693'],
      why: 'A policy that lets scripts in pages run without a nonce or hash lets injected ones run, too.',
    },
    (file, { scripts }, say) => {
      for (const { at, text, hasNonce, isMade } of scripts) {
        if (hasNonce) continue;
        const fix = '<script nonce="{{ csp_nonce() }}">';
        say({
          at: { file, at },
          message: isMade
            ? 'a script stands in the page that only a nonce can allow'
            : 'a script stands in the page without a nonce',
          fix: isMade ? fix : `${fix}  # or in script-src: '${hashOf(text)}'`,
        });
      }
    },
  ),
  templateRule(
    {
      id: 'jinja.inline-handler',
      title: 'No handler stands in an attribute',
      level: 'note',
      guide: 3,
      asvs: ['v5.0.0-3.4.3 (in part)'],
      cwe: ['CWE-693'],
      why: 'No nonce allows a handler: it keeps unsafe-inline or unsafe-hashes in the policy.',
    },
    (file, { handlers }, say) => {
      for (const { at, name, text, isMade } of handlers) {
        const event = name.slice(2);
        say({
          at: { file, at },
          message: `${name} stands in the page, and no nonce allows it`,
          fix: `element.addEventListener('${event}', ...)${isMade ? '' : `  // or in script-src: 'unsafe-hashes' '${hashOf(text)}'`}`,
        });
      }
    },
  ),
];

/** Numbers, addresses that the application makes, and what a framework escapes by itself. */
function isHarmless(text: string): boolean {
  return /\|\s*(?:int|float|length|count|tojson|urlencode|escapejs|escape_json|json_script|wordcount|round)\b|^(?:url_for|static|csp_nonce|csrf_token|loop\.|forloop\.|_|gettext|lazy_gettext|super)\b|^['"][^'"]*['"]$|(?:^|[._])(?:id|pk|index|count|size|width|height|length|num|number|page|port|year|nonce)\d?(?:\(\))?$|^\d+$/i.test(
    text,
  );
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('base64')}`;
}

interface Unescaped {
  readonly file: string;
  readonly at: number;
  readonly name: string;
}

interface Rendered {
  readonly template: string;
  readonly name: string;
  readonly what: string;
  readonly way: readonly FilePlace[];
}

/** `{{ x|safe }}` is a hint, and an error where a handler hands over as `x` what a request holds. */
function startSafe(tree: SourceTree): Looker {
  tree.python.watchFor(INPUT_WORDS);
  const unescaped: Unescaped[] = [];
  const rendered: Rendered[] = [];
  return {
    reads: (path) => isTemplate(path) || (path.endsWith('.py') && !isTest(path)),
    look(file) {
      if (file.path.endsWith('.py')) return lookAtRenders(tree, file, rendered);
      for (const output of templateOf(file).outputs) {
        const name = unescapedName(output);
        if (name !== undefined) unescaped.push({ file: file.path, at: output.at, name });
      }
    },
    end(say) {
      for (const { file: path, at, name } of unescaped) {
        const file = tree.file(path);
        if (file === undefined) continue;
        const reached = rendered.find(
          (one) => one.name === name && (path === one.template || path.endsWith(`/${one.template}`)),
        );
        if (reached === undefined) {
          say({
            at: { file, at },
            level: 'note',
            message: `${name} is put in without being escaped`,
            fix: '{{ value }}  # or clean it where it is stored: nh3.clean(text)',
            confidence: 'low',
          });
          continue;
        }
        const { what, way } = reached;
        say({
          at: { file, at },
          message: `${what} is put into the page without being escaped`,
          fix: '{{ value }}',
          confidence: 'high',
          flow: [...flowSteps(way, `${what} comes in`), { ...file.where(at), message: `{{ ${name}|safe }}` }],
        });
      }
    },
  };
}

function unescapedName({ text, within }: Output): string | undefined {
  if (
    within === 'comment' ||
    !/\|\s*safe\b/.test(text) ||
    /tojson|json|striptags|\|\s*(?:e|escape|forceescape|linebreaks|markdown|sanitize|clean|bleach)\b/.test(
      text,
    )
  )
    return undefined;
  return /^(?<name>[a-zA-Z_][\w.]*)\s*\|/.exec(text)?.groups?.['name'];
}

function lookAtRenders(tree: SourceTree, file: SourceFile, rendered: Rendered[]): void {
  const parsed = tree.python.look(file);
  if (parsed === undefined) return;
  tree.python.flows.read(parsed);
  for (const { call, scope } of parsed.calls('render_template', 'render', 'TemplateResponse')) {
    const template = call.args.find(
      ({ name, value }) => name === undefined && value.kind === 'string',
    )?.value;
    if (template?.kind !== 'string') continue;
    const given = call.args.flatMap(({ name, value }) =>
      value.kind === 'dict'
        ? value.entries.flatMap((one) =>
            one.key?.kind === 'string' ? [[one.key.value, one.value] as const] : [],
          )
        : name === undefined
          ? []
          : [[name, value] as const],
    );
    const { value: page } = template;
    for (const [name, value] of given) {
      tree.python.flows.watch({
        origins: originsOf(value, scope, parsed),
        onReached: (way, what) => rendered.push({ template: page, name, what, way }),
      });
    }
  }
}

/** A translation, an address of a route, text between quotes, and nothing that anybody else has put in. */
function isOwnText(text: string): boolean {
  const names =
    text.replaceAll(/"[^"]*"|'[^']*'/g, "''").match(/(?<![.\w])[A-Za-z_]\w*\b(?!\s*=[^=])/g) ?? [];
  return names.every((name) => /^(?:_|gettext|ngettext|pgettext|trans|url_for|static)$/.test(name));
}
