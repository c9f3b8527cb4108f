/** Modules of an application, imported without a word of Node.js about how their package should be written. */
import { pathToFileURL } from 'node:url';

const TYPELESS = 'MODULE_TYPELESS_PACKAGE_JSON';

type EmitWarning = (warning: string | Error, ...rest: readonly unknown[]) => void;

/**
 * Imports a file. That its package.json has no `"type": "module"` costs a millisecond at the start, and is no matter of whoever
 * writes a policy beside an application in another language.
 */
export async function importQuietly(file: string): Promise<Readonly<Record<string, unknown>>> {
  const holder = process as unknown as { emitWarning: EmitWarning };
  const { emitWarning } = holder;
  holder.emitWarning = (warning, ...rest) => {
    const [options] = rest as readonly ({ readonly code?: unknown } | undefined)[];
    if (typeof options !== 'object' || options?.code !== TYPELESS)
      emitWarning.call(process, warning, ...rest);
  };
  try {
    return (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  } finally {
    holder.emitWarning = emitWarning;
  }
}
