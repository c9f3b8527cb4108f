/** The test vectors of the WebAuthn specification, and what strangers may send to the parsers behind it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { SoftAuthenticator } from '../../../test/support/authenticator.ts';
import { FakeFactors, type FakeVisit } from '../../../test/support/second-factors.ts';
import { START } from '../../../test/support/sessions.ts';
import { parseOrigin } from '../../core/origin.ts';
import type { PasskeyRecord } from '../../stores/ports/factors.ts';
import type { SessionVisit } from './context.ts';
import { RelyingParty } from './relying-party.ts';
import { type NewPasskey, verifyAssertion, verifyRegistration } from './webauthn.ts';
import { readAssertion, readRegistration } from './webauthn-response.ts';

interface Vector {
  readonly name: string;
  readonly credentialId: string;
  readonly publicKey: string;
  readonly registration?: Readonly<Record<'challenge' | 'clientDataJSON' | 'attestationObject', string>>;
  readonly authentication?: Readonly<
    Record<'challenge' | 'clientDataJSON' | 'authenticatorData' | 'signature', string>
  >;
}

const { vectors, origin } = JSON.parse(
  readFileSync(new URL('../../../test/vectors/webauthn/level-3.json', import.meta.url), 'utf8'),
) as { vectors: readonly Vector[]; origin: string };

function vector(name: string): Vector {
  return vectors.find((one) => one.name === name) ?? assert.fail(name);
}

/** A response of a vector as a browser would send it. */
function responseOf({ credentialId }: Vector, fields: Readonly<Record<string, string>>, more = {}): unknown {
  const id = base64url(credentialId);
  const response = Object.fromEntries(
    Object.entries(fields).map(([name, hex]) => [name, base64url(hex)] as const),
  );
  return { id, rawId: id, type: 'public-key', response: { ...response, ...more } };
}

function base64url(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64url');
}

/** A visit whose one challenge is that of a vector. */
function visitOf(visit: FakeVisit, challenge: string): SessionVisit {
  const session = {
    ...visit.session,
    useToken: (_purpose: string, token: string | undefined) =>
      Promise.resolve(token === base64url(challenge)),
  };
  return { audit: visit.audit, session };
}

/** A site of the specification's origin on which the passkey of a vector is stored. */
async function siteWith({ credentialId, publicKey }: Vector, backupEligible: boolean): Promise<FakeFactors> {
  const site = new FakeFactors({ origin });
  const userHandle = await site.state.factors?.passkeys.userHandle('ann', 'aGFuZGxl');
  const record: PasskeyRecord = {
    credentialId: base64url(credentialId),
    account: 'ann',
    userHandle: userHandle ?? '',
    publicKey: base64url(publicKey),
    counter: 0,
    backupEligible,
    backedUp: false,
    transports: [],
    aaguid: '',
    name: 'Vector',
    createdAt: START,
    usedAt: undefined,
  };
  assert.ok(await site.state.factors?.passkeys.add(record, 1));
  return site;
}

async function signInBy(one: Vector, backupEligible = true): Promise<string> {
  const { authentication } = one;
  assert.ok(authentication !== undefined);
  const { factors, visit } = await siteWith(one, backupEligible);
  const response = responseOf(one, authentication, { userHandle: 'aGFuZGxl' });
  const verdict = await factors.passkeys.verify(visitOf(visit, authentication.challenge), 'ann', response);
  return verdict.ok ? `ok ${verdict.account}` : verdict.reason;
}

async function registerBy(one: Vector): Promise<string> {
  const { registration } = one;
  assert.ok(registration !== undefined);
  const { factors, visit, state } = new FakeFactors({ origin });
  const session = visitOf(visit, registration.challenge);
  const verdict = await factors.passkeys.register(session, 'ann', responseOf(one, registration), 'Vector');
  if (!verdict.ok) return verdict.reason;
  assert.equal(verdict.passkey.id, base64url(one.credentialId));
  const stored = await state.factors?.passkeys.find(verdict.passkey.id);
  return stored?.publicKey === base64url(one.publicKey) ? 'ok' : 'another key';
}

test('takes the ceremonies of the specification in which the passkey was unlocked', async () => {
  assert.equal(await registerBy(vector('packed-self.ES256')), 'ok');
  assert.equal(await signInBy(vector('packed.ES256')), 'ok ann');
  assert.equal(await signInBy(vector('none.ES256.long-credential-id')), 'ok ann');
});

test('takes none in which it was not', async () => {
  assert.equal(await registerBy(vector('none.ES256')), 'invalid');
  assert.equal(await signInBy(vector('none.ES256')), 'invalid');
});

test('takes none that was held in a frame of another site, good as the signature is', async () => {
  for (const name of ['none.ES256.crossOrigin', 'none.ES256.topOrigin']) {
    assert.equal(await registerBy(vector(name)), 'origin', name);
    assert.equal(await signInBy(vector(name), false), 'origin', name);
  }
  const one = vector('none.ES256.crossOrigin');
  const read = readAssertion(responseOf(one, one.authentication ?? {}));
  assert.ok(read !== undefined);
  const [credentialId, publicKey] = [base64url(one.credentialId), base64url(one.publicKey)];
  const stored = { credentialId, publicKey, backupEligible: false } as PasskeyRecord;
  const party = new RelyingParty(parseOrigin(origin), undefined);
  assert.deepEqual(await verifyAssertion(read, stored, party), { counter: 0, backedUp: false });
});

test('takes none of which any byte of the signature or of what was signed is another', async () => {
  const one = vector('packed.ES256');
  const authentication = one.authentication ?? assert.fail();
  for (const field of ['signature', 'authenticatorData'] as const) {
    const bytes = Buffer.from(authentication[field], 'hex');
    for (let index = 0; index < bytes.length; index += 1) {
      const forged = Buffer.from(bytes);
      forged[index] = (forged[index] ?? 0) ^ 0x20;
      const other: Vector = {
        ...one,
        authentication: { ...authentication, [field]: forged.toString('hex') },
      };
      assert.equal(await signInBy(other), 'invalid', `${field} ${index}`);
    }
  }
});

const PARTY = new RelyingParty(parseOrigin('https://example.com'), undefined);

/** What an attestation object comes to. */
async function verified(attestationObject: Buffer, id: string): Promise<NewPasskey | undefined> {
  const client = { type: 'webauthn.create', challenge: 'AAAA', origin: 'https://example.com' };
  const read = readRegistration({
    id,
    rawId: id,
    type: 'public-key',
    response: {
      clientDataJSON: Buffer.from(JSON.stringify(client)).toString('base64url'),
      attestationObject: attestationObject.toString('base64url'),
    },
  });
  return read === undefined ? undefined : verifyRegistration(read, PARTY);
}

function honestObject(): { object: Buffer; id: string } {
  const device = new SoftAuthenticator();
  const options = { challenge: 'AAAA', rp: { id: 'example.com' }, user: { id: 'AAAA' } };
  const { attestationObject } = device.create(options)['response'] as { attestationObject: string };
  return { object: Buffer.from(attestationObject, 'base64url'), id: device.id };
}

test('looks at no attestation: whatever comes, none of its formats is parsed', async () => {
  const { object, id } = honestObject();
  assert.ok(await verified(object, id));
  // `fmt` is the first member of the map: the same object as one of Apple, with certificates that are none.
  const rest = object.subarray(object.indexOf('authData') - 1);
  for (const format of [
    'apple',
    'tpm',
    'android-key',
    'android-safetynet',
    'fido-u2f',
    'packed',
    'unheard-of',
  ]) {
    const statement = Buffer.concat([text('x5c'), Buffer.of(0x81, 0x44, 1, 2, 3, 4)]);
    const parts = [
      Buffer.of(0xa3),
      text('fmt'),
      text(format),
      text('attStmt'),
      Buffer.of(0xa1),
      statement,
      rest,
    ];
    const made = await verified(Buffer.concat(parts), id);
    assert.equal(made?.credentialId, id, format);
  }
});

test('a registration in which any byte is another gives the same passkey, or none', async () => {
  const { object, id } = honestObject();
  const honest = await verified(object, id);
  await fc.assert(
    fc.asyncProperty(fc.nat(object.length - 1), fc.integer({ min: 1, max: 255 }), async (index, mask) => {
      const forged = Buffer.from(object);
      forged[index] = (forged[index] ?? 0) ^ mask;
      const made = await verified(forged, id);
      if (made !== undefined) assert.equal(made.credentialId, honest?.credentialId);
    }),
    { numRuns: 500 },
  );
});

test('CBOR of any kind is no registration, and takes no time', async () => {
  const nested = Buffer.concat([Buffer.alloc(10_000, 0x81), Buffer.of(0)]);
  const bombs = [
    Buffer.alloc(0),
    nested,
    Buffer.of(0xbf),
    Buffer.from('9bffffffffffffffff', 'hex'),
    Buffer.from('5bffffffffffffffff', 'hex'),
    Buffer.from('a168617574684461746140', 'hex'),
    Buffer.from('a16861757468446174617818', 'hex'),
    Buffer.from('f6', 'hex'),
  ];
  for (const bomb of bombs)
    assert.equal(await verified(bomb, 'AAAA'), undefined, bomb.toString('hex', 0, 16));
});

/** A text of CBOR with at most 23 bytes. */
function text(value: string): Buffer {
  return Buffer.concat([Buffer.of(0x60 | value.length), Buffer.from(value)]);
}
