import { after, before, describe } from 'node:test';
import { conformanceSuite } from './conformance.ts';
import { EVERY_HOST } from './every-host.ts';
import type { Running } from './hosts.ts';

describe('the conformance suite', () => {
  const running = new Map<string, Running>();

  before(async () => {
    for (const [name, host] of Object.entries(EVERY_HOST)) running.set(name, await host());
  });
  after(async () => {
    for (const one of running.values()) await one.stop();
  });

  conformanceSuite(() => new Map([...running].map(([name, { port }]) => [name, port])));
});
