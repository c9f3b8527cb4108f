/** Packages that only some applications need: loaded when they are first used, and named where they are missing. */
import { loadPackage } from '../core/optional-package.ts';

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
 * What QR codes are made with.
 *
 * @throws BulwarkError ERR_BULWARK_PACKAGE_MISSING
 */
export async function loadQr(): Promise<Qr> {
  return await loadPackage('qr', () => import('qr'));
}
