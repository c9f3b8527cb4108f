/** Scripts and styles in templates of Jinja and Django, EJS and Handlebars: what of them is the same in each answer has a hash before any is given. */
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadHtmlTokens } from './html-tokens.ts';
import { hashSource, PageReader } from './page-code.ts';

/** One script or style of a template. */
export interface TemplateCode {
  /** Below the folder. */
  readonly file: string;
  readonly directive: 'script-src' | 'style-src';
  /** Undefined: an expression stands in it, so that each answer may have another. */
  readonly source: string | undefined;
  readonly text: string;
}

const KINDS = '**/*.{html,htm,xhtml,jinja,jinja2,j2,djhtml,ejs,eta,hbs,handlebars,mustache,njk,liquid}';
const LARGEST = 1_048_576;
/** In the place of an expression: a character that no text means anything by. */
const EXPRESSION = '\ue000';

/**
 * Reads every template below a folder.
 *
 * @throws BulwarkError ERR_BULWARK_PACKAGE_MISSING
 */
export async function readTemplates(folder: string): Promise<readonly TemplateCode[]> {
  const files = globSync(KINDS, { cwd: folder, exclude: ['**/node_modules/**', '**/.*/**'] }).toSorted();
  const found: TemplateCode[] = [];
  for (const file of files) {
    const path = join(folder, file);
    if (statSync(path).size <= LARGEST) found.push(...(await readTemplate(file, readFileSync(path, 'utf8'))));
  }
  return found;
}

/** Reads one. */
export async function readTemplate(file: string, template: string): Promise<readonly TemplateCode[]> {
  const found: TemplateCode[] = [];
  const reader = new PageReader(await loadHtmlTokens(), ({ kind, text, isWhole }) => {
    if (!isWhole || (kind !== 'script' && kind !== 'style')) return;
    const source = text.includes(EXPRESSION) ? undefined : hashSource(text);
    found.push({ file, directive: `${kind}-src`, source, text: text.replaceAll(EXPRESSION, '{{...}}') });
  });
  reader.push(Buffer.from(withoutExpressions(template)));
  await reader.end();
  return found;
}

const ENDS: Readonly<Record<string, string>> = { '{{': '}}', '{%': '%}', '{#': '#}', '<%': '%>' };

/** What a page reader would take for markup in an expression, `a<b`, is not there; where it stood can still be seen. */
function withoutExpressions(template: string): string {
  let text = '';
  let from = 0;
  for (const { 0: begin, index } of template.matchAll(/\{[{%#]|<%/g)) {
    if (index < from) continue;
    const end = template.indexOf(ENDS[begin] ?? '', index + 2);
    if (end === -1) break;
    text += template.slice(from, index) + EXPRESSION;
    from = end + 2;
  }
  return text + template.slice(from);
}
