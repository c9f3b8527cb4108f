/** What only real processes can show: they start, count and die beside each other. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { PostgresServer } from '../../../test/support/postgres.ts';
import { NOW } from '../../testing/conformance/support.ts';
import { postgres } from './state.ts';

const deadlineMs = 60_000;

const PRELUDE = `
  import { writeSync } from 'node:fs';
  import pg from ${JSON.stringify(import.meta.resolve('pg'))};
  import { postgres } from ${JSON.stringify(import.meta.resolve('./state.ts'))};
  import { NOW, sketchSession } from ${JSON.stringify(import.meta.resolve('../../testing/conformance/support.ts'))};
  const pool = new pg.Pool({ connectionString: process.env.URL, max: 3 });
  const open = (schema) => postgres(pool, { schema, deadlineMs: ${deadlineMs} });
  const say = (text) => writeSync(1, text + '\\n');
`;

describe('processes on one PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  before(async () => {
    server = await PostgresServer.start();
    url = await server.database();
  });
  after(async () => server.stop());

  /** A child that runs a module, with the database in reach. */
  function child(source: string): ChildProcess {
    const args = ['--input-type=module', '--eval', PRELUDE + source];
    const env = { ...process.env, URL: url };
    return spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
  }

  /** Runs a piece of code in several children, at the same moment. Returns what each says at its end. */
  async function atOnce(count: number, source: string): Promise<(string | undefined)[]> {
    const gated = `say('ready'); process.stdin.once('data', async () => { ${source}; process.exit(); });`;
    const children = Array.from({ length: count }, () => child(gated));
    const spoken = children.map(linesOf);
    await Promise.all(children.map(async (one) => waitForLine(one)));
    for (const one of children) one.stdin?.write('go\n');
    return (await Promise.all(spoken)).map((lines) => lines[1]);
  }

  test('lets five of five a minute through, however many processes ask (past failure 6)', async () => {
    const passed = await atOnce(
      2,
      `const { counters } = await open('five');
       const answers = await Promise.all(
         Array.from({ length: 50 }, () => counters.take('k', { count: 5, windowMs: 60000 }, NOW)));
       say(answers.filter(({ allowed }) => allowed).length);`,
    );
    assert.equal(Number(passed[0]) + Number(passed[1]), 5);
  });

  test('processes that start at once on an empty database all start', async () => {
    const spoken = await atOnce(
      4,
      `for (let index = 0; index < 5; index += 1) {
         const state = await open('fresh' + index);
         await state.sessions.create(sketchSession('session ' + process.pid));
       }
       say('started');`,
    );
    assert.deepEqual(spoken, ['started', 'started', 'started', 'started']);
    for (let index = 0; index < 5; index += 1) {
      const state = await postgres(server.pool(url), { schema: `fresh${index}`, deadlineMs });
      assert.equal(await state.sessions.count(), 4);
      await state.close();
    }
  });

  test('a process killed in the middle of a migration leaves none of it, and holds nobody up', async () => {
    const migrating = child(`
      const slow = Object.assign(Object.create(pool), { connect: async () => {
        const client = await pool.connect();
        const query = client.query.bind(client);
        client.query = async (statement) => {
          const result = await query(statement);
          if (statement.text.includes('CREATE TABLE sessions')) { say('in the middle'); await new Promise(() => {}); }
          return result;
        };
        return client;
      } });
      setInterval(() => {}, 1000);
      await postgres(slow, { schema: 'half' });`);
    const closed = once(migrating, 'close');
    await waitForLine(migrating);
    const waiting = postgres(server.pool(url), { schema: 'half', deadlineMs });
    migrating.kill('SIGKILL');
    await closed;
    const state = await waiting;
    assert.equal(await state.sessions.count(), 0);
    assert.equal((await state.counters.take('k', { count: 5, windowMs: 60_000 }, NOW)).remaining, 4);
    await state.close();
  });
});

/** What a child says until it ends, line by line. */
async function linesOf(process: ChildProcess): Promise<string[]> {
  let text = '';
  process.stdout?.on('data', (chunk) => (text += String(chunk)));
  await once(process, 'close');
  return text.split('\n').filter((line) => line !== '');
}

/** Waits until a child has said something. */
async function waitForLine(process: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout?.once('data', () => resolve());
    process.once('exit', () => reject(new Error('it ended, and had nothing to say')));
  });
}
