/** One page of the reference, in Markdown. */
import { posix } from 'node:path';
import type { ApiItem, ApiMember } from './api.ts';
import type { DocComment } from './doc-comment.ts';
import type { Declaration } from './modules.ts';

/** A page before it is written. */
export interface Page {
  readonly path: string;
  readonly title: string;
  readonly about: string;
  readonly names: readonly { readonly name: string; readonly declaration: Declaration }[];
}

type Items = ReadonlyMap<Declaration, ApiItem>;

const NOTE =
  '<!-- Made by `npm run docs` from the doc comments of the sources. Do not edit by hand: mend the comment. -->';

/** The page of one subpath. */
export function writePage(page: Page, pages: readonly Page[], items: Items): string {
  const places = new Map(
    [...pages.filter((other) => other !== page), page].flatMap((one) =>
      sorted(one).map(({ declaration, anchor }): [Declaration, string] => [
        declaration,
        one === page ? `#${anchor}` : `${posix.basename(one.path)}#${anchor}`,
      ]),
    ),
  );
  const entries = sorted(page).map(({ name, declaration, anchor }) => ({
    name,
    anchor,
    item: items.get(declaration),
  }));
  const contents = entries.map(({ name, anchor }) => `[${name}](#${anchor})`).join(', ');
  const sections = entries.flatMap(({ name, item }) =>
    item === undefined ? [] : [writeItem(name, item, page.path, places)],
  );
  return `${[`# ${page.title}`, NOTE, page.about, contents, ...sections].join('\n\n')}\n`;
}

/** What leads to all of them. */
export function writeIndex(pages: readonly Page[]): string {
  const rows = pages.map(
    ({ path, title, about }) =>
      `| [${title}](${posix.basename(path)}) | ${about.replaceAll('\n', ' ').replaceAll('|', '\\|')} |`,
  );
  return `# Reference

${NOTE}

Every name that the package exports: its signature, what it does, takes, gives back and throws. Options and their defaults in
one table: [defaults](../manual/defaults.md). Codes of errors: [errors](../errors.md).

| import from | what it is |
| --- | --- |
${rows.join('\n')}
`;
}

/** In the order of names, each with the anchor that it has on the page: a second one of a name is numbered. */
function sorted(page: Page): { name: string; declaration: Declaration; anchor: string }[] {
  const seen = new Map<string, number>();
  return page.names
    .toSorted(
      (one, other) => compare(one.name, other.name) || compare(one.declaration.path, other.declaration.path),
    )
    .map(({ name, declaration }) => {
      const slug = name.toLowerCase();
      const count = seen.get(slug) ?? 0;
      seen.set(slug, count + 1);
      return { name, declaration, anchor: count === 0 ? slug : `${slug}-${count}` };
    });
}

function writeItem(
  name: string,
  { kind, path, signature, comment, members, uses }: ApiItem,
  page: string,
  places: ReadonlyMap<Declaration, string>,
): string {
  const links = uses
    .flatMap((used) => {
      const place = places.get(used);
      return place === undefined ? [] : [`[${used.name}](${place})`];
    })
    .toSorted();
  const source = posix.relative(posix.dirname(page), path);
  return [
    `## ${name}`,
    `\`\`\`typescript\n${signature}\n\`\`\``,
    ...(comment === undefined ? [] : [writeComment(comment)]),
    ...(members.length === 0 ? [] : [members.map(writeMember).join('\n')]),
    [
      `${kind === 'interface' ? 'An' : 'A'} ${kind} of [${path}](${source}).`,
      ...(links.length === 0 ? [] : [`See ${links.join(', ')}.`]),
    ].join(' '),
  ].join('\n\n');
}

function writeComment(comment: DocComment): string {
  return [comment.description, writeTags(comment), ...comment.examples]
    .filter((part) => part !== '')
    .join('\n\n');
}

function writeMember({ signature, comment }: ApiMember): string {
  const head = `- ${inline(signature)}`;
  if (comment === undefined) return head;
  const [first = '', ...rest] = [comment.description, writeTags(comment), ...comment.examples]
    .filter((part) => part !== '')
    .map((part) => part.replaceAll(/\n(?=.)/g, '\n  '));
  return [`${head}\\\n  ${first}`, ...rest.map((part) => `  ${part}`)].join('\n\n');
}

function writeTags({ params, returns, throws }: DocComment): string {
  return [
    ...params.map(({ name, text }) => `- \`${name}\`: ${indented(text)}`),
    ...(returns === '' ? [] : [`- Returns ${indented(returns)}`]),
    ...throws.map((text) => `- Throws ${indented(text)}`),
  ].join('\n');
}

function indented(text: string): string {
  return text.replaceAll(/\n(?=.)/g, '\n  ');
}

function inline(code: string): string {
  return code.includes('`') ? `\`\` ${code} \`\`` : `\`${code}\``;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
