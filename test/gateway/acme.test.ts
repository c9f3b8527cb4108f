/** Certificates by ACME, from a real authority. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { after, before, test, type TestContext } from 'node:test';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts';
import { Authority } from '../../src/gateway/tls/acme/authority.ts';
import { Challenges } from '../../src/gateway/tls/acme/challenges.ts';
import { AcmeFolder } from '../../src/gateway/tls/acme/folder.ts';
import { acmeOptions, type AcmeOptions } from '../../src/gateway/options/tls.options.ts';
import { defaultsOf } from '../../src/core/options.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { ask } from '../../src/testing/wire.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';
import { freePort } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { type Pebble, startPebble } from './pebble.ts';

let pebble: Pebble;
before(async () => {
  pebble = await startPebble();
});
after(() => pebble.stop());

interface AcmeSite {
  readonly gateway: Gateway;
  readonly events: readonly AuditEvent[];
  readonly stop: () => Promise<void>;
}

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-acme-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'acme');
}

async function start(t: TestContext, folder: string, options: AcmeOptions = {}): Promise<AcmeSite> {
  const upstream = createServer((_request, response) => response.end('in')).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const events: AuditEvent[] = [];
  const gateway = createGateway(
    {
      environment: 'production',
      origin: 'https://site.example',
      secrets: fixedSecrets(TEST_SECRET),
      state: memory(),
      audit: { sink: (_line, event) => void events.push(event) },
    },
    {
      upstream: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
      tls: { acme: { directory: pebble.directory, ca: pebble.ca, folder, ...options } },
    },
  );
  gateway.server.listen(pebble.tlsPort, '127.0.0.1');
  gateway.plain?.listen(pebble.httpPort, '127.0.0.1');
  await once(gateway.server, 'listening');
  let isOver = false;
  const stop = async (): Promise<void> => {
    if (isOver) return;
    isOver = true;
    const closed = once(gateway.server, 'close');
    gateway.server.close();
    gateway.server.closeAllConnections();
    await closed;
    await gateway.close();
    upstream.closeAllConnections();
    upstream.close();
  };
  t.after(stop);
  return { gateway, events, stop };
}

interface Shown {
  readonly names: string | undefined;
  readonly serial: string;
}

/** The certificate that a visitor is shown; undefined where there is none. */
async function shown(): Promise<Shown | undefined> {
  const socket = connectTls({
    port: pebble.tlsPort,
    host: '127.0.0.1',
    servername: 'site.example',
    rejectUnauthorized: false,
    ALPNProtocols: ['h2', 'http/1.1'],
  });
  try {
    await once(socket, 'secureConnect');
    const { subjectaltname, serialNumber } = socket.getPeerCertificate();
    return { names: subjectaltname, serial: serialNumber };
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}

for (const challenge of ['tls-alpn-01', 'http-01'] as const)
  test(`a certificate for several names comes by ${challenge}, is kept for nobody else, and is there at the next start`, async (t) => {
    const folder = folderOf(t);
    const names = ['site.example', 'www.site.example'];
    const first = await start(t, folder, { challenge, names, email: 'ops@site.example' });
    assert.equal(await shown(), undefined);
    await until('it comes', async () => (await shown()) !== undefined);
    const seen = await shown();
    assert.deepEqual(seen?.names?.split(', ').toSorted(), ['DNS:site.example', 'DNS:www.site.example']);
    assert.equal(first.events.filter(({ event }) => event === 'certificate_taken').length, 1);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    const files = readdirSync(folder).toSorted();
    assert.equal(files.length, 2);
    for (const file of files) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file);
    const account = readFileSync(join(folder, files[0] ?? ''), 'utf8');
    await first.stop();
    const second = await start(t, folder, { challenge, names });
    await until('what is kept is shown', async () => (await shown())?.serial === seen?.serial);
    assert.equal(readFileSync(join(folder, files[0] ?? ''), 'utf8'), account);
    assert.deepEqual(
      second.events.filter(({ event }) => event === 'certificate_renewal_failed'),
      [],
    );
  });

test('the authority is asked when it wants a certificate renewed, and a renewal says what it replaces', async (t) => {
  const folder = folderOf(t);
  await start(t, folder);
  await until('it comes', async () => (await shown()) !== undefined);
  const kept = await new AcmeFolder(folder).certificate();
  assert.ok(kept !== undefined);
  const settings = {
    ...defaultsOf(acmeOptions),
    directory: pebble.directory,
    ca: pebble.ca,
    folder,
    challenge: 'http-01',
  } as const;
  const authority = await Authority.open(settings, new AcmeFolder(folder), new Challenges());
  const window = await authority.window(kept.cert);
  assert.ok(window !== undefined && window.start < window.end && window.end > Date.now());
  // What was proven for the account a moment ago is not asked for again.
  const before = pebble.log();
  const next = await authority.order(['site.example'], kept.cert);
  assert.notEqual(next.cert, kept.cert);
  assert.match(pebble.log().slice(before.length), /replac/i);
});

test('a name that does not lead here gives no certificate: the log says why and when it is tried again', async (t) => {
  const elsewhere = await startPebble({ httpPort: await freePort(), tlsPort: await freePort() });
  t.after(() => elsewhere.stop());
  const folder = folderOf(t);
  const site = await start(t, folder, { directory: elsewhere.directory, ca: elsewhere.ca });
  await until('it fails', () => site.events.some(({ event }) => event === 'certificate_renewal_failed'));
  const { details } = site.events.find(({ event }) => event === 'certificate_renewal_failed') ?? {};
  assert.equal(details?.['attempt'], 1);
  assert.match(String(details['nextTry']), /^\d{4}-/);
  assert.equal(await shown(), undefined);
});

test('an authority that cannot be reached is in the log at once, and not after a minute of silence', async (t) => {
  const site = await start(t, folderOf(t), { directory: 'https://127.0.0.1:1/directory' });
  await until('it fails', () => site.events.some(({ event }) => event === 'certificate_renewal_failed'));
  const { details } = site.events.find(({ event }) => event === 'certificate_renewal_failed') ?? {};
  assert.match(String(details?.['reason']), /ECONNREFUSED/);
});

test('beside a question of an authority everything on plain http is judged as ever', async (t) => {
  await start(t, folderOf(t));
  const host = { host: 'site.example', 'x-forwarded-proto': null, 'x-forwarded-for': null };
  for (const target of ['/.well-known/acme-challenge/none', '/.well-known/acme-challenge/'])
    assert.equal((await ask(pebble.httpPort, { target, headers: host })).status, 308);
});
