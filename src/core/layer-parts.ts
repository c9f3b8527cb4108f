/**
 * What a layer hands to rooms that are made on it, such as accounts. No public name: the policy holds keys, which handlers
 * have no business with. All copies of this package share it: one may be bundled with the application, and another not.
 */
export const LAYER_PARTS: unique symbol = Symbol.for('bulwark.layer-parts');
