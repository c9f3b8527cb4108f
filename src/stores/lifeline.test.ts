import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { BulwarkError, type ErrorCode } from '../core/errors.ts';
import { Lifeline } from './lifeline.ts';
import type { StoreHealth } from './ports.ts';

class ConnectionLost extends Error {
  readonly code = 'ECONNRESET';
}

interface Made {
  readonly line: Lifeline;
  readonly health: StoreHealth[];
  /** Whether probes get through. */
  alive: boolean;
  probes: number;
}

function make(): Made {
  const health: StoreHealth[] = [];
  const made: Made = {
    health,
    alive: false,
    probes: 0,
    line: new Lifeline({
      store: 'test',
      deadlineMs: 30,
      probeEveryMs: 20,
      probe: () => {
        made.probes += 1;
        return made.alive ? Promise.resolve() : Promise.reject(new ConnectionLost());
      },
      isOutage: (error) => error instanceof ConnectionLost,
    }),
  };
  made.line.onHealth((one) => health.push(one));
  return made;
}

async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  return promise.then(
    () => undefined,
    (error: unknown) => (error instanceof BulwarkError ? error.code : undefined),
  );
}

const never = (): Promise<never> => new Promise(() => undefined);
const lost = (): Promise<never> => Promise.reject(new ConnectionLost('redis://:hunter2@host'));

test('gives an answer back, and says nothing of health', async () => {
  const { line, health } = make();
  assert.equal(await line.run(() => Promise.resolve(7)), 7);
  assert.deepEqual(health, []);
  line.close();
});

test('a command that never answers fails at the deadline; one late answer is no outage', async () => {
  const { line } = make();
  assert.equal(await codeOf(line.run(never)), 'ERR_BULWARK_STORE_DOWN');
  assert.ok(line.up);
  assert.equal(await line.run(() => Promise.resolve(1)), 1);
  line.close();
});

test('three late answers in a row are an outage', async () => {
  const { line, health } = make();
  await Promise.all([codeOf(line.run(never)), codeOf(line.run(never)), codeOf(line.run(never))]);
  assert.ok(!line.up);
  assert.deepEqual(health, [{ store: 'test', up: false, error: 'too late' }]);
  line.close();
});

test('while the store is gone no command is sent, and each fails at once', async () => {
  const { line, health } = make();
  assert.equal(await codeOf(line.run(lost)), 'ERR_BULWARK_STORE_DOWN');
  let sent = 0;
  for (let index = 0; index < 100; index += 1) {
    const code = await codeOf(line.run(() => Promise.resolve((sent += 1))));
    assert.equal(code, 'ERR_BULWARK_STORE_DOWN');
  }
  assert.equal(sent, 0);
  assert.deepEqual(health, [{ store: 'test', up: false, error: 'ECONNRESET' }]);
  line.close();
});

test('finds out by itself that the store is back, and says how long it was gone', async () => {
  const made = make();
  await codeOf(made.line.run(lost));
  await sleep(60);
  assert.ok(!made.line.up && made.probes > 0);
  made.alive = true;
  while (!made.line.up) await sleep(5);
  assert.equal(await made.line.run(() => Promise.resolve('back')), 'back');
  assert.equal(made.health.length, 2);
  assert.equal(made.health[1]?.up, true);
  assert.ok((made.health[1]?.goneMs ?? 0) >= 60);
  made.line.close();
});

test('what the store refuses is no outage, and tells nothing of a connection string', async () => {
  const { line } = make();
  const refused = line.run(() => Promise.reject(new Error('WRONGTYPE redis://:hunter2@host')));
  await assert.rejects(refused, (error) => {
    assert.ok(error instanceof BulwarkError && error.code === 'ERR_BULWARK_STORE');
    assert.ok(!error.message.includes('hunter2'));
    return true;
  });
  await assert.rejects(
    line.run(() => {
      throw new RangeError('at once');
    }),
    { code: 'ERR_BULWARK_STORE' },
  );
  assert.ok(line.up);
  line.close();
});

test('answers that came while this process was held up are not late', async () => {
  const { line } = make();
  // Due while we block, and answered by a socket that is read only after the timers.
  const answer = line.run(
    () =>
      new Promise((resolve) => {
        setTimeout(() => resolve('in time'), 1);
      }),
  );
  const until = performance.now() + 60;
  while (performance.now() < until);
  assert.equal(await answer, 'in time');
  line.close();
});

test('a closed line refuses, and keeps no process alive', async () => {
  const made = make();
  await codeOf(made.line.run(lost));
  made.line.close();
  const { probes } = made;
  await sleep(50);
  assert.equal(made.probes, probes);
  assert.equal(await codeOf(made.line.run(() => Promise.resolve(1))), 'ERR_BULWARK_STORE_DOWN');
});
