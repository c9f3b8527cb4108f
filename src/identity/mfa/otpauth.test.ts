import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { otpauthUri } from './otpauth.ts';

const SECRET = Buffer.from('12345678901234567890');
const REST = '?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Strongroom&algorithm=SHA1&digits=6&period=30';

test('is exactly what authenticator apps read', () => {
  assert.equal(
    otpauthUri('Strongroom', 'ann@example.com', SECRET),
    `otpauth://totp/Strongroom:ann%40example.com${REST}`,
  );
});

test('escapes what could end one part and begin another', () => {
  assert.equal(
    otpauthUri('Strongroom', 'a/b?secret=A&issuer=Bank#c%41:d+e', SECRET),
    `otpauth://totp/Strongroom:a%2Fb%3Fsecret%3DA%26issuer%3DBank%23c%2541%20d%2Be${REST}`,
  );
  assert.equal(
    otpauthUri("Ann's (Room)", 'x', SECRET).split('?')[0],
    'otpauth://totp/Ann%27s%20%28Room%29:x',
  );
});

test('drops what is not seen, and cuts what is too long', () => {
  const uri = otpauthUri('Strongroom', `\u202eann\0\r\n\ud800${'x'.repeat(500)}`, SECRET);
  assert.equal(uri, `otpauth://totp/Strongroom:ann%EF%BF%BD${'x'.repeat(188)}${REST}`);
});

test('cuts between characters, never within one', () => {
  const uri = otpauthUri('Strongroom', '\u{1f511}'.repeat(100), SECRET);
  assert.equal(uri, `otpauth://totp/Strongroom:${'%F0%9F%94%91'.repeat(16)}${REST}`);
});

test('is read back as it was written, whatever the names are', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (issuer, label) => {
      const url = new URL(otpauthUri(issuer, label, SECRET));
      assert.equal(url.searchParams.get('secret'), 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
      assert.deepEqual([...url.searchParams.keys()], ['secret', 'issuer', 'algorithm', 'digits', 'period']);
      assert.equal(url.hash, '');
      assert.equal(decodeURIComponent(url.pathname).split(':').length, 2);
    }),
  );
});
