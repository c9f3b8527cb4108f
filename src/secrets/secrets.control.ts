import type { Control } from '../core/control.ts';
import { SECRETS_EVENTS } from './secrets.events.ts';

/** What others collect of this room. */
export const secretsControl: Control<object, typeof SECRETS_EVENTS> = {
  events: SECRETS_EVENTS,
  rules: async () => {
    const rooms = await Promise.all([import('./secrets.check.ts'), import('./files.check.ts')]);
    const [{ secretsRules }, { secretFilesRules }] = rooms;
    return [...secretsRules, ...secretFilesRules];
  },
};
