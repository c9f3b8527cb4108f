/** Paths of a machine that has no files. */

export const sep = '/';
export const join = (...parts: readonly string[]): string => parts.join('/');
export const isAbsolute = (path: string): boolean => path.startsWith('/');
export const resolve = (...parts: readonly string[]): string => join(...parts);
export const dirname = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 0));
export const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
