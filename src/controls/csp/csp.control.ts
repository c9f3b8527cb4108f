import type { Control, Section } from '../../core/control.ts';
import { CSP_EVENTS } from './csp.events.ts';
import { checkCsp, type CspOptions, cspOptions, type CspSettings } from './csp.options.ts';

/** What others collect of this room. */
export const cspControl: Control<{ readonly csp: Section<CspOptions, CspSettings> }, typeof CSP_EVENTS> = {
  sections: { csp: { table: cspOptions, check: checkCsp } },
  events: CSP_EVENTS,
  guards: ['csp'],
  rules: async () => {
    const rooms = await Promise.all([
      import('./csp.check.ts'),
      import('./csp-depth.check.ts'),
      import('./integrity-policy.check.ts'),
    ]);
    const [{ cspRules }, { cspDepthRules }, { integrityPolicyRules }] = rooms;
    return [...cspRules, ...cspDepthRules, ...integrityPolicyRules];
  },
};
