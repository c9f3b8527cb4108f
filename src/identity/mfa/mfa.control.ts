import type { Control, Section } from '../../core/control.ts';
import { MFA_EVENTS } from './mfa.events.ts';
import { MFA_KEYS } from './mfa.keys.ts';
import { type MfaOptions, mfaOptions, type MfaSettings } from './mfa.options.ts';

/** What others collect of this room. */
export const mfaControl: Control<{ readonly mfa: Section<MfaOptions, MfaSettings> }, typeof MFA_EVENTS> = {
  sections: { mfa: { table: mfaOptions } },
  events: MFA_EVENTS,
  keys: MFA_KEYS,
};
