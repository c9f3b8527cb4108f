import { registerHooks } from 'node:module';

/**
 * Makes of this process one where the application has installed none of the optional libraries for password hashes: all
 * that is computed from then on is computed by node:crypto. Call it before the first hash.
 */
export function useNodeCryptoOnly(): void {
  registerHooks({
    resolve(name, context, next) {
      if (!name.startsWith('@node-rs/')) return next(name, context);
      throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
    },
  });
}
