import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sketchExchange } from '../../../test/support/exchange.ts';
import { FakeSite, signedIn, START } from '../../../test/support/sessions.ts';

/** Requests with the cookie of one who signed in, from these addresses; and what the log was told of it. */
async function usedFrom(...addresses: readonly string[]): Promise<readonly unknown[]> {
  const site = new FakeSite();
  const browser = await signedIn(site);
  for (const peer of addresses)
    await site.guard.onRequest?.(
      sketchExchange({ now: START, peer, headers: { cookie: `__Host-sid=${browser.id}` } }),
    );
  return site.events.filter(({ event }) => event === 'session_moved').map(({ details }) => details?.['to']);
}

test('a session in another network is told once for each network, and refused by nobody', async () => {
  const told = await usedFrom('198.51.100.7', '198.51.100.9', '203.0.113.1', '198.51.100.7');
  assert.deepEqual(told, ['198.51.100.0/24', '203.0.113.0/24']);
});

test('another address of the network that the session began in is not told', async () => {
  const [home] = await usedFrom('192.0.2.200');
  assert.equal(home, undefined);
});
