import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as ask, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { makeCertificate } from '../../../test/support/certificate.ts';
import { parseOrigin } from '../../core/origin.ts';
import { readPolicy } from '../../policy/read-policy.ts';
import type { PolicyOptions } from '../../policy/policy.ts';
import { memory } from '../../stores/memory/state.ts';
import { fixedSecrets } from '../../testing/fakes.ts';
import { examine } from './doctor.ts';
import { judge, lookAtArrival } from './look-at-arrival.ts';
import { lookAtFiles, lookAtNode } from './look-at-machine.ts';
import { lookAtClock, lookAtMail, lookAtStore, lookAtTls } from './look-outside.ts';

const NOW = Date.UTC(2026, 10, 30);

async function listening(t: TestContext, server: Server): Promise<number> {
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

const originOf = (text: string): NonNullable<ReturnType<typeof parseOrigin>> => {
  const origin = parseOrigin(text);
  assert.ok(origin !== undefined);
  return origin;
};

const options = (more: PolicyOptions = {}): PolicyOptions => ({
  environment: 'development',
  secrets: fixedSecrets(),
  state: memory(),
  audit: { sink: () => undefined },
  ...more,
});

test('Node.js: mended, nearly not, and no more', () => {
  assert.equal(lookAtNode('24.21.0', NOW).level, 'good');
  assert.equal(lookAtNode('24.21.0', Date.UTC(2028, 3, 1)).level, 'warning');
  assert.equal(lookAtNode('20.20.2', NOW).level, 'error');
});

test('files that others may read or write are errors, those for one user alone are good', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'bulwark-doctor-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const uid = process.getuid?.();
  const look = (): readonly string[] =>
    lookAtFiles({ directory, environment: { BULWARK_SECRET_FILE: 'secret' }, uid }).map(
      ({ level, says }) => `${level} ${says.replaceAll(directory, '')}`,
    );
  assert.deepEqual(look(), []);
  mkdirSync(join(directory, 'data'));
  for (const name of ['.env', 'secret', 'data/bulwark.db', 'data/notes.db'])
    writeFileSync(join(directory, name), 'x');
  chmodSync(join(directory, '.env'), 0o644);
  chmodSync(join(directory, 'secret'), 0o660);
  chmodSync(join(directory, 'data/bulwark.db'), 0o600);
  assert.deepEqual(look(), [
    'error /.env may be read by others (644).',
    'error /secret may be written by others (660).',
  ]);
  chmodSync(join(directory, '.env'), 0o600);
  chmodSync(join(directory, 'secret'), 0o400);
  assert.deepEqual(look(), ['good 3 files with secrets or state are for this user alone.']);
});

describe('how a request arrives', () => {
  const cases: readonly (readonly [
    what: string,
    trusted: readonly string[],
    headers: object,
    peer: string,
    found: string,
  ])[] = [
    ['no proxy, and none named', [], {}, '192.0.2.7', 'good proxy'],
    [
      'a proxy that nobody named',
      [],
      { 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'https' },
      '10.0.0.5',
      'error proxy',
    ],
    ['a proxy that says nothing', ['10.0.0.5'], {}, '10.0.0.5', 'error proxy'],
    [
      'as it should be',
      ['10.0.0.5'],
      { 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'https' },
      '::ffff:10.0.0.5',
      'good proxy',
    ],
    [
      'a second hop',
      ['10.0.0.5'],
      { 'x-forwarded-for': '192.0.2.7, 10.0.0.9', 'x-forwarded-proto': 'https' },
      '10.0.0.5',
      'good proxy, warning proxy.hops',
    ],
    [
      'both of them named',
      ['10.0.0.5', '10.0.0.9'],
      { 'x-forwarded-for': '192.0.2.7, 10.0.0.9', 'x-forwarded-proto': 'https' },
      '10.0.0.5',
      'good proxy',
    ],
    [
      'http where it is https',
      ['10.0.0.5'],
      { 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'http' },
      '10.0.0.5',
      'good proxy, error proxy.scheme',
    ],
    [
      'another Host',
      ['10.0.0.5'],
      { 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'https', host: '127.0.0.1:3000' },
      '10.0.0.5',
      'good proxy, error proxy.host',
    ],
  ];
  for (const [what, trusted, headers, remoteAddress, found] of cases) {
    test(what, async () => {
      const policy = await readPolicy(options({ origin: 'https://shop.example.com', proxy: { trusted } }));
      const said = judge(policy, {
        headers: { host: 'shop.example.com', ...headers },
        socket: { remoteAddress },
      });
      assert.equal(said.map(({ level, id }) => `${level} ${id}`).join(', '), found);
      for (const { level, fix } of said) assert.equal(fix === undefined, level === 'good');
    });
  }

  test('through a real proxy, in the place of the application', async (t) => {
    const spare = createServer();
    const place = await listening(t, spare);
    spare.close();
    await once(spare, 'close');
    const proxy = createServer((request, response) => {
      const headers = { ...request.headers, 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'http' };
      const onward = ask({ port: place, host: '127.0.0.1', path: request.url, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.on('error', () => response.writeHead(502).end());
      onward.end();
    });
    const origin = `http://localhost:${await listening(t, proxy)}`;
    const policy = await readPolicy(options({ origin }));
    const found = await lookAtArrival(policy, { host: '127.0.0.1', port: place });
    assert.match(found[0]?.fix ?? '', /^proxy: \{ trusted: \['127\.0\.0\.1'\] \}$/);
    const named = await readPolicy(options({ origin, proxy: { trusted: ['127.0.0.1'] } }));
    assert.equal((await lookAtArrival(named, { host: '127.0.0.1', port: place }))[0]?.level, 'good');
    const other = createServer((_request, response) => void response.end('another application'));
    const elsewhere = await readPolicy(options({ origin: `http://localhost:${await listening(t, other)}` }));
    assert.match(
      (await lookAtArrival(elsewhere, { host: '127.0.0.1', port: place }))[0]?.says ?? '',
      /did not come/,
    );
  });
});

test('a certificate that browsers do not take is an error, and a server that is not there is not seen', async (t) => {
  const port = await listening(
    t,
    createHttps(makeCertificate('localhost'), () => undefined),
  );
  const origin = originOf(`https://localhost:${port}`);
  assert.equal((await lookAtTls(origin, NOW)).level, 'error');
  assert.equal((await lookAtTls(originOf('https://localhost:1'), NOW)).level, 'unseen');
});

test('a clock that is wrong by more than codes of authenticator apps bear', async (t) => {
  const port = await listening(
    t,
    createServer((_request, response) => {
      response.setHeader('Date', new Date(NOW).toUTCString());
      response.end();
    }),
  );
  const origin = originOf(`http://localhost:${port}`);
  assert.equal((await lookAtClock(origin, () => NOW + 2000)).level, 'good');
  assert.match((await lookAtClock(origin, () => NOW + 62_000)).says, /differ by 61 s/);
  assert.match((await lookAtClock(origin, () => NOW - 60_000)).says, /differ by 60 s/);
});

test('a store that is gone, and one that is gone with the process', async () => {
  const state = memory();
  assert.equal((await lookAtStore(state)).level, 'warning');
  const gone = {
    ...state,
    sessions: { ...state.sessions, find: () => Promise.reject(new Error('refused')) },
  };
  assert.deepEqual((await lookAtStore(gone)).says, 'The store does not answer: refused');
});

test('mail: sent, refused, and not tried', async () => {
  const sent: string[] = [];
  const mail = { send: ({ to }: { readonly to: string }) => Promise.resolve(void sent.push(to)) };
  assert.equal((await lookAtMail(mail, 'ann@example.com')).level, 'good');
  assert.deepEqual(sent, ['ann@example.com']);
  assert.equal((await lookAtMail(mail, undefined)).level, 'unseen');
  assert.equal(
    (await lookAtMail({ send: () => Promise.reject(new Error('550')) }, 'ann@example.com')).level,
    'error',
  );
});

test('what a start would refuse is told, each with its fix', async () => {
  const found = await examine({
    options: { environment: 'production', secrets: { name: 'none', load: () => [] } },
  });
  const wrong = found.filter(({ id }) => id === 'policy');
  assert.ok(wrong.length > 0 && wrong.every(({ level, fix }) => level === 'error' && fix !== undefined));
});
