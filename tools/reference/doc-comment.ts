/** Reads a doc comment: what it says, and what it says of parameters, results, errors and use. */

/** A doc comment in parts. Each part is Markdown. */
export interface DocComment {
  readonly description: string;
  readonly params: readonly NamedText[];
  readonly returns: string;
  readonly throws: readonly string[];
  readonly examples: readonly string[];
}

interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** A comment as it stands in the source, from its opening to its end. */
export function readDocComment(source: string): DocComment {
  const lines = source
    .trim()
    .replace(/^\/\*\*/, '')
    .replace(/\*\/$/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd());
  const parts: [tag: string, lines: string[]][] = [['', []]];
  for (const line of lines) {
    const [, tag, rest = ''] = /^\s*@(\w+)\s*(.*)$/.exec(line) ?? [];
    if (tag === undefined) parts.at(-1)?.[1].push(line);
    else parts.push([tag, [rest]]);
  }
  const texts = (wanted: string): string[] =>
    parts.filter(([tag]) => tag === wanted).map(([, text]) => tidy(text.join('\n')));
  return {
    description: texts('')[0] ?? '',
    params: texts('param').map(readParam),
    returns: texts('returns').join(' '),
    throws: texts('throws'),
    examples: texts('example'),
  };
}

function readParam(text: string): NamedText {
  const [, name = '', said = ''] = /^(\S+)\s+(?:-\s+)?([^]*)$/.exec(text) ?? [];
  return { name, text: said };
}

/** Links to names become names; TypeScript in it is an excerpt, and not a block that the documents' test compiles. */
function tidy(text: string): string {
  return text
    .trim()
    .replaceAll(/\{@link\s+([^}|\s]+)[^}]*\}/g, '`$1`')
    .replaceAll(/^(\s*)```ts$/gm, '$1```typescript');
}
