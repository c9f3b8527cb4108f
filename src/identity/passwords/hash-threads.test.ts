import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { type Argon2Engine, type Argon2Request, fastestEngine } from './argon2.ts';
import { answerJob, packJob } from './hash-job.ts';
import { inThreads, NICER_BY, type ThreadedEngine } from './hash-threads.ts';

const ENGINE = fastestEngine();
const ELSEWHERE = process.platform === 'linux' ? false : 'threads are lowered on Linux alone';
const REQUEST: Argon2Request = {
  variant: 'argon2id',
  version: 19,
  message: Buffer.from('correct horse'),
  salt: Buffer.alloc(16, 9),
  secret: undefined,
  tagLength: 32,
  memory: 64,
  passes: 1,
  parallelism: 1,
};
const EXPECTED = ENGINE.deriveHere(REQUEST).toString('hex');

const started: Worker[] = [];
after(() => Promise.all(started.map((worker) => worker.terminate())));

/** The engine as a pool that counts what it is asked. */
function pool(): Argon2Engine & { readonly asked: () => number } {
  let count = 0;
  return {
    ...ENGINE,
    derive: (request) => {
      count += 1;
      return ENGINE.derive(request);
    },
    asked: () => count,
  };
}

/** A thread that says it is ready, and then does as it is told here with what it is asked. */
function acting(onAsked: string, engine: string = ENGINE.name): () => Worker {
  return () => {
    const code = `const { parentPort } = require('node:worker_threads');
      parentPort.on('message', () => { ${onAsked} });
      parentPort.postMessage({ engine: ${JSON.stringify(engine)} });`;
    const worker = new Worker(code, { eval: true });
    started.push(worker);
    return worker;
  };
}

/** Hashes until one was made by a thread. */
async function untilReady(threaded: ThreadedEngine, inPool: { readonly asked: () => number }): Promise<void> {
  for (let before = -1; before !== inPool.asked();) {
    before = inPool.asked();
    await threaded.derive(REQUEST);
  }
}

async function tagOf(threaded: ThreadedEngine): Promise<string> {
  return (await threaded.derive(REQUEST)).toString('hex');
}

test('a thread makes the hash that the pool makes, whatever goes into it', { skip: ELSEWHERE }, async () => {
  const inPool = pool();
  const threaded = inThreads(inPool, { most: 1 });
  assert.equal(threaded.threads, 0);
  assert.equal(await tagOf(threaded), EXPECTED);
  await untilReady(threaded, inPool);
  const before = inPool.asked();
  for (const change of [
    {},
    { variant: 'argon2d' },
    { secret: Buffer.alloc(32, 3) },
    { message: Buffer.alloc(0) },
    { message: Buffer.alloc(5000, 0xff) },
    { salt: Buffer.alloc(64, 1), secret: Buffer.alloc(32, 4), tagLength: 64 },
  ] as const satisfies Partial<Argon2Request>[]) {
    const request: Argon2Request = { ...REQUEST, ...change };
    assert.equal(
      (await threaded.derive(request)).toString('hex'),
      ENGINE.deriveHere(request).toString('hex'),
      JSON.stringify(change),
    );
  }
  // An error is told, and the thread goes on.
  await assert.rejects(threaded.derive({ ...REQUEST, tagLength: 1 }));
  assert.equal(await tagOf(threaded), EXPECTED);
  assert.deepEqual([inPool.asked(), threaded.threads], [before, 1]);
});

test('a thread lowers its own priority and no other', { skip: ELSEWHERE }, async () => {
  const inPool = pool();
  const before = nicenesses();
  const threaded = inThreads(inPool, { most: 1 });
  await untilReady(threaded, inPool);
  const now = nicenesses();
  const lower = [...now].filter(([id, niceness]) => !before.has(id) && niceness === getPriority() + NICER_BY);
  assert.equal(lower.length, 1);
  for (const [id, niceness] of before) if (now.has(id)) assert.equal(now.get(id), niceness);
});

/** Of all threads of this process, by their numbers. */
function nicenesses(): Map<string, number> {
  return new Map(
    readdirSync('/proc/self/task').flatMap((id) => {
      const [, rest = ''] = readFileSync(`/proc/self/task/${id}/stat`, 'utf8').split(') ');
      return rest === '' ? [] : [[id, Number(rest.split(' ')[16])]];
    }),
  );
}

test('never more threads than hashes meet, nor than its bound', { skip: ELSEWHERE }, async () => {
  const inPool = pool();
  const threaded = inThreads(inPool, { most: 2 });
  await untilReady(threaded, inPool);
  assert.equal(threaded.threads, 1);
  // Until a round needs nothing of the pool: all threads that there will be are there.
  for (let before = -1; before !== inPool.asked();) {
    before = inPool.asked();
    const tags = await Promise.all(Array.from({ length: 6 }, () => tagOf(threaded)));
    assert.deepEqual(new Set(tags), new Set([EXPECTED]));
  }
  assert.equal(threaded.threads, 2);
});

test('what is sent to a thread is the bytes of the request, and the thread wipes them', () => {
  const secret = Buffer.from('the pepper of this house');
  // Small ones lie in one piece of memory, which would be sent with all that is in it.
  const neighbour = Buffer.from('what somebody else has there');
  const { message, salt } = { message: Buffer.from('a password'), salt: Buffer.from('sixteen of salt.') };
  assert.equal(neighbour.buffer, message.buffer);
  for (const engine of [ENGINE, { ...ENGINE, deriveHere: failing }]) {
    const job = packJob({ ...REQUEST, message, salt, secret });
    assert.equal(
      Buffer.from(job.bytes.buffer).toString(),
      'a passwordsixteen of salt.the pepper of this house',
    );
    const done = answerJob(engine, job);
    assert.equal('tag' in done, engine === ENGINE);
    assert.ok(job.bytes.every((byte) => byte === 0));
  }
  assert.equal(message.toString(), 'a password');
});

function failing(): Buffer {
  throw new Error('no memory');
}

test(
  'a thread that ends fails its hash, and the next starts another, three times',
  { skip: ELSEWHERE },
  async () => {
    const inPool = pool();
    let starts = 0;
    const crashing = acting('process.exit(1)');
    const start = (): Worker => {
      starts += 1;
      return crashing();
    };
    const threaded = inThreads(inPool, { most: 1, start });
    for (let crash = 1; crash <= 3; crash += 1) {
      await assert.rejects(untilReady(threaded, inPool), /has ended/);
      assert.deepEqual([threaded.threads, starts], [0, crash]);
    }
    const before = inPool.asked();
    assert.equal(await tagOf(threaded), EXPECTED);
    assert.deepEqual([inPool.asked(), starts], [before + 1, 3]);
  },
);

test('what waits for a thread that ends is made in the pool', { skip: ELSEWHERE }, async () => {
  const inPool = pool();
  const threaded = inThreads(inPool, { most: 1, start: acting('setTimeout(() => process.exit(1), 1)') });
  await threaded.derive(REQUEST);
  const [worker] = started.slice(-1);
  assert.ok(worker !== undefined);
  await once(worker, 'message');
  const tags = await Promise.allSettled([tagOf(threaded), tagOf(threaded), tagOf(threaded)]);
  assert.deepEqual(
    tags.map((tag) => (tag.status === 'fulfilled' ? tag.value : 'failed')),
    ['failed', EXPECTED, EXPECTED],
  );
});

test(
  'where no thread can start, all is made in the pool, and none is tried again',
  { skip: ELSEWHERE },
  async () => {
    const cases: readonly [string, () => Worker][] = [
      ['no leave', () => assert.fail('ERR_ACCESS_DENIED')],
      ['no file', () => new Worker(new URL('./lost.worker.js', import.meta.url))],
      ['another library', acting('', 'another')],
    ];
    for (const [name, open] of cases) {
      const inPool = pool();
      let starts = 0;
      const start = (): Worker => {
        starts += 1;
        return open();
      };
      const threaded = inThreads(inPool, { most: 2, start });
      assert.equal(await tagOf(threaded), EXPECTED, name);
      while (threaded.threads > 0) await tagOf(threaded);
      const before = inPool.asked();
      assert.equal(await tagOf(threaded), EXPECTED, name);
      assert.deepEqual([inPool.asked(), starts], [before + 1, 1], name);
    }
  },
);

test(
  'a hash after one that took too long is made in the pool, with the priority of all else',
  { skip: ELSEWHERE },
  async () => {
    const inPool = pool();
    const threaded = inThreads(inPool, { most: 1, lateMs: 0 });
    await untilReady(threaded, inPool);
    const before = inPool.asked();
    for (let hash = 0; hash < 4; hash += 1) await threaded.derive(REQUEST);
    assert.equal(inPool.asked(), before + 2);
  },
);

test('while a thread gets no time at all, others do not wait for it', { skip: ELSEWHERE }, async () => {
  const inPool = pool();
  const start = acting('');
  const threaded = inThreads(inPool, { most: 1, lateMs: 0, start });
  await threaded.derive(REQUEST);
  const [worker] = started.slice(-1);
  assert.ok(worker !== undefined);
  await once(worker, 'message');
  const stuck = threaded.derive(REQUEST);
  await new Promise(setImmediate);
  assert.equal(await tagOf(threaded), EXPECTED);
  await worker.terminate();
  await assert.rejects(stuck, /has ended/);
});

test('a process with a thread that has nothing to do ends, and one that may start none hashes', () => {
  const code = `
    const { Passwords } = await import(${JSON.stringify(new URL('./passwords.ts', import.meta.url).href)});
    const passwords = Passwords.of({});
    for (let hash = 0; hash < 3; hash += 1) console.log((await passwords.hash('correct horse battery')).slice(0, 9));`;
  for (const options of [[], ['--permission', '--allow-fs-read=*', '--allow-addons']]) {
    const args = [
      '--no-warnings',
      '--conditions=bulwark-source',
      ...options,
      '--input-type=module',
      '-e',
      code,
    ];
    const output = execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 });
    assert.equal(output, '$argon2id\n'.repeat(3), options.join(' '));
  }
});
