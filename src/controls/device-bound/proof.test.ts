import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Device } from '../../../test/support/device.ts';
import { growth, LINEAR_AT_MOST, repeated } from '../../../test/support/growth.ts';
import { KeyRing } from '../../core/key-ring.ts';
import { keyOf } from '../../core/jwk.ts';
import { isSignedBy } from '../../core/jws.ts';
import { deviceText, newDevice, readDevice } from './device-key.ts';
import { readProof } from './proof.ts';
import { hasProof, makeProof } from './proof-cookie.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

test('reads what Chromium sends, bare or as a string of structured fields', () => {
  const device = new Device();
  const text = device.prove('c1');
  for (const header of [text, `"${text}"`]) {
    const proof = readProof(header);
    assert.deepEqual([proof?.algorithm, proof?.challenge], ['ES256', 'c1']);
    const read = newDevice('ES256', device.jwk, NOW);
    assert.ok(proof !== undefined && read !== undefined);
    assert.equal(isSignedBy(proof, keyOf(read), 'ES256'), true);
    // Whatever the proof says of itself, the key has one algorithm.
    assert.equal(isSignedBy({ ...proof, algorithm: 'RS256' }, keyOf(read), 'ES256'), false);
  }
});

test('a signature is read whatever its numbers begin with', () => {
  const device = new Device();
  const read = newDevice('ES256', device.jwk, NOW);
  assert.ok(read !== undefined);
  const key = keyOf(read);
  // A number in 256 begins with a zero, and half of them with a bit that would make them negative.
  const others = new Set(['zero', 'high', 'low']);
  for (let time = 0; others.size > 0 && time < 5000; time += 1) {
    const proof = readProof(device.prove('c1'));
    assert.ok(proof !== undefined);
    const first = proof.signature[0] ?? 0;
    if (!others.delete(first === 0 ? 'zero' : first > 0x7f ? 'high' : 'low')) continue;
    assert.equal(isSignedBy(proof, key, 'ES256'), true);
    assert.equal(isSignedBy({ ...proof, signature: Buffer.alloc(64) }, key, 'ES256'), false);
  }
  assert.equal(others.size, 0);
});

test('a signature in the form of OpenSSL is none', () => {
  const device = new Device();
  const proof = readProof(device.prove('c1'));
  const read = newDevice('ES256', device.jwk, NOW);
  assert.ok(proof !== undefined && read !== undefined);
  const der = Buffer.concat([
    Buffer.from([0x30, 0x44, 0x02, 0x20]),
    proof.signature.subarray(0, 32),
    Buffer.from([0x02, 0x20]),
    proof.signature.subarray(32),
  ]);
  assert.equal(isSignedBy({ ...proof, signature: der }, keyOf(read), 'ES256'), false);
});

test('whatever is no JWT of that form is none', () => {
  const [head = '', claims = '', signature = ''] = new Device().prove('c1').split('.');
  const encode = (text: string): string => Buffer.from(text).toString('base64url');
  for (const text of [
    '',
    '.',
    '..',
    `${head}.${claims}`,
    `${head}.${claims}.${signature}.`,
    `${head}.${claims}.${signature}, ${head}.${claims}.${signature}`,
    `${head}=.${claims}.${signature}`,
    `${head}.${claims}.${signature}\n`,
    `'${head}.${claims}.${signature}'`,
    `${encode('[]')}.${claims}.${signature}`,
    `${encode('null')}.${claims}.${signature}`,
    `${encode('{"alg":"ES256","typ":"dbsc+jwt"')}.${claims}.${signature}`,
    `${head}.${encode('{"jti":1}')}.${signature}`,
    `${head}.${encode('"c1"')}.${signature}`,
    `${head}.${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.${signature}`,
    // The last letter has four bits that do not count: another spelling of the same bytes.
    `${head}.${claims}.${signature.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1))}`,
  ])
    assert.equal(readProof(text), undefined, text);
  // Nothing of the one before is left in what reads them.
  assert.equal(readProof(`${head}.${claims}.${signature}`)?.challenge, 'c1');
});

test('a key is kept as a short text, and comes back as it was', () => {
  for (const algorithm of ['ES256', 'RS256'] as const) {
    const device = new Device(algorithm);
    const read = newDevice(algorithm, device.jwk, NOW);
    assert.ok(read !== undefined);
    const text = deviceText(read);
    assert.deepEqual(readDevice(text), read);
    assert.deepEqual(keyOf(read).export({ format: 'jwk' }), device.jwk);
    assert.ok(text.length < 400);
    assert.equal(newDevice(algorithm === 'ES256' ? 'RS256' : 'ES256', device.jwk, NOW), undefined);
  }
  for (const text of ['', 'x', 'x.HS256.y', '.none.']) assert.equal(readDevice(text), undefined, text);
  for (const jwk of [undefined, null, 'x', [], {}, { kty: 'EC' }, { ...new Device().jwk, crv: 'P-384' }])
    assert.equal(newDevice('ES256', jwk, NOW), undefined);
  const rsa = new Device('RS256').jwk;
  assert.equal(newDevice('RS256', { ...rsa, e: 'Aw' }, NOW), undefined);
  assert.equal(newDevice('RS256', { ...rsa, n: 'A'.repeat(700) }, NOW), undefined);
});

test('the cookie is of one device, one key ring and one time', () => {
  const keys = new KeyRing([Buffer.alloc(32, 1)]);
  const value = makeProof(keys, 'device', NOW, 600_000);
  const has = (cookies: string | readonly string[], device = 'device', at = NOW, ring = keys): boolean =>
    hasProof(ring, device, cookies, at);
  const cookie = `__Host-bound=${value}`;
  assert.equal(has(cookie), true);
  assert.equal(has(`a=b; ${cookie}; c=d`), true);
  assert.equal(has(['a=b', cookie]), true, 'as HTTP/2 may send it');
  assert.equal(has(cookie, 'other'), false);
  assert.equal(has(cookie, 'device', NOW + 660_000), false);
  // A proof that somebody lengthens has no tag.
  const [until = '', tag = ''] = value.split('.');
  assert.equal(has(`__Host-bound=${(Number.parseInt(until, 36) + 600).toString(36)}.${tag}`), false);
  for (const broken of [
    '',
    `x${cookie}`,
    `a=${cookie}`,
    `${cookie}; ${cookie}`,
    `${cookie}x`,
    '__Host-bound=',
    '__Host-bound=.',
  ])
    assert.equal(has(broken), false, broken);
  // After a change of secrets, while the one before is still in the ring.
  const next = new KeyRing([Buffer.alloc(32, 2), Buffer.alloc(32, 1)]);
  assert.equal(has(cookie, 'device', NOW, next), true);
  assert.equal(has(cookie, 'device', NOW, new KeyRing([Buffer.alloc(32, 2)])), false);
});

test('a proof or a cookie made to be slow takes as long as any other of its size', () => {
  const keys = new KeyRing([Buffer.alloc(32, 1)]);
  for (const unit of ['.', 'a.', 'e30.', '; __Host-bound', '; __Host-bound=', '"'])
    assert.ok(
      growth(
        (size) => repeated(unit, size),
        (text) => [readProof(text), hasProof(keys, 'device', text, NOW)],
        4_000,
      ) < LINEAR_AT_MOST,
      unit,
    );
});
