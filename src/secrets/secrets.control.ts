import type { Control } from '../core/control.ts';

/** What others collect of this room. */
export const secretsControl: Control = {
  rules: async () => {
    const rooms = await Promise.all([import('./secrets.check.ts'), import('./files.check.ts')]);
    const [{ secretsRules }, { secretFilesRules }] = rooms;
    return [...secretsRules, ...secretFilesRules];
  },
};
