import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { HashedHmac, hmacSigner, NodesHmac, type Signer } from './hmac.ts';
import { TAKES_SHORTCUTS } from './shortcuts.ts';

const VECTORS = [
  [Buffer.alloc(20, 0x0b), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  [
    Buffer.from('Jefe'),
    'what do ya want for nothing?',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
] as const;

/** Both ways, whichever of them this process takes. */
const WAYS: Readonly<Record<string, (key: Uint8Array) => Signer>> = {
  'two hashes': (key) => new HashedHmac(key),
  "Node's own": (key) => new NodesHmac(key),
};

for (const [way, signer] of Object.entries(WAYS)) {
  test(`${way}: gives the tags of RFC 4231, test cases 1 and 2`, () => {
    for (const [key, message, tag] of VECTORS) assert.equal(signer(key).sign(message).toString('hex'), tag);
  });

  test(`${way}: gives what createHmac gives, for keys and messages of any length and script, in any order`, () => {
    const key = fc.uint8Array({ maxLength: 64 });
    const messages = fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(key, messages, (bytes, texts) => {
        const hmac = signer(bytes);
        for (const text of texts)
          assert.deepEqual(hmac.sign(text), createHmac('sha256', bytes).update(text, 'utf8').digest());
      }),
    );
  });

  test(`${way}: a tag stays what it is when the next one is made`, () => {
    const hmac = signer(Buffer.alloc(32, 7));
    const first = hmac.sign('a');
    const copy = Buffer.from(first);
    hmac.sign('b');
    assert.deepEqual(first, copy);
  });

  test(`${way}: goes by the key as it was: a buffer that is used again afterwards changes nothing`, () => {
    const key = Buffer.alloc(32, 7);
    const hmac = signer(key);
    const before = hmac.sign('a');
    key.fill(0);
    assert.deepEqual(hmac.sign('a'), before);
  });
}

test('takes two hashes, and with BULWARK_PLAIN=1 what Node.js documents', () => {
  const way = TAKES_SHORTCUTS ? HashedHmac : NodesHmac;
  assert.ok(hmacSigner(Buffer.alloc(32)) instanceof way);
});

test('gives what createHmac gives on either side of the room it has', () => {
  const key = Buffer.alloc(32, 7);
  for (const unit of ['a', 'é', '€', '\u{1f600}', '\ud800']) {
    for (let count = 0; count < 260; count += 1) {
      const text = unit.repeat(count);
      assert.deepEqual(
        new HashedHmac(key).sign(text),
        createHmac('sha256', key).update(text, 'utf8').digest(),
      );
    }
  }
});

test('refuses a key longer than a block, which would have to be hashed first', () => {
  assert.throws(() => new HashedHmac(Buffer.alloc(65)), RangeError);
});
