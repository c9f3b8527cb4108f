/** A flood of clients that do not exist: what it costs, and whom it lets in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateTable } from '../../src/controls/rate-limit/rate-table.ts';
import { ask, writeRequest } from '../../src/testing/wire.ts';
import { countAnswers, hello, RawClient, withServer } from './support.ts';

const ADDRESSES = 10_000;
const PER_CONNECTION = 500;

function address(index: number): string {
  return `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
}

/** One request from each made-up address, many to a packet: what a proxy passes on from a botnet. */
async function flood(port: number, from: number, count: number): Promise<number> {
  const client = await RawClient.open(port);
  const last = from + count - 1;
  for (let index = from; index <= last; index += 1) {
    const connection = index === last ? 'close' : 'keep-alive';
    client.request({ target: '/nowhere', headers: { 'x-forwarded-for': address(index), connection } });
  }
  await client.closed;
  return countAnswers(client.received);
}

async function floodAll(port: number, first: number): Promise<number> {
  let answers = 0;
  for (let from = first; from < first + ADDRESSES; from += PER_CONNECTION)
    answers += await flood(port, from, PER_CONNECTION);
  return answers;
}

test('v5.0.0-2.4.1 ten thousand made-up clients grow no memory, and free nobody who is blocked', async () => {
  // One request each: every address of the flood is as blocked as the client, and younger.
  const policy = { rateLimit: { perClient: '1/1h', capacity: 1024 } } as const;
  await withServer(policy, hello, async ({ port, layer }) => {
    assert.equal((await ask(port, {})).status, 200);
    assert.equal((await ask(port, {})).status, 429);

    // Once for what a process keeps anyway, then measured.
    assert.equal(await floodAll(port, 0), ADDRESSES);
    const before = process.memoryUsage().heapUsed;
    assert.equal(await floodAll(port, ADDRESSES), ADDRESSES);
    assert.equal(await floodAll(port, 2 * ADDRESSES), ADDRESSES);
    assert.ok(process.memoryUsage().heapUsed - before < 48 * 1024 ** 2);

    assert.equal((await ask(port, {})).status, 429, 'thirty times the table has gone by');
    assert.ok((layer.counts.get('rate-limit')?.refused ?? 0) >= 2);
  });
});

test('the table takes its bytes at the start, and no key more', () => {
  const table = new RateTable({ count: 5, windowMs: 3_600_000 }, 1024);
  const { bytes } = table;
  for (let index = 0; index < 100_000; index += 1) table.take(address(index), 1_800_000_000_000);
  assert.equal(table.bytes, bytes);
  assert.equal(bytes, 1024 * 18);
});

test('a client cannot leave its limit by writing addresses of its own into the header', async () => {
  const policy = { rateLimit: { perClient: '5/1h' } } as const;
  await withServer(policy, hello, async ({ port }) => {
    const statuses: number[] = [];
    for (let index = 0; index < 8; index += 1) {
      // The proxy appends whom it saw; what stands left of that is the client's own invention.
      const headers = { 'x-forwarded-for': `${address(index)}, 198.51.100.7` };
      statuses.push((await ask(port, { headers })).status);
    }
    assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429, 429, 429]);
  });
});

test('a blocked client costs little and is told when to come back', async () => {
  const policy = { rateLimit: { perClient: '1/1h' } } as const;
  let handled = 0;
  await withServer(
    policy,
    (_request, response) => {
      handled += 1;
      response.end();
    },
    async ({ port }) => {
      const client = await RawClient.open(port);
      const one = writeRequest({ headers: { connection: 'keep-alive' } });
      client.send(one.repeat(200) + writeRequest({}));
      await client.closed;
      assert.equal(countAnswers(client.received), 201);
      assert.equal(handled, 1);
      assert.match(client.received, /retry-after: \d+/i);
    },
  );
});
