import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Pool } from 'pg';
import { runCommand } from '../../../test/support/command-run.ts';
import {
  eventSearchSuite,
  newChain,
  numbersOf,
  records,
  START,
} from '../../../test/support/event-search-suite.ts';
import { PostgresServer } from '../../../test/support/postgres.ts';
import { installRequirements } from '../../../tools/requirements.ts';
import { PostgresIndex } from './postgres-index.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-pg-index-'));
const WEEK_MS = 604_800_000;
const NOW = START + 10 * WEEK_MS;
const databases = new Map<string, Promise<string>>();
let starting: Promise<PostgresServer> | undefined;

async function theServer(): Promise<PostgresServer> {
  installRequirements();
  return await (starting ??= PostgresServer.start());
}

after(async () => {
  await (await starting)?.stop();
  rmSync(FOLDER, { recursive: true, force: true });
});

async function open(name: string): Promise<PostgresIndex> {
  const made = databases.get(name) ?? theServer().then(async (server) => await server.database());
  databases.set(name, made);
  return await PostgresIndex.open(new Pool({ connectionString: await made, max: 3 }), () => NOW);
}

eventSearchSuite(open);

/** Records of a chain, one in each week from the first. */
function weekly(count: number): string {
  const chain = newChain();
  const lines = [chain.open({ reason: 'start' })];
  for (let n = 0; n < count; n += 1) {
    const time = new Date(START + n * WEEK_MS).toISOString();
    lines.push(
      chain.link(JSON.stringify({ time, level: 'warn', event: 'e', account: 'ann', details: { n } })),
    );
  }
  return `${lines.join('\n')}\n`;
}

test('what is too old goes by whole weeks, and leaves its signed heads; what was there is not taken again', async () => {
  const index = await open('weeks');
  const file = join(FOLDER, 'weeks.jsonl');
  writeFileSync(file, weekly(8));
  assert.equal((await index.add([file])).added, 9);
  // The week of the third event began on a Monday before it, and is not over at that moment.
  assert.equal(await index.forget(START + 3 * WEEK_MS), 4);
  assert.deepEqual(await numbersOf(index, { account: 'ann' }, 2), [7, 6, 5, 4, 3]);
  const heads = await index.heads();
  assert.equal(heads.length, 1);
  assert.match(heads[0] ?? '', /"event":"sys_log_opened".*"signature":"/);
  assert.deepEqual(await index.add([file]), { added: 0, known: 9, others: 0 });
  await index.close();
});

test('a page goes by an index of each week, and sorts nothing', async () => {
  const index = await open('plans');
  const file = join(FOLDER, 'plans.jsonl');
  writeFileSync(file, weekly(4));
  await index.add([file]);
  await index.close();
  const pool = (await theServer()).pool(await (databases.get('plans') ?? ''));
  await pool.query('ANALYZE bulwark_audit.event');
  for (const where of ["account = 'ann'", "event = 'e'", 'true', "level = 'critical'"]) {
    const client = await pool.connect();
    // Of so few rows a look at all of them is cheapest, which says nothing of many.
    await client.query('SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off');
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN SELECT line FROM bulwark_audit.event WHERE ${where} ORDER BY time DESC, chain DESC, seq DESC LIMIT 100`,
    );
    client.release();
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    assert.match(plan, /Index (?:Only )?Scan Backward/, plan);
    assert.doesNotMatch(plan, /Sort|Seq Scan/, plan);
  }
});

test('a connection that ends while a file is read loses nothing: the next run reads on', async () => {
  const index = await open('cut');
  const file = join(FOLDER, 'cut.jsonl');
  writeFileSync(file, records(newChain(), 0, 6000));
  const pool = (await theServer()).pool(await (databases.get('cut') ?? ''));
  const running = index.add([file]).then(
    () => 'done',
    (error: { code?: string }) => error.code,
  );
  await pool.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
  assert.match(String(await running), /^(?:done|ERR_BULWARK_STORE_DOWN)$/);
  await index.add([file]);
  const found = await numbersOf(index, {}, 1000);
  assert.deepEqual([found.length, new Set(found).size], [6000, 6000]);
  await index.close();
});

test('the commands index and search there, by the address in DATABASE_URL, and cross no network in clear', async () => {
  const before = process.env['DATABASE_URL'];
  process.env['DATABASE_URL'] = await (await theServer()).database();
  try {
    const file = join(FOLDER, 'command.jsonl');
    writeFileSync(file, records(newChain(), 0, 30));
    const indexed = await runCommand(['audit', 'index', file, '--into', 'postgres:', '--json']);
    assert.equal((JSON.parse(indexed.out) as { added: number }).added, 30, indexed.err);
    const found = await runCommand([
      'audit',
      'search',
      '--index',
      'postgres:',
      '--account',
      'ann',
      '--limit',
      '4',
    ]);
    assert.equal(found.out.trim().split('\n').length, 4);
    assert.match(found.err, /--after \d+\.[\w-]{12}\.\d+/);
    const clear = await runCommand(['audit', 'search', '--index', 'postgres://db.example.com/audit']);
    assert.deepEqual([clear.code, /sslmode=verify-full/.test(clear.err)], [2, true]);
  } finally {
    if (before === undefined) delete process.env['DATABASE_URL'];
    else process.env['DATABASE_URL'] = before;
  }
});
