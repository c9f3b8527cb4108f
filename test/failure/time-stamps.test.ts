/** Time stamps of heads, by a real authority: OpenSSL, behind a server on loopback. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { Chain } from '../../src/audit/chain/chain.ts';
import { signerOfRing } from '../../src/audit/chain/signing-key.ts';
import { TryLater } from '../../src/audit/shipping/log-sink.ts';
import { timeStamps } from '../../src/audit/shipping/time-stamps.ts';
import { KeyRing } from '../../src/core/key-ring.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-stamps-'));
const chain = new Chain(signerOfRing(new KeyRing([Buffer.alloc(32, 7)])), 'app', Date.now);
let url = '';
let answer: (query: string) => Buffer = (query) => stamp(query);
let asked = 0;

function openssl(...argv: string[]): void {
  const { status, stderr } = spawnSync('openssl', argv, { cwd: FOLDER, encoding: 'utf8', timeout: 20_000 });
  assert.equal(status, 0, stderr);
}

function stamp(query: string): Buffer {
  openssl('ts', '-reply', '-queryfile', query, '-config', 'tsa.cnf', '-section', 'here', '-out', 'reply.tsr');
  return readFileSync(join(FOLDER, 'reply.tsr'));
}

const server = createServer((request, response) => {
  void buffer(request).then((query) => {
    asked += 1;
    assert.equal(request.headers['content-type'], 'application/timestamp-query');
    writeFileSync(join(FOLDER, 'query.tsq'), query);
    response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(answer('query.tsq'));
  });
});

before(async () => {
  writeFileSync(join(FOLDER, 'ca.ext'), 'basicConstraints=critical,CA:true\n');
  writeFileSync(
    join(FOLDER, 'tsa.ext'),
    'extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n',
  );
  writeFileSync(
    join(FOLDER, 'tsa.cnf'),
    '[here]\nserial=./serial\nsigner_digest=sha256\ndefault_policy=1.2.3.4.1\ndigests=sha256\nsigner_cert=tsa.pem\nsigner_key=tsa.key\ncerts=ca.pem\n',
  );
  writeFileSync(join(FOLDER, 'serial'), '01\n');
  for (const [name, subject] of [
    ['ca', '/CN=Authority'],
    ['tsa', '/CN=Stamps'],
  ] as const)
    openssl(
      'req',
      '-new',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-subj',
      subject,
      '-out',
      `${name}.csr`,
    );
  openssl(
    'x509',
    '-req',
    '-in',
    'ca.csr',
    '-signkey',
    'ca.key',
    '-extfile',
    'ca.ext',
    '-out',
    'ca.pem',
    '-days',
    '2',
  );
  openssl(
    ...['x509', '-req', '-in', 'tsa.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-extfile', 'tsa.ext', '-out', 'tsa.pem', '-days', '2'],
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
});
after(() => {
  server.close();
  rmSync(FOLDER, { recursive: true, force: true });
});

function record(line: string): { id: string; line: string; event: never } {
  return { id: 'a', line, event: JSON.parse(line) as never };
}

test('a signed head is stamped, and openssl verifies the stamp by the hash that stands in the log', async () => {
  const keep = join(FOLDER, 'stamps');
  const sink = timeStamps({ url, keep, every: 0 });
  await sink.send([record(chain.link('{"time":"2026-01-01","event":"a_b"}'))]);
  assert.equal(asked, 0);
  const head = chain.head();
  await sink.send([record(chain.link('{"time":"2026-01-01","event":"a_b"}')), record(head)]);
  assert.equal(asked, 1);
  const kept = JSON.parse(readFileSync(keep, 'utf8')) as { seq: number; hash: string; reply: string };
  assert.deepEqual([kept.seq, kept.hash], [2, (JSON.parse(head) as { hash: string }).hash]);
  writeFileSync(join(FOLDER, 'kept.tsr'), Buffer.from(kept.reply, 'base64'));
  const digest = Buffer.from(kept.hash, 'base64url').toString('hex');
  openssl('ts', '-verify', '-digest', digest, '-in', 'kept.tsr', '-CAfile', 'ca.pem');
  const other = spawnSync(
    'openssl',
    ['ts', '-verify', '-digest', digest.replace(/^../, 'ff'), '-in', 'kept.tsr', '-CAfile', 'ca.pem'],
    { cwd: FOLDER },
  );
  assert.notEqual(other.status, 0);
});

test('an authority is asked no more often than it is to be, and keeps nobody', async () => {
  const before = asked;
  const sink = timeStamps({ url, keep: join(FOLDER, 'seldom'), every: 3600 });
  for (let n = 0; n < 5; n += 1) await sink.send([record(chain.head())]);
  assert.equal(asked - before, 1);
});

test('a refusal, a stamp of something else and an old stamp are none, and are asked for again', async () => {
  const sink = timeStamps({ url, keep: join(FOLDER, 'none'), every: 0 });
  const old = readFileSync(join(FOLDER, 'reply.tsr'));
  for (const [what, reply] of [
    ['refused', Buffer.from('30073005020102300000', 'hex')],
    ['old', old],
    ['empty', Buffer.alloc(0)],
    ['cut', old.subarray(0, 3)],
  ] as const) {
    answer = () => reply;
    await assert.rejects(sink.send([record(chain.head())]), TryLater, what);
  }
  answer = (query) => stamp(query);
  await sink.send([record(chain.head())]);
});
