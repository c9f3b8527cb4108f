/** Pages of the published package: that each one that its README, its pages and its messages lead to is in it. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
/** What whoever works on Bulwark needs is in the repository: tests, benches, the sources of the example. */
const OF_THE_REPOSITORY = /^(?:test|bench|examples)\/|\.test\.ts$|^\.dockerignore$/;
const LINK = /\]\((?!https?:|#)([^)#\s]+)/g;
const NAMED = /\b(?:docs|deploy|examples)\/[\w/-]+\.(?:md|conf|yaml)/g;

/**
 * What is missing, as `page: path` or `source: path`.
 *
 * @param files - the paths in the package, from its root
 */
export function missingPages(files: readonly string[]): readonly string[] {
  const isThere = (path: string): boolean =>
    files.some((file) => file === path || file.startsWith(`${path}/`));
  const linked = files
    .filter((file) => file.endsWith('.md'))
    .flatMap((page) =>
      [...read(page).matchAll(LINK)]
        .map(([, link = '']) => join(dirname(page), link).replace(/\/$/, ''))
        .filter((path) => !isThere(path) && (page === 'README.md' || !OF_THE_REPOSITORY.test(path)))
        .map((path) => `${page}: ${path}`),
    );
  const sources = globSync('src/**/*.ts', { cwd: ROOT, exclude: (name) => name.endsWith('.test.ts') });
  const named = sources.flatMap((source) =>
    [...read(source).matchAll(NAMED)]
      .filter(([path]) => !isThere(path))
      .map(([path]) => `${source}: ${path}`),
  );
  return [...linked, ...named];
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
