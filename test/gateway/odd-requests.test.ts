/** No request that two readers understand differently reaches an upstream: refused, or passed on in the one form that all read alike. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Exchange } from '../../src/core/exchange.ts';
import { oddRequests, say } from './odd-requests/all.ts';
import type { OddRequest } from './odd-requests/writing.ts';
import { type OneReading, readOnce, record, watchedGateway } from './recorder.ts';

/** What the guards went by is what the upstream is told. */
function assertSame(reading: OneReading, judged: Exchange): void {
  assert.equal(reading.method, judged.request.method);
  const [path = '', ...query] = reading.target.split('?');
  assert.equal(path === '*' ? path : decodeURIComponent(path), judged.path);
  assert.equal(decoded(query.join('?')), decoded(judged.query));
  assert.equal(reading.headers.get('host'), judged.host);
  assert.equal(reading.headers.get('x-forwarded-for'), judged.client.address);
  for (const [name, value] of reading.headers) {
    const said = judged.request.headers[name];
    if (TOLD.has(name) || (name === 'referer' && said === undefined)) continue;
    assert.equal(value, String(said).trim(), name);
  }
  assert.ok(
    ![...reading.headers.values()].includes('forged'),
    'what a client said in the name of the gateway',
  );
}

function decoded(query: string): string {
  return query.replaceAll(/%[\da-f]{2}/gi, (escape) =>
    String.fromCharCode(Number.parseInt(escape.slice(1), 16)),
  );
}

/** What the gateway says itself. */
const TOLD = new Set([
  'host',
  'connection',
  'upgrade',
  'content-length',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'forwarded',
  'x-request-id',
  'traceparent',
  'x-bulwark-nonce',
  'content-security-policy',
]);

async function check(t: TestContext, requests: readonly OddRequest[]): Promise<{ passed: number }> {
  const recorder = await record(t);
  const site = await watchedGateway(t, recorder.port);
  let passed = 0;
  for (const { about, bytes, mayPass } of requests) {
    recorder.connections.length = 0;
    site.judged.length = 0;
    const answer = await say(site.port, bytes);
    const heard = recorder.connections.filter((text) => !text.startsWith('GET /fence '));
    const of = `${about}: ${JSON.stringify(bytes.slice(0, 400))} -> ${answer.slice(0, 20)}`;
    if (!mayPass) {
      assert.deepEqual(heard, [], of);
      assert.match(answer, /^HTTP\/1\.1 (?:4\d\d|501|308) |^$/, of);
      continue;
    }
    try {
      for (const text of heard) {
        const reading = readOnce(text);
        const id = reading.headers.get('x-request-id');
        const judged = site.judged.find((one) => one.id === id);
        assert.ok(judged !== undefined, 'something was passed on that nobody judged');
        assertSame(reading, judged);
        passed += 1;
      }
      if (heard.length === 0) assert.match(answer, /^HTTP\/1\.1 (?:4\d\d|501|308) |^$/);
    } catch (error) {
      (error as Error).message = `${of}\n${(error as Error).message}`;
      throw error;
    }
  }
  return { passed };
}

describe(
  'each odd request is refused before anybody hears of it, or told in the one way that all read alike',
  { concurrency: true },
  () => {
    for (const [kind, requests] of Object.entries(oddRequests()))
      test(`${kind}: ${requests.length} of them`, async (t) => {
        const { passed } = await check(t, requests);
        // Were nothing passed on, nothing would have been looked at.
        assert.ok(passed > 0);
      });
  },
);
