import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect, getCiphers, type SecureVersion } from 'node:tls';
import { after, before, test } from 'node:test';
import { makeCertificate } from '../../test/support/certificate.ts';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import { memory } from '../stores/memory/state.ts';
import { protect, type Protector } from './protector.ts';

/** Lets a client offer what OpenSSL has put away by itself: the server alone decides. */
const ANYTHING = '@SECLEVEL=0';
const OF_ONE_STEP = ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305'];

let layer: Protector;
const sites = new Map<'ec' | 'rsa', { readonly server: Server; readonly cert: Buffer }>();

before(async () => {
  layer = protect({
    environment: 'production',
    origin: 'https://localhost',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: () => undefined },
  });
  for (const kind of ['ec', 'rsa'] as const) {
    const { key, cert } = makeCertificate('localhost', kind);
    const server = layer.createServer((_request, response) => void response.end(), { key, cert });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    sites.set(kind, { server, cert });
  }
});
after(async () => {
  for (const { server } of sites.values()) {
    server.closeAllConnections();
    server.close();
  }
  await layer.close();
});

test('v5.0.0-12.1.1 TLS that ends here is 1.2 or 1.3, whatever else a client offers', async () => {
  assert.match(await handshake('ec', 'TLSv1.3'), /^TLSv1\.3 /);
  assert.match(await handshake('ec', 'TLSv1.2'), /^TLSv1\.2 /);
  assert.equal(await handshake('ec', 'TLSv1.1'), 'refused');
  assert.equal(await handshake('ec', 'TLSv1'), 'refused');
  // OpenSSL refuses these by itself where it is built so. What is asked of it is 1.2 on every machine.
  for (const { server } of sites.values()) assert.equal(Reflect.get(server, 'minVersion'), 'TLSv1.2');
});

test('v5.0.0-12.1.2 TLS that ends here takes suites alone that keep secrets forward and encrypt and authenticate in one', async () => {
  const old = getCiphers().filter((name) => !name.startsWith('tls_'));
  assert.ok(old.includes('aes128-gcm-sha256') && old.includes('ecdhe-rsa-aes128-sha'));
  for (const [kind, signed] of [
    ['ec', 'ECDHE-ECDSA'],
    ['rsa', 'ECDHE-RSA'],
  ] as const) {
    const taken: string[] = [];
    for (const suite of old) {
      const name = suite.toUpperCase();
      if ((await handshake(kind, 'TLSv1.2', name)) !== 'refused') taken.push(name);
    }
    assert.deepEqual(
      taken.toSorted(),
      OF_ONE_STEP.map((suite) => `${signed}-${suite}`),
    );
  }
  assert.equal(await handshake('ec', 'TLSv1.3', 'TLS_AES_128_CCM_8_SHA256:ALL'), 'refused');
});

test('v5.0.0-12.1.2 of the suites that a client offers the first of ours is taken, not its own first', async () => {
  const offered = 'ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256';
  assert.equal(await handshake('ec', 'TLSv1.2', offered), 'TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256');
});

/** What a client gets that offers one version and these suites: both, or `refused`. */
async function handshake(kind: 'ec' | 'rsa', version: SecureVersion, suites = 'ALL'): Promise<string> {
  const { server, cert } = sites.get(kind) ?? assert.fail('no server');
  const { port } = server.address() as AddressInfo;
  const offered = { minVersion: version, maxVersion: version, ciphers: `${suites}:${ANYTHING}` };
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: cert, ...offered }, () => {
    resolve(`${socket.getProtocol()} ${socket.getCipher().name}`);
    socket.destroy();
  });
  socket.on('error', () => resolve('refused'));
  return await promise;
}
