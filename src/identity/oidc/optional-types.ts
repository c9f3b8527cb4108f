import { loadPackage } from '../../core/optional-package.ts';

/** Speaks OpenID Connect. */
export type OpenIdClient = typeof import('openid-client');

/**
 * What providers are asked with: loaded when the first one is asked.
 *
 * @throws BulwarkError ERR_BULWARK_PACKAGE_MISSING
 */
export async function loadOpenIdClient(): Promise<OpenIdClient> {
  return await loadPackage('openid-client', () => import('openid-client'));
}
