/** `import` and `from ... import`, whose parts lie side by side in the parser's tree. */
import type { TreeCursor } from '@lezer/common';
import type { ImportedName } from './ast.ts';
import { eachChild } from './read-expression.ts';

/** The names that one statement brings. */
export function readImport(cursor: TreeCursor, text: string): readonly ImportedName[] {
  const at = cursor.from;
  const words: string[] = [];
  eachChild(cursor, () => {
    if (cursor.name !== 'Comment' && cursor.name !== '(' && cursor.name !== ')')
      words.push(text.slice(cursor.from, cursor.to));
  });
  return words[0] === 'from' ? readFrom(words, at) : readPlain(words.slice(1), at);
}

function readFrom(words: readonly string[], at: number): readonly ImportedName[] {
  const middle = words.indexOf('import');
  if (middle === -1) return [];
  const path = words.slice(1, middle).join('');
  const module = path.replace(/^\.+/, '');
  const up = path.length - module.length;
  return listed(words.slice(middle + 1)).map(([what = '', as = what]) => ({
    name: as,
    up,
    module,
    what,
    at,
  }));
}

function readPlain(words: readonly string[], at: number): readonly ImportedName[] {
  return listed(words).map(([path = '', as]) => ({
    // `import a.b` brings the name `a`; with `as`, a name for a.b.
    name: as ?? path.split('.', 1)[0] ?? path,
    up: 0,
    module: as === undefined ? (path.split('.', 1)[0] ?? path) : path,
    what: undefined,
    at,
  }));
}

/** `a . b as c , d` as [['a.b', 'c'], ['d']]. */
function listed(words: readonly string[]): readonly (readonly string[])[] {
  const items: string[][] = [];
  let item: string[] = [];
  let [path, as]: [string, boolean] = ['', false];
  const flush = (): void => {
    if (path !== '') item.push(path);
    if (item.length > 0) items.push(item);
    [item, path, as] = [[], '', false];
  };
  for (const word of words) {
    if (word === ',') flush();
    else if (word === 'as') {
      item.push(path);
      [path, as] = ['', true];
    } else path = as ? word : path + word;
  }
  flush();
  return items;
}
