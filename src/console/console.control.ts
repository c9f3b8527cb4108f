import type { Control, Section } from '../core/control.ts';
import { CONSOLE_EVENTS } from './console.events.ts';
import { CONSOLE_KEYS } from './console.keys.ts';
import { type ConsoleOptions, consoleOptions, type ConsoleSettings } from './options/console.options.ts';

/** What others collect of this room. */
export const consoleControl: Control<
  {
    /** Pages for operators. Left out: there are none. Their code is loaded by `bulwark/console`. */
    readonly console: Section<ConsoleOptions | boolean, ConsoleSettings>;
  },
  typeof CONSOLE_EVENTS
> = {
  sections: { console: { table: consoleOptions } },
  events: CONSOLE_EVENTS,
  keys: CONSOLE_KEYS,
};
