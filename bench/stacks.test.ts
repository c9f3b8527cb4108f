/** The stacks of the bench do what they are compared for. Nothing is timed here. */
import { after, before, test } from 'node:test';
import { inspectStack } from './checks/inspect.ts';
import { type RedisServer, startRedis } from './checks/redis-server.ts';
import { STACKS } from './stacks/all.ts';

let redis: RedisServer | undefined;

before(async () => {
  redis = await startRedis();
});
after(() => redis?.stop());

for (const stack of STACKS) {
  for (const store of stack.stores) {
    test(`${stack.name} has its features, with its state in ${store}`, async () => {
      await inspectStack(stack, store, redis?.port ?? 0);
    });
  }
}
