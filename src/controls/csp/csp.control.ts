import type { Control, Section } from '../../core/control.ts';
import { checkCsp, type CspOptions, cspOptions, type CspSettings } from './csp.options.ts';

/** What others collect of this room. */
export const cspControl: Control<{ readonly csp: Section<CspOptions, CspSettings> }> = {
  sections: { csp: { table: cspOptions, check: checkCsp } },
  guards: ['csp'],
  rules: async () => {
    const rooms = await Promise.all([import('./csp.check.ts'), import('./csp-depth.check.ts')]);
    const [{ cspRules }, { cspDepthRules }] = rooms;
    return [...cspRules, ...cspDepthRules];
  },
};
