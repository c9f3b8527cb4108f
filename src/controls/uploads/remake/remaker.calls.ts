/** What the calls of the remaker take. */
import { call, type Calls, type Check, count, fields, type Fit, maybe, word } from '../../../core/call.ts';
import type { RemakerOptions } from './remaker.ts';

const bytes: Fit = (value) =>
  value instanceof Uint8Array
    ? undefined
    : { path: '', reason: 'it must be bytes, such as a Buffer; a path is none' };

/** Of `new Remaker`. */
export const checkRemaker: Check = call('new Remaker({ pixels: 50_000_000 })', {
  options: fields<RemakerOptions>({
    pixels: maybe(count),
    frames: maybe(count),
    markup: maybe(count),
    timeout: maybe(count),
    atOnce: maybe(count),
    waiting: maybe(count),
  }),
});

/** Of its methods. */
export const REMAKER_CALLS: Calls<'image' | 'markup'> = {
  image: call('await remaker.image(bytes)', { bytes }),
  markup: call("await remaker.markup('svg', bytes)", { kind: word('svg', 'html'), bytes }),
};
