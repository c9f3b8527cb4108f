import type { Control } from '../core/control.ts';
import { LOG_EVENTS } from './log.events.ts';
import { LOG_KEYS } from './log.keys.ts';

/** What the log's own file tells of itself. Its options are in the section `audit`. */
export const logControl: Control<object, typeof LOG_EVENTS> = { events: LOG_EVENTS, keys: LOG_KEYS };
