/** The shape of the house in figures, for docs/architecture.md: which folders there are, how large, and who stands on whom. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

const SOURCE = join(import.meta.dirname, '../src');
const BEGIN = '<!-- figures: made by `npm run docs` -->';
const END = '<!-- end of figures -->';
/** A figure that is less wrong than this is left as it is: the page would change with every line that anyone writes. */
const TOLERATED = 0.1;
/** Folders within another that are rooms of a rank of their own. */
const APART: readonly string[] = ['console/options', 'gateway/options'];

/** One folder of src/. */
export interface FolderFigures {
  readonly folder: string;
  readonly files: number;
  readonly lines: number;
  readonly tests: number;
  /** The folders whose files it names. */
  readonly standsOn: readonly string[];
}

/** Every folder of src/, measured. Lines of tests are counted for themselves. */
export function measureHouse(): readonly FolderFigures[] {
  const files = globSync('*/**/*.{ts,js}', { cwd: SOURCE }).toSorted();
  const folders = Map.groupBy(files, folderOf);
  return [...folders].map(([folder, all]) => {
    const texts = all.map((file) => ({ file, text: readFileSync(join(SOURCE, file), 'utf8') }));
    const own = texts.filter(({ file }) => !file.endsWith('.test.ts'));
    const tests = texts.filter(({ file }) => file.endsWith('.test.ts'));
    return {
      folder,
      files: own.length,
      lines: linesOf(own),
      tests: linesOf(tests),
      standsOn: [...new Set(own.flatMap(foldersNamed))].filter((one) => one !== folder).toSorted(),
    };
  });
}

/** The page with its figures as they are now. */
export function withFigures(page: string): string {
  const start = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (start === -1 || end === -1) throw new Error(`docs/architecture.md has lost its ${BEGIN}`);
  const before = figuresIn(page.slice(start, end));
  const rows = measureHouse().map((now) => {
    const was = before.get(now.folder) ?? [];
    const [files, lines, tests] = [now.files, now.lines, now.tests].map((figure, index) =>
      settled(was[index], figure),
    );
    return `| \`${now.folder}/\` | ${files} | ${lines} | ${tests} | ${now.standsOn.join(', ')} |`;
  });
  const arrows = measureHouse().reduce((sum, { standsOn }) => sum + standsOn.length, 0);
  const table = `${BEGIN}

| folder | files | lines | lines of tests | stands on |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

${rows.length} folders, and ${arrows} arrows between them, each from a higher rank to a lower one. Figures are within a tenth.

`;
  return page.slice(0, start) + table + page.slice(end);
}

/** What the page said before, by folder. */
function figuresIn(table: string): ReadonlyMap<string, readonly number[]> {
  const rows = table.matchAll(/^\| `([a-z/-]+)\/` +\| +(\d+) +\| +(\d+) +\| +(\d+) +\|/gm);
  return new Map([...rows].map(([, folder = '', ...figures]) => [folder, figures.map(Number)]));
}

function settled(before: number | undefined, now: number): number {
  if (before !== undefined && Math.abs(before - now) <= before * TOLERATED) return before;
  const step = now > 200 ? 100 : now > 20 ? 5 : 1;
  return Math.round(now / step) * step;
}

function linesOf(texts: readonly { readonly text: string }[]): number {
  return texts.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0);
}

function foldersNamed({ file, text }: { readonly file: string; readonly text: string }): readonly string[] {
  const found = text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g);
  // What a room declares of itself is collected below some of them: that is no standing on them.
  return [...found]
    .filter(([, path = '']) => !path.endsWith('.control.ts'))
    .map(([, path = '']) => folderOf(relative(SOURCE, normalize(join(SOURCE, dirname(file), path)))));
}

/** The folder of src/ that a file belongs to: the first of its path, but for the few rooms apart. */
export function folderOf(file: string): string {
  return APART.find((room) => `${file}/`.startsWith(`${room}/`)) ?? file.split('/')[0] ?? '';
}
