import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { KeyRing } from '../../core/key-ring.ts';
import { readSection } from '../../../test/support/read-section.ts';
import { memory } from '../../stores/memory/state.ts';
import type { CounterStore } from '../../stores/ports/counters.ts';
import { sqlite } from '../../stores/sqlite/state.ts';
import { challengeOptions } from './proof-of-work.options.ts';
import { ProofOfWork, type ProofOfWorkPolicy, proofOfWorkScriptFile, PUZZLES } from './proof-of-work.ts';

/** What the script exports: it has no types, as browsers run it as it is. */
interface Script {
  readonly sha256: (bytes: Uint8Array) => Uint32Array;
  readonly solve: (challenge: string, bits: number, puzzles: number) => Promise<string>;
}
const { sha256, solve } = (await import(pathToFileURL(proofOfWorkScriptFile).href)) as Script;

const START = Date.UTC(2026, 0, 1);
const BITS = 8;
const SIGN_IN = { form: 'sign-in', client: '192.0.2.1' };

class Site {
  now = START;
  readonly policy: ProofOfWorkPolicy;
  readonly work: ProofOfWork;

  constructor(counters: CounterStore = memory().counters, keys = new KeyRing([Buffer.alloc(32, 1)])) {
    this.policy = { keys, state: { counters }, challenge: { bits: BITS, lifetime: 10 * 60_000 } };
    this.work = ProofOfWork.of(this.policy, () => this.now);
  }

  async solved(
    subject: { form: string; client: string; level?: number } = SIGN_IN,
  ): Promise<[string, string]> {
    const { challenge, bits, puzzles } = this.work.issue(subject);
    return [challenge, await solve(challenge, bits, puzzles)];
  }
}

test('takes work that was done, once', async () => {
  const site = new Site();
  const answer = await site.solved();
  assert.deepEqual(await site.work.take(SIGN_IN, ...answer), { ok: true });
  assert.deepEqual(await site.work.take(SIGN_IN, ...answer), { ok: false, reason: 'used' });
  // The count outlives the challenge.
  site.now += 9.9 * 60_000;
  assert.deepEqual(await site.work.take(SIGN_IN, ...answer), { ok: false, reason: 'used' });
});

test('lets exactly one of two simultaneous answers through, over two processes on one store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-work-'));
  const state = sqlite(folder);
  const [site, other] = [new Site(state.counters), new Site(state.counters)];
  const answer = await site.solved();
  const verdicts = await Promise.all([
    ...Array.from({ length: 10 }, () => site.work.take(SIGN_IN, ...answer)),
    ...Array.from({ length: 10 }, () => other.work.take(SIGN_IN, ...answer)),
  ]);
  assert.equal(verdicts.filter(({ ok }) => ok).length, 1);
  await state.close();
  rmSync(folder, { recursive: true });
});

test('refuses an answer of another form, of another client, and one that is too old, each by its name', async () => {
  const site = new Site();
  const answer = await site.solved();
  const refusal = async (subject: { form: string; client: string }): Promise<unknown> =>
    await site.work.take(subject, ...answer);
  assert.deepEqual(await refusal({ ...SIGN_IN, form: 'reset' }), { ok: false, reason: 'form' });
  assert.deepEqual(await refusal({ ...SIGN_IN, client: '192.0.2.2' }), { ok: false, reason: 'client' });
  site.now += 10 * 60_000;
  assert.deepEqual(await refusal(SIGN_IN), { ok: false, reason: 'expired' });
  site.now -= 1;
  assert.deepEqual(await refusal(SIGN_IN), { ok: true });
});

test('refuses what was made easy once more is asked, so that none are hoarded before', async () => {
  const site = new Site();
  const easy = await site.solved();
  const harder = { ...SIGN_IN, level: 1 };
  assert.deepEqual(await site.work.take(harder, ...easy), { ok: false, reason: 'too-easy' });
  assert.equal(site.work.issue(harder).bits, BITS + 1);
  assert.deepEqual(await site.work.take(harder, ...(await site.solved(harder))), { ok: true });
  // A browser does not work for an hour, however long a client goes on.
  assert.equal(site.work.issue({ ...SIGN_IN, level: 1e9 }).bits, BITS + 8);
  assert.equal(site.work.issue({ ...SIGN_IN, level: -5 }).bits, BITS);
  assert.throws(() => site.work.issue({ ...SIGN_IN, level: Number.NaN }), {
    code: 'ERR_BULWARK_INVALID_ARGUMENT',
  });
});

test('refuses work that was not done, for each of the puzzles', async () => {
  const site = new Site();
  const [challenge, proof] = await site.solved();
  for (let puzzle = 0; puzzle < PUZZLES; puzzle += 1) {
    const nonces = Buffer.from(proof, 'base64url');
    // One nonce in 256 would do by chance: the one that is looked for does not.
    let nonce = 0;
    while (isRight(challenge, puzzle, nonce)) nonce += 1;
    nonces.writeUInt32BE(nonce, 4 * puzzle);
    const verdict = await site.work.take(SIGN_IN, challenge, nonces.toString('base64url'));
    assert.deepEqual(verdict, { ok: false, reason: 'wrong' }, `puzzle ${puzzle}`);
  }
  // None of these used it up.
  assert.deepEqual(await site.work.take(SIGN_IN, challenge, proof), { ok: true });
});

test('refuses a challenge that a stranger signed, or that says less than what was signed', async () => {
  const site = new Site();
  const stranger = new Site(undefined, new KeyRing([Buffer.alloc(32, 2)]));
  const forged = await stranger.solved();
  assert.deepEqual(await site.work.take(SIGN_IN, ...forged), { ok: false, reason: 'forged' });
  const [challenge, proof] = await site.solved();
  const parts = challenge.split('.');
  for (const [at, text] of [
    [1, 'reset'],
    [2, '1'],
    [3, String(START + 1e12)],
    [4, 'A'.repeat(22)],
    [5, 'A'.repeat(22)],
    [6, 'A'.repeat(22)],
  ] as const) {
    const verdict = await site.work.take(SIGN_IN, parts.with(at, text).join('.'), proof);
    assert.deepEqual(verdict, { ok: false, reason: 'forged' }, `part ${at}`);
  }
});

test('takes what was signed before the key was rotated', async () => {
  const [old, fresh] = [Buffer.alloc(32, 3), Buffer.alloc(32, 4)];
  const before = new Site(undefined, new KeyRing([old]));
  const after = new Site(undefined, new KeyRing([fresh, old]));
  assert.deepEqual(await after.work.take(SIGN_IN, ...(await before.solved())), { ok: true });
});

test('takes nothing where the store is gone, and asks it for nothing but work that was done', async () => {
  let asked = 0;
  const counters = {
    ...memory().counters,
    take: () => {
      asked += 1;
      throw new Error('gone');
    },
  } as unknown as CounterStore;
  const site = new Site(counters);
  const [challenge, proof] = await site.solved();
  await site.work.take(SIGN_IN, challenge, 'A'.repeat(proof.length));
  await site.work.take({ ...SIGN_IN, form: 'reset' }, challenge, proof);
  assert.equal(asked, 0);
  await assert.rejects(site.work.take(SIGN_IN, challenge, proof), /gone/);
});

test('answers whatever it is sent with a refusal', async () => {
  const site = new Site();
  const [challenge, proof] = await site.solved();
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(challenge, proof),
    fc.array(fc.constantFrom(...challenge.split('.'), '', '.', '0', '1')).map((parts) => parts.join('.')),
  );
  await fc.assert(
    fc.asyncProperty(text, text, async (first, second) => {
      if (first === challenge && second === proof) return;
      assert.equal((await site.work.take(SIGN_IN, first, second)).ok, false);
    }),
  );
});

test('names no client in a challenge, and marks two of one client differently', () => {
  const site = new Site();
  const [one, two] = [site.work.issue(SIGN_IN).challenge, site.work.issue(SIGN_IN).challenge];
  assert.ok(!one.includes(SIGN_IN.client));
  assert.notEqual(one.split('.')[5], two.split('.')[5]);
});

test('refuses options and names of forms that do not fit', () => {
  const { work } = new Site();
  for (const options of [{ bits: 7 }, { lifetime: '1d' }, { when: 'never' }]) {
    assert.throws(() => readSection('challenge', challengeOptions, options), { name: 'PolicyError' });
  }
  assert.throws(() => work.issue({ form: 'a.b', client: 'c' }), { code: 'ERR_BULWARK_INVALID_ARGUMENT' });
});

test('hashes in the browser as FIPS 180-4 says', () => {
  const hex = (text: string): string =>
    [...sha256(Buffer.from(text))].map((word) => word.toString(16).padStart(8, '0')).join('');
  assert.equal(hex(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  assert.equal(hex('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.equal(
    hex('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'),
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => assert.equal(hex(text), hash('sha256', text))),
  );
});

function isRight(challenge: string, puzzle: number, nonce: number): boolean {
  const message = Buffer.alloc(40);
  hash('sha256', challenge, 'buffer').copy(message);
  message.writeUInt32BE(puzzle, 32);
  message.writeUInt32BE(nonce, 36);
  return hash('sha256', message, 'buffer')[0] === 0;
}
