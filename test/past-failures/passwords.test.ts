/** Passwords: a wrong one is a no and not an error, every no costs the same, and hashing leaves room for others. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BulwarkError } from '../../src/core/errors.ts';
import { hashPassword } from '../../src/identity/passwords/password-hash.ts';
import { OWASP_MINIMUM } from '../../src/identity/passwords/phc-string.ts';
import { Passwords } from '../../src/identity/passwords/passwords.ts';
import { useNodeCryptoOnly } from '../support/node-crypto-only.ts';
import { ask, type RawAnswer } from '../../src/testing/wire.ts';
import { pastFailure } from './holds.ts';
import { blockingVerify, throwingVerify, unqueuedVerify } from './recipes.ts';
import { bodyOf, nodeSite, postForm, type Site } from './sites.ts';

// The tests count what node:crypto is asked for.
useNodeCryptoOnly();

const PASSWORD = 'four words nobody else knows';

/** Whether a password is that of the stored hash; undefined where there is no such account. */
type Verify = (stored: string | undefined, password: string) => Promise<boolean>;

const ACCOUNTS: ReadonlyMap<string, string> = new Map([
  ['ann', await hashPassword(PASSWORD)],
  ['old', '$sha1$c2FsdA$5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8'],
  ['none', ''],
]);

/** A sign-in form, and a page beside it. 200: signed in. 401: not. 503: come back later. */
interface SignInSite extends Site {
  readonly verify: Verify;
}

async function signInSite(verify: Verify): Promise<SignInSite> {
  const site = await nodeSite(async (request, response) => {
    if (request.method !== 'POST') return response.end('a page');
    const form = new URLSearchParams(await bodyOf(request));
    try {
      const ok = await verify(ACCOUNTS.get(form.get('account') ?? ''), form.get('password') ?? '');
      response.statusCode = ok ? 200 : 401;
    } catch (error) {
      if (!(error instanceof BulwarkError && error.code === 'ERR_BULWARK_QUEUE_FULL')) throw error;
      response.statusCode = 503;
    }
    return response.end();
  });
  return { ...site, verify };
}

/** Sign-in by the passwords of the layer. */
function ours(passwords: Passwords = new Passwords()): Promise<SignInSite> {
  return signInSite(async (stored, password) => (await passwords.verify(stored, password)).ok);
}

function signIn(port: number, account: string, password: string): Promise<RawAnswer> {
  return postForm(port, '/', String(new URLSearchParams({ account, password })));
}

pastFailure(5, 'a wrong password is 401, and so is a stored hash that nobody can read', {
  on: { Passwords: () => ours() },
  off: { 'a comparison that throws': () => signInSite(throwingVerify) },
  check: async ({ port }) => {
    assert.equal((await signIn(port, 'ann', PASSWORD)).status, 200);
    for (const [account, password] of [
      ['ann', 'wrong'],
      ['ann', ''],
      ['ann', 'x'.repeat(2000)],
      ['old', PASSWORD],
      ['none', ''],
    ] as const) {
      const { status } = await signIn(port, account, password);
      assert.equal(status, 401, `a wrong password for ${account} is answered ${status}`);
    }
  },
  seen: /a wrong password for ann is answered 500/,
});

type Argon2 = typeof crypto.argon2;

/** Puts another function in the place of Node's argon2, for everyone who imported it, until `restore`. */
function replaceArgon2(make: (original: Argon2) => Argon2): () => void {
  const original = crypto.argon2;
  crypto.argon2 = make(original);
  syncBuiltinESMExports();
  return () => {
    crypto.argon2 = original;
    syncBuiltinESMExports();
  };
}

/** The work of every argon2 that is computed while `run` runs: memory, passes, lanes, bytes. */
async function workOf(run: () => Promise<unknown>): Promise<string[]> {
  const work: string[] = [];
  const restore = replaceArgon2((original) => (algorithm, parameters, callback) => {
    const { memory, passes, parallelism, tagLength } = parameters;
    work.push([algorithm, memory, passes, parallelism, tagLength].join(' '));
    original(algorithm, parameters, callback);
  });
  try {
    await run();
    return work;
  } finally {
    restore();
  }
}

// By the work and not by the clock: what is computed is the same on every machine, how long it takes is not.
pastFailure(11, 'a sign-in to an unknown account computes what one to a known account does', {
  on: { Passwords: () => ours() },
  off: { 'no account, no hash': () => signInSite(unqueuedVerify) },
  check: async ({ port }) => {
    const { memory, passes, parallelism } = OWASP_MINIMUM;
    const one = [`argon2id ${memory} ${passes} ${parallelism} 32`];
    assert.deepEqual(await workOf(() => signIn(port, 'ann', 'wrong')), one);
    for (const account of ['nobody', 'ann@example.com', 'old']) {
      const work = await workOf(() => signIn(port, account, 'wrong'));
      assert.deepEqual(work, one, `${account} costs ${work.length} hashes, a known account one`);
    }
  },
  seen: /^nobody costs 0 hashes/,
});

/** Holds every argon2 back until it is let go, and tells how many are asked for at once. */
function holdArgon2(): {
  active: () => number;
  most: () => number;
  release: () => void;
  restore: () => void;
} {
  const { promise: gate, resolve: release } = Promise.withResolvers<void>();
  let active = 0;
  let most = 0;
  const restore = replaceArgon2((original) => (algorithm, parameters, callback) => {
    active += 1;
    most = Math.max(most, active);
    void gate.then(() =>
      original(algorithm, parameters, (error, tag) => {
        active -= 1;
        callback(error, tag);
      }),
    );
  });
  return { active: () => active, most: () => most, release, restore };
}

const AT_ONCE = 2;
const WAITING = 4;

/** Whether the event loop turns while one hash is computed: it always does where another thread computes it. */
async function turnsMeanwhile(verify: Verify): Promise<boolean> {
  let settled = false;
  const verdict = verify(ACCOUNTS.get('ann'), 'wrong').then(() => (settled = true));
  await nextTurn();
  const turned = !settled;
  await verdict;
  return turned;
}

pastFailure(
  27,
  '8 sign-ins at once leave the event loop to others: 2 are hashed, 4 wait, 2 are told to come back',
  {
    on: {
      'Passwords, 2 at once and 4 waiting': () =>
        ours(Passwords.of({ concurrency: AT_ONCE, waiting: WAITING })),
    },
    off: {
      'a hash on the event loop': () => signInSite(blockingVerify),
      'a hash in the thread pool, without a queue': () => signInSite(unqueuedVerify),
    },
    check: async ({ port, verify }) => {
      assert.ok(await turnsMeanwhile(verify), 'the event loop stands still while one hash is computed');

      const { most, active, release, restore } = holdArgon2();
      try {
        const statuses: number[] = [];
        const signIns = Array.from({ length: 8 }, async () => {
          statuses.push((await signIn(port, 'ann', PASSWORD)).status);
        });
        // Nothing is hashed until it is let go: whoever is answered now was not let in.
        while (statuses.length < 8 - AT_ONCE - WAITING && active() < 8) await nextTurn();
        const page = await ask(port, {});
        const [hashing, refused] = [active(), [...statuses]];
        release();
        await Promise.all(signIns);
        assert.ok(hashing <= AT_ONCE, `${hashing} hashes run at once`);
        assert.equal(page.status, 200, 'a page is served while hashes run');
        assert.deepEqual(refused, [503, 503]);
        assert.deepEqual(statuses.slice(2), [200, 200, 200, 200, 200, 200]);
        assert.equal(most(), AT_ONCE, 'also while the queue empties');
      } finally {
        release();
        restore();
      }
    },
    seen: /the event loop stands still|^8 hashes run at once/,
  },
);
