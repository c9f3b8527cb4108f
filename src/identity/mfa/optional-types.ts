/** Packages that only some applications need: loaded when they are first used, and named where they are missing. */
import { isMissing, loadPackage } from '../../core/optional-package.ts';

const PEERS = [
  ['@simplewebauthn/server', 'passkeys'],
  ['qr', 'authenticator apps'],
] as const;

/** Verifies passkeys. */
export type WebAuthn = typeof import('@simplewebauthn/server');
/** Takes apart what authenticators send. */
export type WebAuthnHelpers = typeof import('@simplewebauthn/server/helpers');
/** Makes QR codes. */
export type Qr = typeof import('qr');

/**
 * What passkeys are verified with.
 *
 * @throws BulwarkError ERR_BULWARK_PACKAGE_MISSING
 */
export async function loadWebAuthn(): Promise<WebAuthn & { readonly helpers: WebAuthnHelpers }> {
  return await loadPackage('@simplewebauthn/server', async () => {
    const [server, helpers] = await Promise.all([
      import('@simplewebauthn/server'),
      import('@simplewebauthn/server/helpers'),
    ]);
    return { ...server, helpers };
  });
}

/**
 * What is missing of both, for pages that offer both: else it is found out by the first person who sets one up.
 *
 * @param resolve - finds a package, or throws
 */
export function missingPeers(
  resolve: (name: string) => string = (name) => import.meta.resolve(name),
): readonly (readonly [name: string, use: string])[] {
  return PEERS.filter(([name]) => {
    try {
      resolve(name);
      return false;
    } catch (error) {
      // Whoever bundles has no `import.meta.resolve`: there nothing is known, and so nothing is said.
      return isMissing(error);
    }
  });
}

/**
 * What QR codes are made with.
 *
 * @throws BulwarkError ERR_BULWARK_PACKAGE_MISSING
 */
export async function loadQr(): Promise<Qr> {
  return await loadPackage('qr', () => import('qr'));
}
