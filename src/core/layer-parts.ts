import type { Fit } from './call.ts';

/**
 * What a layer hands to rooms that are made on it, such as accounts. No public name: the policy holds keys, which handlers
 * have no business with. All copies of this package share it: one may be bundled with the application, and another not.
 */
export const LAYER_PARTS: unique symbol = Symbol.for('bulwark.layer-parts');

/** What `bulwark(policy)` gives back. */
export const onLayer: Fit = (value) =>
  (value as Partial<Record<typeof LAYER_PARTS, unknown>> | null | undefined)?.[LAYER_PARTS] === undefined
    ? { path: '', reason: 'it must be what bulwark(policy) gives back' }
    : undefined;
