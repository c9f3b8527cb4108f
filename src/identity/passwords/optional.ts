/** Libraries that make something faster or possible where the application has installed them. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The libraries that are looked for, and what they are looked for for. */
export type OptionalLibrary = '@node-rs/argon2' | '@node-rs/bcrypt';

const loaded = new Map<OptionalLibrary, unknown>();

/**
 * A library if it is installed and works on this machine, or undefined. One that is installed and fails to load is
 * told in a warning, once. What it exports is for the caller to know.
 */
export function loadOptional(name: OptionalLibrary): unknown {
  if (!loaded.has(name)) loaded.set(name, load(name));
  return loaded.get(name);
}

function load(name: OptionalLibrary): unknown {
  try {
    return require(name);
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    const isAbsent = code === 'MODULE_NOT_FOUND' && String(message).includes(`'${name}'`);
    if (!isAbsent) {
      process.emitWarning(`${name} is installed and does not load: ${String(message).split('\n', 1)[0]}`, {
        code: 'ERR_BULWARK_HASH_LIBRARY',
      });
    }
    return undefined;
  }
}
