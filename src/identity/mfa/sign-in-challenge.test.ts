import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Ceremony, SoftAuthenticator } from '../../../test/support/authenticator.ts';
import { FakeFactors } from '../../../test/support/second-factors.ts';

/** A site, and the passkey that ann has there. */
async function registered(): Promise<{ site: FakeFactors; device: SoftAuthenticator }> {
  const site = new FakeFactors();
  const device = new SoftAuthenticator();
  const { passkeys } = site.factors;
  const options = await passkeys.registrationOptions(site.visit, { account: 'ann', name: 'ann@example.com' });
  assert.ok((await passkeys.register(site.visit, 'ann', device.create(options), 'Laptop')).ok);
  return { site, device };
}

/** What becomes of an answer to a challenge of one process, at another. */
async function answered(issuer: FakeFactors, device: SoftAuthenticator, judge = issuer): Promise<string> {
  return tried(judge, device.get(issuer.factors.passkeys.signInOptions()));
}

async function tried({ factors, visit }: FakeFactors, response: unknown): Promise<string> {
  const verdict = await factors.passkeys.signIn(visit, response);
  return verdict.ok ? `ok ${verdict.account}` : verdict.reason;
}

test('a sign-in page costs no row, whoever looks at it and whatever they send (past failure 23)', async () => {
  const { site, device } = await registered();
  const { passkeys } = site.factors;
  const before = await site.state.counters.count();
  for (let index = 0; index < 100; index += 1) {
    const options = passkeys.signInOptions();
    const wrong: readonly Ceremony[] = [
      { origin: 'https://evil.example' },
      { challenge: `${String(options['challenge'])}=` },
      { challenge: flipped(String(options['challenge'])) },
      { userHandle: null },
    ];
    const outcomes = await Promise.all(
      wrong.map(async (changes) => tried(site, device.get(options, changes))),
    );
    assert.deepEqual(outcomes, ['origin', 'expired', 'expired', 'unknown']);
  }
  assert.equal(await site.state.counters.count(), before);
  assert.equal(await answered(site, device), 'ok ann');
  assert.equal(await site.state.counters.count(), before + 1);
});

test('a sign-in challenge works once over processes that share a state, and in one that has rotated its secret', async () => {
  const { site, device } = await registered();
  const other = new FakeFactors({ state: site.state, secrets: [Buffer.alloc(32, 2), Buffer.alloc(32, 1)] });
  for (const [first, second] of [
    [site, other],
    [other, site],
  ] as const) {
    const response = device.get(site.factors.passkeys.signInOptions());
    assert.equal(await tried(first, response), 'ok ann');
    assert.equal(await tried(second, response), 'expired');
  }
  const foreign = new FakeFactors({ state: site.state, secrets: [Buffer.alloc(32, 3)] });
  assert.equal(await answered(foreign, device, site), 'expired');
});

test('a challenge that was spent works no more where the clocks of two processes differ, or one is set back', async () => {
  const { site, device } = await registered();
  const life = 5 * 60_000;
  const other = new FakeFactors({ state: site.state });
  for (const behind of [1000, life / 2, life - 2000]) {
    const start = site.now;
    other.now = start - behind;
    const response = device.get(site.factors.passkeys.signInOptions());
    assert.equal(await tried(other, response), 'ok ann');
    for (const later of [0, life - behind, life - behind + 1, life - 1, life]) {
      site.now = start + later;
      assert.equal(await tried(site, response), 'expired', `${behind} behind, ${later} later`);
    }
  }
  for (const back of [life, 2 * life, 60 * 60_000]) {
    const start = site.now;
    const response = device.get(site.factors.passkeys.signInOptions());
    assert.equal(await tried(site, response), 'ok ann');
    for (let later = 0; later <= back + life; later += life / 2) {
      site.now = start - back + later;
      assert.equal(await tried(site, response), 'expired', `${back} back, ${later} later`);
    }
  }
});

test('lets exactly one of ten simultaneous answers to one challenge in', async () => {
  const { site, device } = await registered();
  const response = device.get(site.factors.passkeys.signInOptions());
  const outcomes = await Promise.all(Array.from({ length: 10 }, async () => await tried(site, response)));
  assert.equal(outcomes.filter((one) => one === 'ok ann').length, 1);
});

/** A challenge with one bit of its end changed: it would live for longer. */
function flipped(challenge: string): string {
  const bytes = Buffer.from(challenge, 'base64url');
  bytes[26] = (bytes[26] ?? 0) ^ 1;
  return bytes.toString('base64url');
}
