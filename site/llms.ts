/** llms.txt and llms-full.txt (llmstxt.org): what there is for programs that read, in the order of the contents. */
import type { Document } from './documents.ts';
import type { Group } from './contents.ts';

/** Groups that are looked up one by one, and would hide the rest: under the heading that says so. */
const OPTIONAL = new Set(['The check', 'Rooms', 'How fast', 'This project', 'Alerts']);

/** The list: a line for each document, with the first sentence of it, and the address of its Markdown. */
export function llmsText(groups: readonly Group[]): string {
  const main = groups.filter(({ title }) => !OPTIONAL.has(title));
  const optional = groups.filter(({ title }) => OPTIONAL.has(title));
  return [
    '# Bulwark',
    '',
    '> A security layer for web applications on Node.js: one policy, enforced on every request, proved from outside. A gateway puts it in front of applications in other languages.',
    '',
    ...main.map(({ title, documents }) => `## ${title}\n\n${documents.map(lineOf).join('\n')}\n`),
    '## Optional',
    '',
    ...optional.flatMap((group) => group.documents.map(lineOf)),
    '',
  ].join('\n');
}

/** All of it in one text: every document but the pages of single rules, which their table names, and rooms. */
export function llmsFullText(groups: readonly Group[]): string {
  return groups
    .filter(({ title }) => !OPTIONAL.has(title))
    .flatMap(({ documents }) => documents)
    .map(({ path, text }) => `<!-- ${path} -->\n\n${withoutComments(text)}`)
    .join('\n\n');
}

/** Where the Markdown of a document is on the site. */
export function markdownUrlOf({ path }: Document): string {
  return `/${path}`;
}

function lineOf(document: Document): string {
  const about = firstSentence(document.text);
  return `- [${document.title}](${markdownUrlOf(document)})${about === '' ? '' : `: ${about}`}`;
}

const MOST_CHARACTERS = 200;

/** Of the first paragraph, as plain words. */
export function firstSentence(text: string): string {
  const paragraph = withoutComments(text)
    .split(/\n{2,}/)
    .find((block) => /^[\p{L}`*[]/u.test(block));
  if (paragraph === undefined) return '';
  const plain = paragraph
    .replace(/^\*\*Attack\.\*\*/, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*`]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  const sentence = /^.+?[.:](?= |$)/.exec(plain)?.[0] ?? plain;
  const short = sentence.length <= MOST_CHARACTERS ? sentence : `${sentence.slice(0, MOST_CHARACTERS)}...`;
  return short.replace(/:$/, '.');
}

function withoutComments(text: string): string {
  return text.replace(/<!--(?:(?!-->)[^])*-->\n*/g, '');
}
