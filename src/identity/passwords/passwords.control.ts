import type { Control, Section } from '../../core/control.ts';
import { PASSWORDS_EVENTS } from './passwords.events.ts';
import { PASSWORDS_KEYS } from './passwords.keys.ts';
import { type PasswordsOptions, passwordsOptions, type PasswordsSettings } from './passwords.options.ts';

/** What others collect of this room. */
export const passwordsControl: Control<
  { readonly passwords: Section<PasswordsOptions, PasswordsSettings> },
  typeof PASSWORDS_EVENTS
> = {
  sections: { passwords: { table: passwordsOptions } },
  events: PASSWORDS_EVENTS,
  keys: PASSWORDS_KEYS,
};
