import type { Control } from '../core/control.ts';

/** What others collect of this room. */
export const secretsControl: Control = {
  rules: async () => (await import('./secrets.check.ts')).secretsRules,
};
