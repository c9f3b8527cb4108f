/** Templates that write what they are given as it is. */
import type { SourceFile } from '../source-file.ts';
import type { Say, SourceRule } from '../source-rule.ts';
import { isTest } from './javascript-rule.ts';

interface Engine {
  readonly reads: RegExp;
  /** What writes without escaping, with the value in `value`. */
  readonly raw: RegExp;
  readonly fix: (value: string) => string;
}

const ENGINES: readonly Engine[] = [
  {
    reads: /\.(?:ejs|eta)$/,
    raw: /<%[-~]\s*(?<value>(?:[^%]|%(?!>))+?)[-_]?%>/g,
    fix: (value) => `<%= ${value} %>`,
  },
  {
    reads: /\.(?:hbs|handlebars|mustache)$/,
    raw: /\{\{\{\s*(?<value>[^{}]+?)\s*\}\}\}/g,
    fix: (value) => `{{${value}}}`,
  },
  {
    reads: /\.(?:njk|nunjucks)$/,
    raw: /\{\{-?\s*(?<value>[^{}]+?)\s*\|\s*safe\s*-?\}\}/g,
    fix: (value) => `{{ ${value} }}`,
  },
  {
    reads: /\.(?:pug|jade)$/,
    raw: /(?:^[ \t]*[\w.#()='"-]{0,80}!=\s*|!\{)(?<value>[^}\n]+)/gm,
    fix: (value) => `= ${value}`,
  },
];

/** Made by the templates themselves, or written for the purpose. */
const OWN =
  /^(?:await\s+)?(?:include(?:Async|File)?|layout|partial|block|contentFor|content|body|children|yield|slot|csrf\w*|__?|t|icon\w*|svg\w*|render\w*|markdown\w*|sanit\w*|purify\w*|DOMPurify\w*|escape\w*|safe\w*|encode\w*|xss)\b|^it\.(?:body|content)\b|^>/;
/** JSON in a script, where what ends the script is written otherwise. */
const JSON_SAFE =
  /JSON\.stringify\(.*\)\s*\.replace|serialize\(|jsesc\(|htmlescape|tojson|jsonScript|safeJson/i;

/** Rules about templates. */
export const templateRules: readonly SourceRule[] = [
  {
    id: 'javascript.template-escape',
    title: 'Templates escape what they are given',
    level: 'warning',
    guide: 12,
    asvs: ['v5.0.0-1.2.1 (in part)'],
    cwe: ['CWE-79'],
    needs: 'source',
    start: () => ({
      reads: (path) => ENGINES.some(({ reads }) => reads.test(path)) && !isTest(path),
      words: /<%[-~]|\{\{\{|\|\s*safe|!=|!\{/,
      look(file, say) {
        for (const engine of ENGINES) if (engine.reads.test(file.path)) lookAt(file, engine, say);
      },
    }),
  },
];

function lookAt(file: SourceFile, { raw, fix }: Engine, say: Say): void {
  for (const match of file.text.matchAll(raw)) {
    const value = match.groups?.['value']?.trim() ?? '';
    if (value === '' || OWN.test(value) || JSON_SAFE.test(value) || /^['"`\d]/.test(value)) continue;
    // What is called markup was meant to be it; somebody has to know where it comes from.
    const meant =
      /(?:html|markup|svg|css|styles?|scripts?|head|footer|content)$/i.test(value) ||
      /mail|newsletter/i.test(file.path);
    say({
      at: { file, at: match.index },
      ...(meant && { level: 'note' as const }),
      message: /JSON\.stringify/.test(value)
        ? 'JSON is written into a page as it is: a text in it can end the script'
        : 'a value is written into a page without being escaped',
      fix: /JSON\.stringify/.test(value)
        ? `${value.slice(0, 80)}.replaceAll('<', '\\\\u003c')`
        : fix(value.slice(0, 80)),
    });
  }
}
