/** Packages that only some applications need: loaded when they are first used, and named where they are missing. */
import { BulwarkError } from '../core/errors.ts';

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
  const name = '@simplewebauthn/server';
  const load = async (): Promise<WebAuthn & { helpers: WebAuthnHelpers }> => {
    const [server, helpers] = await Promise.all([
      import('@simplewebauthn/server'),
      import('@simplewebauthn/server/helpers'),
    ]);
    return { ...server, helpers };
  };
  return await orMissing(name, load);
}

/**
 * What QR codes are made with.
 *
 * @throws BulwarkError ERR_BULWARK_PACKAGE_MISSING
 */
export async function loadQr(): Promise<Qr> {
  return await orMissing('qr', () => import('qr'));
}

async function orMissing<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new BulwarkError(
      'ERR_BULWARK_PACKAGE_MISSING',
      `This needs the package ${name}, which is not installed: npm install ${name}`,
      { cause },
    );
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}
