import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseSize } from '../../core/readers.ts';
import { Passwords } from './passwords.ts';
import type { Argon2Cost } from './phc-string.ts';
import { describeMachine, measureHere, tune, type TuneFacts, type Tuning } from './tune.ts';

const GIB = 2 ** 30;

/** A machine on which a hash takes so many milliseconds for each MiB and pass. */
function machine(perMib: number, facts: Partial<TuneFacts> = {}): TuneFacts {
  const measure = ({ memory, passes }: Argon2Cost): Promise<number> =>
    Promise.resolve((memory / 1024) * passes * perMib);
  return { target: 250, concurrency: 1, memory: 16 * GIB, measure, ...facts };
}

function kib({ options }: Tuning): number {
  return (parseSize(options.memory) ?? 0) / 1024;
}

test('goes up to the target in memory first, then in passes', async () => {
  const fast = await tune(machine(1));
  assert.equal(fast.options.passes, 2);
  assert.ok(kib(fast) > 100 * 1024 && fast.milliseconds <= 250 && fast.milliseconds > 230);
  const faster = await tune(machine(0.1));
  assert.equal(kib(faster), 256 * 1024);
  assert.ok(faster.options.passes > 2 && faster.milliseconds <= 250 && faster.milliseconds > 200);
  assert.equal(fast.limit, 'none');
});

test('v5.0.0-11.4.2 never goes below the OWASP minimum, however slow the machine and short the target', async () => {
  for (const slow of [
    machine(100),
    machine(7),
    machine(1, { target: 10 }),
    machine(1, { memory: 64 * 2 ** 20 }),
  ]) {
    const { options, limit } = await tune(slow);
    assert.deepEqual([options.memory, options.parallelism], ['19MB', 1]);
    assert.ok(options.passes >= 2);
    if (slow.memory === 16 * GIB) assert.equal(limit, 'minimum');
  }
});

test('never goes above what a stored hash may ask for', async () => {
  const { options, limit } = await tune(machine(0.0001));
  assert.deepEqual([options.memory, options.passes, limit], ['256MB', 16, 'bounds']);
});

test('leaves most of the memory to the application, however many hashes run at once', async () => {
  const small = await tune(machine(0.5, { memory: GIB, concurrency: 4 }));
  assert.ok(kib(small) * 1024 * 4 <= GIB / 8);
  assert.ok(small.options.passes > 2);
});

test('lets so many wait that the last in line is served within two seconds', async () => {
  assert.equal((await tune(machine(1))).options.waiting, 8);
  assert.equal((await tune(machine(1, { concurrency: 3 }))).options.waiting, 24);
  assert.equal((await tune(machine(0.01, { target: 10 }))).options.waiting, 64);
  assert.equal((await tune(machine(200))).options.waiting, 1);
});

test('whatever the machine and however it wavers, the options are ones that are taken', async () => {
  const facts = fc.record({
    perMib: fc.double({ min: 0.001, max: 50, noNaN: true }),
    target: fc.integer({ min: 10, max: 5000 }),
    concurrency: fc.integer({ min: 1, max: 64 }),
    memory: fc.integer({ min: 2 ** 20, max: 2 ** 40 }),
    noise: fc.infiniteStream(fc.double({ min: 0.3, max: 3, noNaN: true })),
  });
  await fc.assert(
    fc.asyncProperty(facts, async ({ perMib, target, concurrency, memory, noise }) => {
      let measured = 0;
      const measure = ({ memory: size, passes }: Argon2Cost): Promise<number> => {
        measured += 1;
        return Promise.resolve((size / 1024) * passes * perMib * (noise.next().value ?? 1));
      };
      const found = await tune({ target, concurrency, memory, measure });
      assert.ok(Passwords.of(found.options) instanceof Passwords);
      assert.ok(found.limit === 'minimum' || found.milliseconds <= target);
      assert.ok(measured <= 7);
    }),
  );
});

test('measures this machine in real hashes', async () => {
  const facts = measureHere(250);
  assert.ok((await facts.measure({ memory: 1024, passes: 1, parallelism: 1 })) > 0);
  assert.ok(facts.memory > 2 ** 26 && facts.concurrency >= 1);
  assert.equal(describeMachine().engine, '@node-rs/argon2');
});
