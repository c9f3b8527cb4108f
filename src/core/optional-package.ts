import { BulwarkError } from './errors.ts';

/**
 * A package that only some applications need: loaded when it is first used, and named where it is missing.
 *
 * @param load - `() => import(name)`, written out, so that its types are known
 * @throws BulwarkError ERR_BULWARK_PACKAGE_MISSING
 */
export async function loadPackage<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new BulwarkError(
      'ERR_BULWARK_PACKAGE_MISSING',
      `This needs the package ${name}, which is not installed: npm install ${name}`,
      { cause },
    );
  }
}

/** Whether an error says that a package is not installed. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}
