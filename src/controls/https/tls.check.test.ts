import assert from 'node:assert/strict';
import { createServer, type TlsOptions } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { makeCertificate } from '../../../test/support/certificate.ts';
import { contextOf, runRule, verdictOf } from '../../../test/support/check-site.ts';
import { shakeHands } from '../../check/outside/handshake.ts';
import type { Handshake } from '../../core/handshake.ts';
import { NotSeen } from '../../core/rule.ts';
import { tlsRules } from './tls.check.ts';

const OWN = makeCertificate('files.example');

/** What a rule says of a server of these options, over real handshakes. */
async function look(id: string, options: TlsOptions, name = 'files.example'): Promise<readonly string[]> {
  const server = createServer({ ...OWN, ...options }, (socket) => socket.end());
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const connectTo = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const face = { origin: new URL(`https://${name}`), connectTo };
  try {
    const handshake = (offer: object): Promise<Handshake> => shakeHands(face, offer, 2000, OWN.cert);
    return await verdictOf(
      tlsRules,
      id,
      contextOf(() => ({}), {}, undefined, { handshake }),
    );
  } finally {
    server.close();
  }
}

/** The same over what a handshake is said to have come to. */
function told(id: string, hands: Handshake): Promise<readonly string[]> {
  return verdictOf(
    tlsRules,
    id,
    contextOf(() => ({}), {}, undefined, { handshake: async () => hands }),
  );
}

const shaken = (more: object): Handshake => ({
  shaken: true,
  version: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  group: 'X25519',
  groupBits: 253,
  trusted: true,
  untrusted: undefined,
  chain: [{ subject: 'a', names: 'DNS:a', from: days(-10), to: days(60), bits: 256, curve: 'prime256v1' }],
  ...more,
});

function days(count: number): Date {
  return new Date(Date.now() + count * 86_400_000);
}

test('https.tls-versions: an old version is found, and a missing 1.3', async () => {
  assert.deepEqual(await look('https.tls-versions', {}), ['held']);
  const old = { minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' } as const;
  assert.deepEqual(await look('https.tls-versions', old), ['error', 'error']);
  assert.deepEqual(await look('https.tls-versions', { maxVersion: 'TLSv1.2' }), ['warning']);
});

test('https.tls-suites: without forward secrecy, and with CBC', async () => {
  const rsa = makeCertificate('files.example', 'rsa');
  const weak = { ...rsa, maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:ECDHE-RSA-AES128-SHA' } as const;
  assert.deepEqual(await look('https.tls-suites', weak), ['warning', 'note']);
  assert.deepEqual(await look('https.tls-suites', { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }), ['held']);
  assert.deepEqual(await look('https.tls-suites', { minVersion: 'TLSv1.3' }), ['not-seen']);
});

test('https.tls-groups: none that lasts is a hint', async () => {
  assert.deepEqual(await look('https.tls-groups', { ecdhCurve: 'X25519MLKEM768:X25519' }), ['held']);
  assert.deepEqual(await look('https.tls-groups', { ecdhCurve: 'X25519' }), ['note']);
});

test('https.tls-certificate: name, trust, life and key', async () => {
  assert.deepEqual(await look('https.tls-certificate', {}), ['warning']);
  assert.deepEqual(await look('https.tls-certificate', {}, 'other.example'), ['error', 'warning']);
  assert.deepEqual(await look('https.tls-certificate', makeCertificate('files.example')), [
    'error',
    'warning',
  ]);
  assert.deepEqual(await told('https.tls-certificate', shaken({})), ['held']);
  const certificate = (more: object): Handshake =>
    shaken({
      chain: [
        { subject: 'a', names: '', from: days(-10), to: days(60), bits: 2048, curve: undefined, ...more },
      ],
    });
  assert.deepEqual(await told('https.tls-certificate', certificate({ bits: 1024 })), ['error']);
  assert.deepEqual(await told('https.tls-certificate', certificate({ to: days(800) })), ['note']);
  const signed = (...signatures: readonly string[]): Handshake => {
    const [from, to] = [days(-10), days(60)];
    return shaken({
      chain: signatures.map((signature) => ({
        subject: 'a',
        names: '',
        from,
        to,
        bits: 2048,
        curve: undefined,
        signature,
      })),
    });
  };
  const [old, good] = ['sha1WithRSAEncryption', 'sha256WithRSAEncryption'];
  assert.deepEqual(await told('https.tls-certificate', signed(old)), ['error']);
  assert.deepEqual(await told('https.tls-certificate', signed(good, old, good)), ['error']);
  // Of a root, the signature says nothing.
  assert.deepEqual(await told('https.tls-certificate', signed(good, good, old)), ['held']);
  assert.deepEqual(
    await told('https.tls-certificate', shaken({ trusted: false, untrusted: 'CERT_HAS_EXPIRED' })),
    ['error'],
  );
});

test('how a certificate was signed is read of the server itself', async () => {
  const server = createServer(OWN, (socket) => socket.end());
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const connectTo = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  try {
    const hands = await shakeHands(
      { origin: new URL('https://files.example'), connectTo },
      {},
      2000,
      OWN.cert,
    );
    assert.match(hands.shaken ? (hands.chain[0]?.signature ?? '') : '', /sha256/i);
  } finally {
    server.close();
  }
});

test('what this machine cannot offer is not seen, and is no refusal of the server', async () => {
  const ours: Handshake = { shaken: false, ours: true, why: 'ERR_SSL_NO_CIPHER_MATCH' };
  for (const { id } of tlsRules) assert.deepEqual(await told(id, ours), ['not-seen'], id);
  const context = contextOf(() => ({}), {}, undefined, {
    handshake: async ({ ciphers }) =>
      ciphers?.startsWith('RC4') === true
        ? ours
        : ciphers === undefined
          ? shaken({})
          : { shaken: false, ours: false, why: 'refused' },
  });
  const outcome = await runRule(tlsRules, 'https.tls-suites', context);
  assert.ok(outcome.outcome === 'held' && /cannot offer them: suites of RC4/.test(outcome.evidence));
  await assert.rejects(contextOf(() => ({})).handshake({}), NotSeen);
});
