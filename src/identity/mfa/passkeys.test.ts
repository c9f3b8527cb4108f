import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import {
  BACKED_UP,
  BACKUP_ELIGIBLE,
  type Ceremony,
  SoftAuthenticator,
  type Traits,
  USER_PRESENT,
  USER_VERIFIED,
} from '../../../test/support/authenticator.ts';
import { FakeFactors, type FakeVisit } from '../../../test/support/second-factors.ts';
import { START } from '../../../test/support/sessions.ts';
import type { PasskeyVerdict } from './passkeys.ts';

const OWNER = { account: 'ann', name: 'ann@example.com' };

interface Registration {
  readonly account?: string;
  readonly name?: string;
  readonly changes?: Ceremony;
}

/** Makes a passkey, honestly but for `changes`. */
async function register(
  site: FakeFactors,
  device: SoftAuthenticator,
  { account = 'ann', name = 'Laptop', changes = {} }: Registration = {},
): Promise<PasskeyVerdict> {
  const { passkeys } = site.factors;
  const options = await passkeys.registrationOptions(site.visit, { ...OWNER, account });
  return passkeys.register(site.visit, account, device.create(options, changes), name);
}

/** Signs in, honestly but for `changes`. */
async function signIn(
  site: FakeFactors,
  device: SoftAuthenticator,
  changes: Ceremony = {},
  visit: FakeVisit = site.visit,
): Promise<string> {
  const options = site.factors.passkeys.signInOptions();
  return outcome(await site.factors.passkeys.signIn(visit, device.get(options, changes)));
}

/** Proves a second factor, honestly but for `changes`. */
async function prove(
  site: FakeFactors,
  device: SoftAuthenticator,
  account: string,
  changes: Ceremony = {},
): Promise<string> {
  const options = await site.factors.passkeys.secondFactorOptions(site.visit, account);
  if (options === undefined) return 'none';
  return outcome(await site.factors.passkeys.verify(site.visit, account, device.get(options, changes)));
}

function outcome(verdict: PasskeyVerdict): string {
  return verdict.ok ? `ok ${verdict.account}` : verdict.reason;
}

async function registered(traits: Traits = {}): Promise<{ site: FakeFactors; device: SoftAuthenticator }> {
  const site = new FakeFactors();
  const device = new SoftAuthenticator(traits);
  assert.ok((await register(site, device)).ok);
  return { site, device };
}

for (const algorithm of ['ES256', 'EdDSA', 'RS256'] as const) {
  test(`a passkey (${algorithm}) is made, signs in without a password, and proves a second factor`, async () => {
    const { site, device } = await registered({ algorithm });
    assert.equal(await signIn(site, device), 'ok ann');
    assert.equal(await prove(site, device, 'ann'), 'ok ann');
    assert.equal(await prove(site, device, 'ann', { userHandle: null }), 'ok ann');
  });
}

test('asks for a discoverable passkey, unlocked by its owner, with a random handle and no attestation', async () => {
  const site = new FakeFactors({ options: { name: 'Strongroom' } });
  const options = await site.factors.passkeys.registrationOptions(site.visit, OWNER);
  const again = await site.factors.passkeys.registrationOptions(site.visit, OWNER);
  const { id, ...user } = options['user'] as { id: string };
  assert.equal(Buffer.from(id, 'base64url').byteLength, 32);
  assert.ok(!Buffer.from(id, 'base64url').includes('ann'));
  assert.equal((again['user'] as { id: string }).id, id);
  assert.deepEqual(user, { name: 'ann@example.com', displayName: 'ann@example.com' });
  assert.deepEqual(
    { ...options, user: undefined, challenge: undefined },
    {
      challenge: undefined,
      rp: { id: 'example.com', name: 'Strongroom' },
      user: undefined,
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: 'public-key', alg })),
      timeout: 300_000,
      attestation: 'none',
      excludeCredentials: [],
      authenticatorSelection: {
        residentKey: 'required',
        requireResidentKey: true,
        userVerification: 'required',
      },
      extensions: { credProps: true },
    },
  );
});

test('v5.0.0-6.7.2 each challenge is new, and has 192 random bits', async () => {
  const { site } = await registered();
  const challenges = new Set<unknown>();
  for (let index = 0; index < 20; index += 1) {
    const all = [
      await site.factors.passkeys.registrationOptions(site.visit, OWNER),
      site.factors.passkeys.signInOptions(),
      await site.factors.passkeys.secondFactorOptions(site.visit, 'ann'),
    ];
    for (const options of all) challenges.add(options?.['challenge']);
  }
  assert.equal(challenges.size, 60);
  const random = [...challenges].map((one) => Buffer.from(String(one), 'base64url').subarray(0, 24));
  assert.ok(random.every((bytes) => bytes.byteLength === 24));
  assert.equal(new Set(random.map((bytes) => bytes.toString('hex'))).size, 60);
});

test('has a browser make no second passkey on one authenticator, and name all of an account as second factor', async () => {
  const { site, device } = await registered();
  const described = [{ type: 'public-key', id: device.id, transports: ['internal', 'hybrid'] }];
  const registration = await site.factors.passkeys.registrationOptions(site.visit, OWNER);
  assert.deepEqual(registration['excludeCredentials'], described);
  const second = await site.factors.passkeys.secondFactorOptions(site.visit, 'ann');
  assert.deepEqual(second?.['allowCredentials'], described);
  // At a sign-in nobody has said who they are: the options must not tell who has a passkey.
  assert.deepEqual(site.factors.passkeys.signInOptions()['allowCredentials'], []);
  assert.equal(await site.factors.passkeys.secondFactorOptions(site.visit, 'bob'), undefined);
});

test('an answer works once', async () => {
  const { site, device } = await registered();
  const { passkeys } = site.factors;
  const response = device.get(passkeys.signInOptions());
  assert.equal(outcome(await passkeys.signIn(site.visit, response)), 'ok ann');
  assert.equal(outcome(await passkeys.signIn(site.visit, response)), 'expired');
});

test('a challenge works in its session, for its purpose and account, and for its time', async () => {
  const { site, device } = await registered();
  const { passkeys } = site.factors;
  const { visit } = site;
  await register(site, new SoftAuthenticator(), { account: 'bob' });
  const elsewhere = site.newVisit();

  const stolen = device.get((await passkeys.secondFactorOptions(elsewhere, 'ann')) ?? {});
  assert.equal(outcome(await passkeys.verify(visit, 'ann', stolen)), 'expired');
  assert.equal(outcome(await passkeys.signIn(visit, stolen)), 'expired');
  const forSignIn = device.get(passkeys.signInOptions());
  assert.equal(outcome(await passkeys.verify(visit, 'ann', forSignIn)), 'expired');
  const forBob = device.get((await passkeys.secondFactorOptions(visit, 'bob')) ?? {});
  assert.equal(outcome(await passkeys.verify(visit, 'ann', forBob)), 'expired');
  const forAnn = new SoftAuthenticator().create(await passkeys.registrationOptions(visit, OWNER));
  assert.equal(outcome(await passkeys.register(visit, 'bob', forAnn, 'x')), 'expired');

  const inTime = device.get(passkeys.signInOptions());
  const late = device.get(passkeys.signInOptions());
  site.now += 299_999;
  assert.equal(outcome(await passkeys.signIn(visit, inTime)), 'ok ann');
  site.now += 1;
  assert.equal(outcome(await passkeys.signIn(visit, late)), 'expired');
});

test('a challenge that was made up, or that another answer has spent, opens nothing', async () => {
  const { site, device } = await registered();
  const challenge = randomBytes(24).toString('base64url');
  assert.equal(await signIn(site, device, { challenge }), 'expired');
  const { passkeys } = site.factors;
  const options = (await passkeys.secondFactorOptions(site.visit, 'ann')) ?? {};
  const wrong = device.get(options, { origin: 'https://evil.example' });
  assert.equal(outcome(await passkeys.verify(site.visit, 'ann', wrong)), 'origin');
  assert.equal(outcome(await passkeys.verify(site.visit, 'ann', device.get(options))), 'expired');
});

const DISHONEST: Readonly<Record<string, readonly [Ceremony, string]>> = {
  'of a copy of the page on another host': [{ origin: 'https://examp1e.com' }, 'origin'],
  'of a subdomain': [{ origin: 'https://evil.example.com' }, 'origin'],
  'over plain http': [{ origin: 'http://example.com' }, 'origin'],
  'of another port': [{ origin: 'https://example.com:8443' }, 'origin'],
  'in a frame of another site': [{ clientData: { crossOrigin: true } }, 'origin'],
  'in a frame, by the name of the page around it': [
    { clientData: { topOrigin: 'https://evil.example' } },
    'origin',
  ],
  'for another domain': [{ rpId: 'evil.example' }, 'invalid'],
  'without its owner being there': [{ flags: USER_VERIFIED | BACKUP_ELIGIBLE }, 'invalid'],
  'without being unlocked': [{ flags: USER_PRESENT | BACKUP_ELIGIBLE }, 'invalid'],
  'that says it is backed up and cannot be': [{ flags: USER_PRESENT | USER_VERIFIED | BACKED_UP }, 'invalid'],
};

for (const [what, [changes, reason]] of Object.entries(DISHONEST)) {
  test(`takes no passkey ${what}, in any ceremony`, async () => {
    const { site, device } = await registered();
    const fresh = await register(site, new SoftAuthenticator(), { changes });
    assert.equal(outcome(fresh), reason);
    assert.equal(await signIn(site, device, changes), reason);
    assert.equal(await prove(site, device, 'ann', changes), reason);
    assert.equal((await site.factors.passkeys.list('ann')).length, 1);
    assert.equal(await signIn(site, device), 'ok ann');
  });
}

test('takes no answer of one ceremony for the other', async () => {
  const { site, device } = await registered();
  assert.equal(await signIn(site, device, { type: 'webauthn.create' }), 'malformed');
  assert.equal(
    outcome(await register(site, new SoftAuthenticator(), { changes: { type: 'webauthn.get' } })),
    'malformed',
  );
});

test('takes no signature by another key, and none over something else', async () => {
  const { site, device } = await registered();
  const impostor = new SoftAuthenticator({ credentialId: device.credentialId });
  impostor.userHandle = device.userHandle;
  assert.equal(await signIn(site, impostor), 'invalid');
  const { passkeys } = site.factors;
  for (const field of ['signature', 'authenticatorData'] as const) {
    const answer = device.get(passkeys.signInOptions());
    const response = answer['response'] as Record<string, string>;
    const bytes = Buffer.from(response[field] ?? '', 'base64url');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    const forged = { ...answer, response: { ...response, [field]: bytes.toString('base64url') } };
    assert.equal(outcome(await passkeys.signIn(site.visit, forged)), 'invalid', field);
  }
});

test('signs nobody in who is not named by the authenticator itself', async () => {
  const { site, device } = await registered();
  const bobs = new SoftAuthenticator();
  await register(site, bobs, { account: 'bob' });
  assert.equal(await signIn(site, device, { userHandle: null }), 'unknown');
  assert.equal(await signIn(site, device, { userHandle: bobs.userHandle }), 'unknown');
  assert.equal(await prove(site, device, 'bob'), 'unknown');
  assert.equal(await prove(site, device, 'ann', { userHandle: bobs.userHandle }), 'unknown');
  assert.equal(await signIn(site, new SoftAuthenticator()), 'unknown');
});

test('a count of uses that goes back is a copy: refused, loudly, and the original works on', async () => {
  const { site, device } = await registered({ counter: 7 });
  device.counter = 8;
  assert.equal(await signIn(site, device), 'ok ann');
  for (const counter of [8, 7, 1, 0]) {
    assert.equal(await signIn(site, device, { counter }), 'counter', `${counter}`);
    assert.match(site.visit.lastEvent, /^authn_token_reuse .*"account":"ann".*"before":8/);
  }
  assert.equal(await signIn(site, device, { counter: 9 }), 'ok ann');
});

test('a count that is 0 each time is none, and one that was makes no noise without a good signature', async () => {
  const { site, device } = await registered();
  assert.equal(await signIn(site, device), 'ok ann');
  assert.equal(await signIn(site, device), 'ok ann');
  assert.equal(await signIn(site, device, { counter: 5 }), 'ok ann');
  const impostor = new SoftAuthenticator({ credentialId: device.credentialId });
  impostor.userHandle = device.userHandle;
  assert.equal(await signIn(site, impostor, { counter: 1 }), 'invalid');
  assert.ok(!site.visit.eventNames.includes('authn_token_reuse'));
});

test('keeps whether a passkey is on other devices too, and takes no other kind of it later', async () => {
  const { site, device } = await registered();
  const listed = async (): Promise<boolean | undefined> =>
    (await site.factors.passkeys.list('ann'))[0]?.backedUp;
  assert.equal(await listed(), false);
  device.flags |= BACKED_UP;
  assert.equal(await signIn(site, device), 'ok ann');
  assert.equal(await listed(), true);
  assert.equal(await signIn(site, device, { flags: USER_PRESENT | USER_VERIFIED }), 'invalid');
});

test('v5.0.0-6.5.6 a passkey that was removed opens nothing, and may be added again', async () => {
  const { site, device } = await registered();
  const { passkeys } = site.factors;
  assert.ok(!(await passkeys.remove(site.visit, 'bob', device.id)));
  assert.match(site.visit.lastEvent, /^malicious_direct_reference .*"account":"bob"/);
  const begun = device.get(passkeys.signInOptions());
  assert.ok(await passkeys.remove(site.visit, 'ann', device.id));
  assert.match(site.visit.lastEvent, /^authn_token_revoked .*"factor":"passkey"/);
  assert.equal(outcome(await passkeys.signIn(site.visit, begun)), 'unknown');
  assert.equal(await prove(site, device, 'ann'), 'none');
  assert.deepEqual(await passkeys.list('ann'), []);
  assert.ok(!(await passkeys.remove(site.visit, 'ann', device.id)));
  assert.ok((await register(site, device)).ok);
});

test('an account has several, each by its name, oldest first', async () => {
  const site = new FakeFactors();
  const devices = [new SoftAuthenticator(), new SoftAuthenticator(), new SoftAuthenticator()];
  for (const [index, device] of devices.entries()) {
    await register(site, device, { name: `Device ${index}` });
    site.now += 1000;
  }
  const named = async (): Promise<readonly string[]> =>
    (await site.factors.passkeys.list('ann')).map(({ name }) => name);
  assert.deepEqual(await named(), ['Device 0', 'Device 1', 'Device 2']);
  const second = devices[1];
  assert.ok(second !== undefined);
  assert.ok(await site.factors.passkeys.rename(site.visit, 'ann', second.id, ' \u202eWork\r\nphone '));
  assert.ok(!(await site.factors.passkeys.rename(site.visit, 'bob', second.id, 'mine')));
  assert.match(site.visit.lastEvent, /^malicious_direct_reference .*"account":"bob"/);
  assert.deepEqual(await named(), ['Device 0', 'Work phone', 'Device 2']);
  for (const device of devices) assert.equal(await signIn(site, device), 'ok ann');
  const used = (await site.factors.passkeys.list('ann')).map(({ createdAt, usedAt }) => [createdAt, usedAt]);
  assert.deepEqual(used, [
    [START, site.now],
    [START + 1000, site.now],
    [START + 2000, site.now],
  ]);
});

test('a passkey that someone has is not taken over, and twenty are enough', async () => {
  const { site, device } = await registered();
  const thief = new SoftAuthenticator({ credentialId: device.credentialId });
  assert.equal(outcome(await register(site, thief, { account: 'eve' })), 'taken');
  assert.equal(await signIn(site, device), 'ok ann');
  for (let index = 1; index < 20; index += 1) {
    assert.ok((await register(site, new SoftAuthenticator({ algorithm: 'EdDSA' }))).ok);
  }
  assert.equal(outcome(await register(site, new SoftAuthenticator())), 'too-many');
});

test('a passkey of the longest id there may be works', async () => {
  const { site, device } = await registered({ credentialId: randomBytes(1023) });
  assert.equal(await signIn(site, device), 'ok ann');
  assert.equal(
    outcome(await register(site, new SoftAuthenticator({ credentialId: randomBytes(1024) }))),
    'malformed',
  );
});

test('works on localhost where no origin is declared, on any port, and nowhere else', async () => {
  const site = new FakeFactors({ origin: null });
  const device = new SoftAuthenticator({ origin: 'http://localhost:3000' });
  assert.ok((await register(site, device)).ok);
  assert.equal(await signIn(site, device), 'ok ann');
  assert.equal(await signIn(site, device, { origin: 'http://localhost:8080' }), 'ok ann');
  for (const origin of [
    'https://example.com',
    'http://localhost.evil.example',
    'http://127.0.0.1:3000',
    'null',
    '',
  ]) {
    assert.equal(await signIn(site, device, { origin }), 'origin', origin);
  }
});

test('belongs to a domain above the host where the policy says so', async () => {
  const site = new FakeFactors({ origin: 'https://app.example.com', options: { rpId: 'example.com' } });
  const device = new SoftAuthenticator({ origin: 'https://app.example.com' });
  assert.ok((await register(site, device)).ok);
  assert.equal(await signIn(site, device), 'ok ann');
  assert.equal(await signIn(site, device, { origin: 'https://example.com' }), 'origin');
  assert.equal(await signIn(site, device, { rpId: 'app.example.com' }), 'invalid');
});

test('v5.0.0-16.3.1 tells the log of each use, of each failure and why', async () => {
  const { site, device } = await registered();
  await signIn(site, device);
  await prove(site, device, 'ann', { flags: USER_PRESENT });
  await signIn(site, new SoftAuthenticator());
  const told = site.visit.events.map(({ event, details }) =>
    [event, details['factor'], details['reason'] ?? 'ok'].join(' '),
  );
  assert.deepEqual(told, [
    'authn_token_created passkey ok',
    'authn_login_success passkey ok',
    'authn_login_fail passkey invalid',
    'authn_login_fail passkey unknown',
  ]);
});
