/**
 * `import { definePolicy } from 'bulwark'` in a policy file, wherever the command came from: there may be no package of this name
 * beside the file (a Python wheel, a command that was installed for the whole machine), or no package at all (one executable).
 */
import { registerHooks } from 'node:module';

/** Modules of this package by their specifier, as `bulwark` and `bulwark/redis`. */
type OwnModules = Readonly<Record<string, () => Promise<object>>>;

const NAME = 'bulwark';
/** Of modules that have no file. */
const SCHEME = 'bulwark-embedded:';
/** Where such a module finds what it stands in for, while it is imported. */
const HOLDER = Symbol.for('bulwark.embedded');

const loaded = new Map<string, object>();

/** In the one file of the executable what stands in for the package: `tools/build-executable.ts` puts it here. */
function embeddedModules(): OwnModules | undefined {
  return undefined;
}

/** Does a work during which imports of this package find it. One beside the file that imports it goes before it. */
export async function findingOwnPackage<T>(work: () => Promise<T>): Promise<T> {
  const embedded = embeddedModules();
  for (const [specifier, load] of Object.entries(embedded ?? {}))
    if (!loaded.has(specifier)) loaded.set(specifier, await load());
  Reflect.set(globalThis, HOLDER, loaded);
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (specifier !== NAME && !specifier.startsWith(`${NAME}/`)) return next(specifier, context);
      try {
        return next(specifier, context);
      } catch (error) {
        if (loaded.has(specifier))
          return { url: `${SCHEME}${specifier}`, format: 'module', shortCircuit: true };
        if (embedded !== undefined) throw error;
        // By its own name a package finds itself.
        return next(specifier, { ...context, parentURL: import.meta.url });
      }
    },
    load(url, context, next) {
      if (!url.startsWith(SCHEME)) return next(url, context);
      return { format: 'module', source: standIn(url.slice(SCHEME.length)), shortCircuit: true };
    },
  });
  try {
    return await work();
  } finally {
    hooks.deregister();
    Reflect.deleteProperty(globalThis, HOLDER);
  }
}

/** A module that exports what an embedded one does. */
function standIn(specifier: string): string {
  const names = Object.keys(loaded.get(specifier) ?? {}).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name));
  const found = `globalThis[Symbol.for('bulwark.embedded')].get(${JSON.stringify(specifier)})`;
  return `export const { ${names.join(', ')} } = ${found};\n`;
}
