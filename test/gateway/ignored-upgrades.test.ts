/** Nothing of an upgrade that is ignored reaches the upstream: what could be taken up there, nobody would look into. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { say } from './odd-requests/all.ts';
import { HOST, POST, write } from './odd-requests/writing.ts';
import { until } from '../support/until.ts';
import { record, watchedGateway } from './recorder.ts';

/** What the upstream is sent for a POST with these lines, but for what is new with each request. */
async function sent(t: TestContext, lines: readonly string[]): Promise<string> {
  const recorder = await record(t);
  const site = await watchedGateway(t, recorder.port);
  const answer = await say(
    site.port,
    write({ line: POST, host: [HOST], lines: [...lines, 'Content-Length: 5'], body: 'hello' }),
  );
  assert.match(answer, /^HTTP\/1\.1 200 /);
  const heard = recorder.connections.find((text) => text.startsWith('POST ')) ?? '';
  return heard.replaceAll(
    /^(x-request-id|traceparent|x-bulwark-nonce|content-security-policy): .*\r\n/gim,
    '',
  );
}

const SETTINGS = 'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA';

test('an upgrade to h2c or TLS is gone, byte for byte, and the body is whole', async (t) => {
  const plain = await sent(t, []);
  assert.match(plain, /\r\n\r\nhello$/);
  assert.doesNotMatch(plain, /upgrade|http2|h2c/i);
  for (const lines of [
    ['Connection: Upgrade, HTTP2-Settings', SETTINGS, 'Upgrade: h2c'],
    ['Upgrade: TLS/1.2', 'Connection: Upgrade'],
    ['Upgrade: h2c, TLS/1.3', 'Upgrade: H2C', SETTINGS, SETTINGS, 'connection: upgrade,http2-settings'],
  ])
    assert.equal(await sent(t, lines), plain);
});

test('what comes behind it in the same piece is dropped, and the rest is no request of its own', async (t) => {
  const recorder = await record(t);
  const site = await watchedGateway(t, recorder.port);
  const socket = connect(site.port, '127.0.0.1');
  // Told from the start: it may be closed before anybody looks again. What is written into it by then is an error.
  const closed = new Promise((resolve) => {
    socket.on('error', () => socket.destroy()).once('close', resolve);
  });
  let answer = '';
  socket.on('data', (piece) => (answer += piece.toString('latin1')));
  const head = write({ line: POST, lines: ['Connection: Upgrade', 'Upgrade: h2c', 'Content-Length: 5'] });
  // The head of a second POST goes with the first; what it brings, which is written as a request, comes on its own.
  socket.write(`${head}hello${write({ line: 'POST /b HTTP/1.1', lines: ['Content-Length: 500'] })}`);
  socket.write(write({ line: 'GET /smuggled HTTP/1.1' }));
  await until('the first is answered', () => answer.includes('\r\n\r\nok'));
  socket.write(write({ line: 'GET /smuggled HTTP/1.1' }));
  await closed;
  assert.equal(answer.match(/HTTP\/1\.1 \d/g)?.length, 1);
  assert.deepEqual(
    site.judged.map(({ path }) => path),
    ['/a'],
  );
  assert.equal(recorder.connections.length, 1);
});
