/** TLS at the gateway: a certificate that changes under load, tickets that outlive it, and plain http beside it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeCertificate } from '../support/certificate.ts';
import { until } from '../support/until.ts';
import { ask, valueOf } from '../../src/testing/wire.ts';
import { askHttp2, tlsSite, type TlsSite } from './tls-site.ts';

/** Longer than the gateway waits between two looks at its files. */
const TAKEN = 'the gateway takes the certificate';

test('a certificate that changes under load loses no request, of those under way and of those to come', async (t) => {
  const site = await tlsSite(t, (request, response) => {
    if (request.url === '/slow') setTimeout(() => response.end('slow'), 200);
    else response.end('in');
  });
  const before = await fingerprintOf(site);
  const session = await site.connect();
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  t.after(() => agent.destroy());
  const answers: string[] = [];
  const ended: Promise<unknown>[] = [];
  const stopping = new AbortController();
  const asking = async (one: (path: string) => Promise<string>): Promise<void> => {
    while (!stopping.signal.aborted) answers.push(await one('/slow'), await one('/'));
  };
  ended.push(
    asking(async (path) => String((await askHttp2(session, { ':path': path })).body)),
    asking((path) => askHttps(site.port, path, agent)),
    asking((path) => askHttps(site.port, path, new Agent({ rejectUnauthorized: false }))),
    asking(async (path) => {
      const fresh = await site.connect({ rejectUnauthorized: false });
      const { body } = await askHttp2(fresh, { ':path': path });
      fresh.close();
      return String(body);
    }),
  );
  for (let renewal = 1; renewal <= 2; renewal += 1) {
    site.files.renew();
    await until(TAKEN, () => taken(site) === renewal);
  }
  stopping.abort();
  await Promise.all(ended);
  assert.notEqual(await fingerprintOf(site), before);
  assert.ok(answers.length > 50);
  assert.deepEqual([...new Set(answers)].toSorted(), ['in', 'slow']);
  assert.equal(session.closed, false);
});

test('files that fit nothing change nothing, and the log says why', async (t) => {
  const site = await tlsSite(t, (_request, response) => response.end('in'));
  const before = await fingerprintOf(site);
  writeFileSync(site.files.key, makeCertificate('site.example').key);
  await until('it is told', () => site.events.some(({ event }) => event === 'certificate_refused'));
  assert.equal(await fingerprintOf(site), before);
  assert.equal(await askHttps(site.port, '/', new Agent({ rejectUnauthorized: false })), 'in');
});

test('a ticket of before opens a connection after the change, in TLS 1.2 and 1.3, and shows no new certificate', async (t) => {
  const site = await tlsSite(t, (_request, response) => response.end('in'));
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-tickets-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const version of ['-tls1_2', '-tls1_3']) {
    const ticket = join(folder, version);
    const first = await openssl(site.port, version, '-sess_out', ticket);
    assert.match(first, /New, /);
    assert.match(first, /lifetime hint: 7200 /);
    if (version === '-tls1_3') assert.match(first, /Max Early Data: 0$/m);
    assert.match(await openssl(site.port, version, '-sess_in', ticket), /Reused, /);
    const count = taken(site);
    site.files.renew();
    await until(TAKEN, () => taken(site) > count);
    assert.match(await openssl(site.port, version, '-sess_in', ticket), /Reused, /);
  }
});

test('TLS is 1.2 or 1.3, a client chooses HTTP/2 or HTTP/1.1, and who offers neither is refused', async (t) => {
  const site = await tlsSite(t, (_request, response) => response.end('in'));
  for (const [offered, chosen] of [
    [['h2', 'http/1.1'], 'h2'],
    [['http/1.1'], 'http/1.1'],
    [undefined, false],
    [['h3'], 'refused'],
    [['acme-tls/1'], 'refused'],
  ] as const)
    assert.equal(await chosenOf(site, { ALPNProtocols: offered && [...offered] }), chosen, String(offered));
  assert.equal(
    await chosenOf(site, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' }),
    'refused',
  );
});

test('a connection is not negotiated anew by its client', async (t) => {
  const site = await tlsSite(t, (_request, response) => response.end('in'));
  const socket = connectTls({
    port: site.port,
    host: '127.0.0.1',
    maxVersion: 'TLSv1.2',
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  const refused = new Promise<string>((resolve) => {
    socket.once('error', ({ message }) => resolve(message));
    socket.renegotiate({ rejectUnauthorized: false }, (error) => resolve(error?.message ?? 'negotiated'));
  });
  assert.match(await refused, /no renegotiation/);
  socket.destroy();
});

test('plain http beside it is sent home, and what it brings is refused', async (t) => {
  const { gateway } = await tlsSite(t, (_request, response) => response.end('in'));
  const { plain } = gateway;
  assert.ok(plain !== undefined);
  plain.listen(0, '127.0.0.1');
  await once(plain, 'listening');
  const { port } = plain.address() as AddressInfo;
  const host = { host: 'site.example', 'x-forwarded-proto': null, 'x-forwarded-for': null };
  const sent = await ask(port, { target: '/a?b=1', headers: host });
  assert.deepEqual([sent.status, valueOf(sent, 'location')], [308, 'https://site.example/a?b=1']);
  assert.equal(valueOf(sent, 'strict-transport-security'), undefined);
  const posted = await ask(port, { method: 'POST', headers: host, body: 'password=x' });
  assert.equal(posted.status, 403);
  assert.equal((await ask(port, { headers: { ...host, host: 'evil.example' } })).status, 421);
});

test('a certificate whose end is near is told of', async (t) => {
  const { mock } = t;
  mock.timers.enable({ apis: ['Date'], now: Date.now() + 40 * 3_600_000 });
  const site = await tlsSite(t, (_request, response) => response.end('in'));
  mock.timers.reset();
  const told = site.events.find(({ event }) => event === 'certificate_ending');
  assert.equal(told?.details?.['days'], 0);
});

function taken({ events }: TlsSite): number {
  return events.filter(({ event }) => event === 'certificate_taken').length;
}

async function fingerprintOf({ port }: TlsSite): Promise<string> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

async function chosenOf({ port }: TlsSite, options: object): Promise<string | false | null> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  try {
    await once(socket, 'secureConnect');
    return socket.alpnProtocol;
  } catch {
    return 'refused';
  } finally {
    socket.destroy();
  }
}

async function askHttps(port: number, path: string, agent: Agent): Promise<string> {
  const request = get({ port, host: '127.0.0.1', path, agent, headers: { host: 'site.example' } });
  const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>];
  let body = '';
  for await (const piece of response) body += String(piece);
  return body;
}

/** What OpenSSL's own client says of one connection, on which it asks once. */
async function openssl(port: number, ...options: readonly string[]): Promise<string> {
  const args = ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', 'site.example', ...options];
  const client = spawn('openssl', args, { stdio: ['pipe', 'pipe', 'ignore'] });
  let text = '';
  client.stdout.on('data', (bytes: Buffer) => {
    text += bytes.toString();
    // Tickets of TLS 1.3 come behind the handshake, and an answer behind the tickets.
    if (/HTTP\/1\.1 200/.test(text)) client.stdin.end();
  });
  client.stdin.write('GET / HTTP/1.1\r\nHost: site.example\r\nConnection: close\r\n\r\n');
  await once(client, 'close');
  return text;
}
