/**
 * `bulwark/testing`: what an application or a library uses to test what it adds to Bulwark. It imports `node:test`, and is
 * for tests only.
 */
export { accountStoreConformance, factorStoreConformance, storeConformance } from './conformance.ts';
export type { OpenState, StoreTraits } from './conformance/support.ts';
