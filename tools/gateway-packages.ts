/**
 * `node tools/gateway-packages.ts FOLDER`: the packages that the gateway uses where they are installed, with all that they need, laid out as
 * npm would. The wheel, the executable and the image have them: nobody could install one beside these.
 */
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** What reads pages, and what fetches certificates. */
export const GATEWAY_PACKAGES: readonly string[] = ['parse5-sax-parser', 'acme-client'];

/** Copies packages and their dependencies into a folder, where each has the place that it has here. */
export function copyPackages(names: readonly string[], into: string): void {
  for (const folder of closure(names))
    cpSync(folder, join(into, relative(join(ROOT, 'node_modules'), folder)), {
      recursive: true,
      // Declarations and maps are for who writes code, and what is nested has its turn by itself, if it is needed.
      filter: (path) =>
        !/\.(?:d\.[cm]?ts|map)$/.test(path) && (path === folder || basename(path) !== 'node_modules'),
    });
}

/** Their folders, and those of all that they need. */
function closure(names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = names.map((name) => placeOf(name, ROOT));
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (found.has(folder)) continue;
    found.add(folder);
    const text = readFileSync(join(folder, 'package.json'), 'utf8');
    const { dependencies = {} } = JSON.parse(text) as { dependencies?: Readonly<Record<string, string>> };
    for (const name of Object.keys(dependencies)) waiting.push(placeOf(name, folder));
  }
  return found;
}

/** Where Node.js finds a package, as seen from a folder. */
function placeOf(name: string, from: string): string {
  const place = join(from, 'node_modules', name);
  if (existsSync(join(place, 'package.json'))) return place;
  if (from === ROOT) throw new Error(`${name} is not installed: npm ci`);
  return placeOf(name, dirname(from));
}

if (import.meta.main) {
  const [into] = process.argv.slice(2);
  if (into === undefined) throw new Error('Name the folder that the packages go to.');
  copyPackages(GATEWAY_PACKAGES, into);
}
