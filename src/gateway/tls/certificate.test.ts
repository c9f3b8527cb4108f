import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeCertificate } from '../../../test/support/certificate.ts';
import { type Certificate, isEnding, type KeyPair, readCertificate } from './certificate.ts';

const DAY = 86_400_000;
const site = pairOf('site.example');

test('a certificate says whom it is for, by its names alone', () => {
  const { covers, notAfter, notBefore } = readCertificate(site);
  assert.deepEqual(
    ['site.example', 'www.site.example', 'evil.example', '127.0.0.1'].map((host) => covers(host)),
    [true, false, false, false],
  );
  assert.ok(readCertificate(pairOf('127.0.0.1')).covers('127.0.0.1'));
  assert.equal(notAfter - notBefore, 2 * DAY);
});

test('what is no pair is refused, with the field and the fix', () => {
  const other = pairOf('site.example');
  for (const [pair, said] of [
    [{ cert: site.cert, key: other.key }, /the key is not that of the certificate/],
    [{ cert: 'no', key: site.key }, /gateway\.tls: the certificate is none in PEM/],
    [{ cert: site.cert, key: 'no' }, /gateway\.tls: the key is none in PEM/],
    [{ cert: site.cert, key: '' }, /gateway\.tls: the key/],
  ] as const)
    assert.throws(() => readCertificate(pair), { code: 'ERR_BULWARK_CERTIFICATE', message: said });
});

test('its end is near with a fifth of its life left, however long that is', () => {
  for (const [life, left, ending] of [
    [90, 19, false],
    [90, 17, true],
    [6, 2, false],
    [6, 1, true],
    [90, -1, true],
  ] as const) {
    const certificate: Certificate = {
      ...site,
      notBefore: 0,
      notAfter: life * DAY,
      fingerprint: '',
      covers: () => true,
    };
    assert.equal(isEnding(certificate, (life - left) * DAY), ending, `${left} of ${life} days`);
  }
});

function pairOf(name: string): KeyPair {
  const { key, cert } = makeCertificate(name);
  return { key: String(key), cert: String(cert) };
}
