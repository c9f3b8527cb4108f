/** Verifying what authenticators signed, with @simplewebauthn/server; the rest of each ceremony is passkeys.ts. */
import type { PasskeyRecord } from '../../stores/ports/factors.ts';
import { loadWebAuthn } from './optional-types.ts';
import type { RelyingParty } from './relying-party.ts';
import type { AssertionResponse, RegistrationResponse } from './webauthn-response.ts';

/** Ed25519, ECDSA on P-256 and RSA, by their COSE numbers: what authenticators have. */
export const ALGORITHMS: readonly number[] = [-8, -7, -257];

/** What a verified registration says of the new passkey. */
export type NewPasskey = Pick<
  PasskeyRecord,
  'credentialId' | 'publicKey' | 'counter' | 'backupEligible' | 'backedUp' | 'aaguid'
>;

/** What a verified assertion says of the use. */
export interface VerifiedUse {
  readonly counter: number;
  readonly backedUp: boolean;
}

/** Loads the library, which takes most of a second of processor time, before someone waits for it. */
export async function warmUp(): Promise<void> {
  await loadWebAuthn();
}

/** Verifies a registration whose challenge, origin and type were checked. Undefined where it does not hold. */
export async function verifyRegistration(
  response: RegistrationResponse,
  party: RelyingParty,
): Promise<NewPasskey | undefined> {
  const { verifyRegistrationResponse, helpers } = await loadWebAuthn();
  return await orUndefined(async () => {
    const object = helpers.decodeAttestationObject(bytesOf(response.attestationObject));
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: {
        id: response.id,
        rawId: response.id,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: response.clientDataJSON,
          attestationObject: withoutAttestation(object.get('authData')).toString('base64url'),
        },
      },
      expectedChallenge: response.client.challenge,
      expectedOrigin: response.client.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...ALGORITHMS],
    });
    if (!verified || registrationInfo.credential.id !== response.id) return undefined;
    const { credential, aaguid, credentialDeviceType, credentialBackedUp } = registrationInfo;
    return {
      credentialId: credential.id,
      publicKey: Buffer.from(credential.publicKey).toString('base64url'),
      counter: credential.counter,
      backupEligible: credentialDeviceType === 'multiDevice',
      backedUp: credentialBackedUp,
      aaguid,
    };
  });
}

/**
 * Verifies an assertion whose challenge, origin and type were checked, by the stored key. Undefined where it does not
 * hold. The count of uses is for the store to compare, in one step, once the signature is known to be good.
 */
export async function verifyAssertion(
  response: AssertionResponse,
  passkey: PasskeyRecord,
  party: RelyingParty,
): Promise<VerifiedUse | undefined> {
  const { verifyAuthenticationResponse } = await loadWebAuthn();
  return await orUndefined(async () => {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: {
        id: response.id,
        rawId: response.id,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: response.clientDataJSON,
          authenticatorData: response.authenticatorData,
          signature: response.signature,
        },
      },
      expectedChallenge: response.client.challenge,
      expectedOrigin: response.client.origin,
      expectedRPID: party.id,
      credential: { id: passkey.credentialId, publicKey: bytesOf(passkey.publicKey), counter: 0 },
      requireUserVerification: true,
    });
    const { newCounter, credentialDeviceType, credentialBackedUp } = authenticationInfo;
    // Whether a passkey can be copied is settled when it is made (WebAuthn 7.2, step 19).
    const isSameKind = passkey.backupEligible === (credentialDeviceType === 'multiDevice');
    return verified && isSameKind ? { counter: newCounter, backedUp: credentialBackedUp } : undefined;
  });
}

/**
 * The attestation object as one without attestation. We ask for none and would trust none: what comes all the same is
 * certificates and formats of six makers, whose parsers a stranger must not reach.
 */
function withoutAttestation(authData: Uint8Array): Buffer {
  const head = Buffer.from('a363666d74646e6f6e656761747453746d74a06861757468446174615900', 'hex');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(authData.byteLength);
  return Buffer.concat([head.subarray(0, -1), length, authData]);
}

/** The library throws for whatever does not hold, with what a stranger sent in its message. */
async function orUndefined<T>(work: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(base64url, 'base64url'));
}
