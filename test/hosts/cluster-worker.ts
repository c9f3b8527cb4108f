/** One process of a cluster: every host, each on the port that all workers share and on one of this worker alone. */
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createClient } from 'redis';
import { redis } from '../../src/stores/redis/state.ts';
import { sqlite } from '../../src/stores/sqlite/state.ts';
import type { State } from '../../src/stores/ports/state.ts';
import { HOSTS } from './hosts.ts';

/** Where one host listens: `shared` with the other workers, `own` without them. */
export interface Ports {
  readonly shared: number;
  readonly own: number;
}

/** The variable that says where state lives: `sqlite:` and a directory, or the address of a Redis. */
export const STATE_VARIABLE = 'BULWARK_TEST_STATE';

if (process.send !== undefined) await start(process.env[STATE_VARIABLE] ?? '');

/** The state of one host, the same in each worker. Hosts count and sign in apart from each other. */
async function stateOf(where: string, host: string): Promise<State> {
  const colon = where.indexOf(':');
  const [kind, place] = [where.slice(0, colon), where.slice(colon + 1)];
  switch (kind) {
    case 'sqlite':
      return sqlite(join(place, host.replace(':', '-')));
    case 'redis': {
      const client = createClient({ url: where });
      await client.connect();
      // A stall of this machine is no outage of Redis.
      return redis(client, { prefix: `${host}:`, deadlineMs: 15_000 });
    }
    default:
      throw new Error(`${STATE_VARIABLE} is of no kind that is known here: ${kind}`);
  }
}

async function start(where: string): Promise<void> {
  const ports: Record<string, Ports> = {};
  for (const [name, host] of Object.entries(HOSTS)) {
    const { port, server } = await host({
      state: await stateOf(where, name),
      // None of it comes back while the test runs, however slowly it does.
      routes: { 'POST /login': { limit: '5/1h', by: ['client', 'account'] } },
    });
    const direct = createServer((socket) => server.emit('connection', socket));
    await new Promise<void>((resolve) => {
      direct.listen({ port: 0, host: '127.0.0.1', exclusive: true }, resolve);
    });
    ports[name] = { shared: port, own: (direct.address() as AddressInfo).port };
  }
  process.on('disconnect', () => process.exit());
  process.send?.(ports);
}
