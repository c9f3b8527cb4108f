import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { makeCertificate } from '../../../test/support/certificate.ts';
import { certificateFiles } from '../../../test/support/certificate-files.ts';
import type { Certificate } from './certificate.ts';
import { CertificateFiles } from './certificate-files.ts';

function watched(t: TestContext, host: string | undefined = 'site.example') {
  const files = certificateFiles('site.example');
  t.after(() => files.remove());
  const taken: Certificate[] = [];
  const refused: string[] = [];
  const watch = new CertificateFiles({
    files,
    host,
    take: (certificate) => void taken.push(certificate),
    refuse: (reason) => void refused.push(reason),
  });
  return { files, watch, taken, refused };
}

test('the files are taken at the start, and again once there are others', async (t) => {
  const { files, watch, taken } = watched(t);
  assert.equal(taken.length, 1);
  await watch.look();
  assert.equal(taken.length, 1);
  files.renew();
  await watch.look();
  assert.equal(taken.length, 2);
  assert.notEqual(taken[0]?.fingerprint, taken[1]?.fingerprint);
});

test('a key that is written after its certificate is waited for, and nobody is told', async (t) => {
  const { files, watch, taken, refused } = watched(t);
  const { key, cert } = makeCertificate('site.example');
  writeFileSync(files.cert, cert);
  await watch.look();
  writeFileSync(files.key, key);
  await watch.look();
  assert.deepEqual([taken.length, refused], [2, []]);
});

test('files that fit no better at the next look are told of once, and the certificate before stays', async (t) => {
  const { files, watch, taken, refused } = watched(t);
  writeFileSync(files.key, makeCertificate('site.example').key);
  for (let look = 0; look < 4; look += 1) await watch.look();
  assert.equal(refused.length, 1);
  assert.match(refused[0] ?? '', /no pair|not that of the certificate/);
  rmSync(files.cert);
  for (let look = 0; look < 4; look += 1) await watch.look();
  assert.equal(refused.length, 2);
  assert.match(refused[1] ?? '', /ENOENT/);
  assert.equal(taken.length, 1);
  files.renew();
  await watch.look();
  assert.equal(taken.length, 2);
});

test('a certificate for another host is not taken, at the start and later', async (t) => {
  const { files, watch, taken, refused } = watched(t);
  const { key, cert } = makeCertificate('other.example');
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key);
  await watch.look();
  await watch.look();
  assert.equal(taken.length, 1);
  assert.deepEqual(refused, ['the certificate is not for the host of the public origin']);
  const parts = { files, host: 'site.example', take: () => undefined, refuse: () => undefined };
  assert.throws(() => new CertificateFiles(parts), { code: 'ERR_BULWARK_CERTIFICATE' });
  assert.ok(new CertificateFiles({ ...parts, host: undefined }));
});

test('a folder that is put in the place of another by a link is seen, as secrets are mounted', async (t) => {
  const { files, taken } = watched(t);
  const root = dirname(files.cert);
  for (const name of ['one', 'two']) {
    const { key, cert } = makeCertificate('site.example');
    mkdirSync(join(root, name));
    writeFileSync(join(root, name, 'tls.crt'), cert);
    writeFileSync(join(root, name, 'tls.key'), key);
  }
  symlinkSync('one', join(root, 'now'));
  const watch = new CertificateFiles({
    files: { cert: join(root, 'now/tls.crt'), key: join(root, 'now/tls.key') },
    host: 'site.example',
    take: (certificate) => void taken.push(certificate),
    refuse: assert.fail,
  });
  symlinkSync('two', join(root, 'next'));
  renameSync(join(root, 'next'), join(root, 'now'));
  await watch.look();
  assert.equal(new Set(taken.map(({ fingerprint }) => fingerprint)).size, 3);
});

test('a file that is not there is told of at the start, by its field', (t) => {
  const { files } = watched(t);
  const parts = { host: undefined, take: () => undefined, refuse: () => undefined };
  assert.throws(() => new CertificateFiles({ ...parts, files: { ...files, key: '/nowhere' } }), {
    code: 'ERR_BULWARK_CERTIFICATE',
    message: /gateway\.tls\.key: the file cannot be read \(ENOENT\)/,
  });
});
