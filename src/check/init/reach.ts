/** Which files an application is made of. Another one may stand in the same folder, and gets no layer. */
import { posix } from 'node:path';
import type { ModuleFacts } from './read-module.ts';

const ENDINGS = ['', '.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '/index.js', '/index.ts'];

/** The files that belong to an entry alone: it imports them, and nothing else does that it does not import itself. */
export function ownModules(entry: ModuleFacts, modules: readonly ModuleFacts[]): ReadonlySet<ModuleFacts> {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const imports = new Map(modules.map((module) => [module, importedBy(module, byPath)]));
  const reached = new Set([entry]);
  for (const module of reached) for (const next of imports.get(module) ?? []) reached.add(next);
  const shared = new Set<ModuleFacts>();
  for (const [module, some] of imports) {
    if (reached.has(module)) continue;
    for (const one of some) if (one !== entry) shared.add(one);
  }
  return reached.difference(shared);
}

function importedBy(
  { path, sources }: ModuleFacts,
  byPath: ReadonlyMap<string, ModuleFacts>,
): readonly ModuleFacts[] {
  return sources.flatMap((source) => moduleOf(path, source, byPath) ?? []);
}

/** The file that an import of another one means. */
export function moduleOf(
  path: string,
  source: string,
  byPath: ReadonlyMap<string, ModuleFacts>,
): ModuleFacts | undefined {
  if (!/^\.{1,2}(?:\/|$)/.test(source)) return undefined;
  const base = posix.join(posix.dirname(path), source).replace(/\/$/, '');
  // A compiler's file is imported by the name of what it makes.
  const typed = base.replace(/\.([cm]?)js$/, '.$1ts');
  const found = [...ENDINGS.map((ending) => base + ending), typed].find((name) => byPath.has(name));
  return found === undefined ? undefined : byPath.get(found);
}
