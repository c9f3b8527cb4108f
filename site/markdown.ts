/** Documents as pages: as GitHub shows them, with links that lead to pages of the site. */
import MarkdownIt from 'markdown-it';
import { resolveLink } from './documents.ts';

type Token = ReturnType<MarkdownIt['parse']>[number];

/** A heading, for the list of a page and for what is searched. */
export interface Heading {
  readonly level: number;
  readonly id: string;
  readonly text: string;
}

/** A part of a page: its heading, and the words beneath it. */
export interface Part extends Heading {
  readonly words: string;
}

/** What the rules below are told of a page. */
interface Env {
  path: string;
}

/** Reads Markdown. HTML in it is refused but for comments and line breaks, so that a document brings no script along. */
export function makeMarkdown(): MarkdownIt {
  const markdown = new MarkdownIt({ html: true });
  markdown.core.ruler.push('site', (state) => {
    const { path } = state.env as Env;
    const ids = nameHeadings(state.tokens);
    for (const [token, id] of ids) token.attrSet('id', id);
    for (const token of state.tokens.flatMap((one) => [one, ...(one.children ?? [])])) {
      if (token.type === 'link_open') leadTo(token, 'href', path);
      if (token.type === 'image') leadTo(token, 'src', path);
      if (token.type === 'th_open' || token.type === 'td_open') alignByClass(token);
    }
  });
  const { rules } = markdown.renderer;
  rules.html_block = (tokens, index) => kept(tokens[index]?.content ?? '');
  rules.html_inline = rules.html_block;
  // Wide tables move in a box of their own, so that a page stays as wide as a phone.
  rules.table_open = () => '<div class="wide" tabindex="0" role="region" aria-label="Table"><table>\n';
  rules.table_close = () => '</table></div>\n';
  return markdown;
}

/** The parts of a page in their order; the first is what stands under its title. */
export function partsOf(markdown: MarkdownIt, text: string, path: string): readonly Part[] {
  const tokens = markdown.parse(text, { path } satisfies Env);
  const parts: { heading: Heading; words: string[] }[] = [];
  for (const [index, token] of tokens.entries()) {
    const inline = tokens[index + 1];
    if (token.type === 'heading_open' && inline !== undefined) {
      const id = String(token.attrGet('id'));
      parts.push({ heading: { level: Number(token.tag.slice(1)), id, text: plain(inline) }, words: [] });
    } else if (token.type === 'inline' && tokens[index - 1]?.type !== 'heading_open') {
      parts.at(-1)?.words.push(plain(token));
    } else if (token.type === 'fence' || token.type === 'code_block') {
      // Some options stand in an example alone.
      parts.at(-1)?.words.push(token.content);
    }
  }
  return parts.map(({ heading: { level, id, text: name }, words }) => ({
    level,
    id,
    text: name,
    words: words.join(' '),
  }));
}

/** Names as GitHub gives them: `## What it costs` is `#what-it-costs`, and a second one `#what-it-costs-1`. */
function nameHeadings(tokens: readonly Token[]): ReadonlyMap<Token, string> {
  const names = new Map<Token, string>();
  const taken = new Map<string, number>();
  for (const [index, token] of tokens.entries()) {
    const inline = tokens[index + 1];
    if (token.type !== 'heading_open' || inline === undefined) continue;
    const name = plain(inline)
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-');
    const times = taken.get(name) ?? 0;
    taken.set(name, times + 1);
    names.set(token, times === 0 ? name : `${name}-${times}`);
  }
  return names;
}

/** The words of a line, without what marks them. */
function plain(inline: Token): string {
  return (inline.children ?? [])
    .map((token) => (token.type === 'softbreak' ? ' ' : token.type.startsWith('html') ? '' : token.content))
    .join('');
}

function leadTo(token: Token, attribute: string, path: string): void {
  const target = resolveLink(path, token.attrGet(attribute) ?? '');
  if (target !== undefined) token.attrSet(attribute, target);
}

/** The policy of the site takes no style that stands in a page. */
function alignByClass(token: Token): void {
  const side = /^text-align:(\w+)$/.exec(token.attrGet('style') ?? '')?.[1];
  token.attrs = side === undefined ? null : [['class', side]];
}

function kept(content: string): string {
  const html = content.trim();
  if (/^<!--(?:(?!-->)[^])*-->$/.test(html)) return '';
  if (html === '<br>') return html;
  throw new Error(`HTML in a document: ${html.slice(0, 80)}`);
}
