import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { describeHash } from './describe-hash.ts';

const FLASK = `scrypt:32768:8:1$EX265pMIMGIxdqVO$${'ab'.repeat(64)}`;
const DJANGO = 'pbkdf2_sha256$600000$AvAZRAEYkCjbqAhf7L6Ijk$CKXixopJWaWa1l9JXEVgePRi7t5oAVX1oxKzSETebkg=';
const BCRYPT = '$2b$12$KhjngrRpn4jYEG3WLrpibuCF00.4J59y4b71vu3Dz0bOvX2rMb1C2';
const OWN =
  '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const OLD_ARGON2 =
  '$argon2id$m=512,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

test('says what a hash is, what it costs and whether it can be verified here', () => {
  assert.deepEqual(describeHash(OWN), { format: 'argon2id', cost: 'm=19456, t=2, p=1', verifiable: true });
  assert.deepEqual(describeHash(FLASK), {
    format: 'werkzeug-scrypt',
    cost: 'N=32768, r=8, p=1',
    verifiable: true,
  });
  assert.deepEqual(describeHash(DJANGO), {
    format: 'django-pbkdf2',
    cost: '600000 iterations of sha256',
    verifiable: true,
  });
  assert.deepEqual(describeHash(BCRYPT), { format: 'bcrypt', cost: 'cost 12', verifiable: true });
  assert.deepEqual(describeHash('!4ofXVruktdJA1rtwpz4aUn5Ardgb6SZhIsIo67Dj'), {
    format: 'no-password',
    cost: '',
    verifiable: false,
    reason: 'the account has no password',
  });
  assert.equal(describeHash('hunter2').format, 'unknown');
});

test('every reason is words, and none holds a part of the hash', () => {
  for (const name of ['debian-12', 'debian-13']) {
    const file = new URL(`../../../test/vectors/passwords/${name}.json`, import.meta.url);
    const { hashes } = JSON.parse(readFileSync(file, 'utf8')) as { hashes: { stored: string }[] };
    for (const { stored } of hashes) {
      const shown = JSON.stringify(describeHash(stored));
      for (const part of stored.split(/[$:]/)) {
        if (part.length >= 16 && !/[=,]\w+=/.test(part)) assert.ok(!shown.includes(part), `${shown} ${part}`);
      }
    }
  }
});

/** Runs lines of a module where neither of the optional libraries is installed; resolves to what it prints. */
async function withoutLibraries(code: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const from = new URL('./', import.meta.url).href;
  const support = new URL('../../../test/support/', import.meta.url).href;
  const source = `
    import { useNodeCryptoOnly } from '${support}node-crypto-only.ts';
    import { describeHash } from '${from}describe-hash.ts';
    import { Passwords } from '${from}passwords.ts';
    import { argon2Engine } from '${from}argon2.ts';
    useNodeCryptoOnly();
    ${code}`;
  const options = ['--conditions=bulwark-source', '--input-type=module'];
  return await promisify(execFile)(process.execPath, [...options, '--eval', source]);
}

test('without a library for bcrypt says what to install, and a sign-in is a no that is logged, not an error', async () => {
  const { stdout, stderr } = await withoutLibraries(`
    console.log(JSON.stringify([
      describeHash('${BCRYPT}'),
      await new Passwords().verify('${BCRYPT}', 'correct horse battery staple'),
      describeHash('${OLD_ARGON2}').needs,
    ]));`);
  const reason = 'this kind of hash needs @node-rs/bcrypt: npm install @node-rs/bcrypt';
  assert.deepEqual(JSON.parse(stdout), [
    { format: 'bcrypt', cost: 'cost 12', verifiable: false, reason, needs: '@node-rs/bcrypt' },
    { ok: false, unreadable: true, reason },
    '@node-rs/argon2',
  ]);
  assert.equal(stderr, '');
});

test('without a library for argon2 node:crypto makes and verifies the same hashes', async () => {
  const { Passwords } = await import('./passwords.ts');
  const made = await new Passwords().hash('kitchen lamp seven rivers');
  const { stdout } = await withoutLibraries(`
    const passwords = new Passwords();
    console.log(JSON.stringify({
      engine: argon2Engine().name,
      verdict: await passwords.verify('${made}', 'kitchen lamp seven rivers'),
      made: await passwords.hash('kitchen lamp seven rivers'),
    }));`);
  const there = JSON.parse(stdout) as { engine: string; verdict: object; made: string };
  assert.equal(there.engine, 'node:crypto');
  assert.deepEqual(there.verdict, { ok: true });
  assert.deepEqual(await new Passwords().verify(there.made, 'kitchen lamp seven rivers'), { ok: true });
});
