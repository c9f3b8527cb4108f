import type { Mode } from './guard.ts';
import type { Read } from './options.ts';
import { oneOf } from './readers.ts';

/** Reads the mode of a guard. */
export const mode: Read<Mode> = oneOf('enforce', 'observe', 'off');
