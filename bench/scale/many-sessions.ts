/**
 * What ten million sessions cost in SQLite and in Redis, beside a thousand in the same run: the time of a look-up, what they take on
 * disk or in memory, and the time of a sweep. A minute or two for each million and store, and 12 GB for Redis; no part of CI.
 *
 * Beside the time stands what this process had of the processor and of the disk. On a busy machine only they tell what a store takes:
 * a turn of the few is over within one slice of the scheduler, and one of the many waits for the slices of others.
 *
 *     node --conditions=bulwark-source bench/scale/many-sessions.ts sqlite|redis [10000000]
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { redis } from '../../src/stores/redis/state.ts';
import { SQLITE_STEPS } from '../../src/stores/sql/migrations.ts';
import { openDatabase } from '../../src/stores/sqlite/open.ts';
import { SqliteSessions } from '../../src/stores/sqlite/sessions.ts';
import { startRedis } from '../checks/redis-server.ts';
import { median } from '../report/summary.ts';
import { idHashOf, recordOf } from './sessions.ts';

const FEW = 1000;
const TURNS = 60;
const A_TURN = 300;
const WARM = 10;
const HOUR_MS = 3_600_000;
/** By then all of them are over. */
const LATER_MS = 24 * HOUR_MS;
const BATCH = 500_000;
const EVAL_BATCH = 20_000;
/** Of a hundred sessions each. */
const SWEEPS = 10;

/** A session as the first, and the index of its account. */
const COPY = `
for id in string.gmatch(ARGV[4], '%S+') do
  redis.call('COPY', KEYS[1], ARGV[1] .. 's:{' .. id .. '}')
  local account = ARGV[1] .. 'a:{' .. string.reverse(id) .. '}'
  redis.call('ZADD', account, ARGV[2], id)
  redis.call('PEXPIRE', account, ARGV[3])
end`;

const [, , kind, countText = '10000000'] = process.argv;
const many = Number(countText);
say(`load before: ${loadavg()[0]?.toFixed(1)}`);
if (kind === 'sqlite') await inSqlite();
else if (kind === 'redis') await inRedis();
else throw new Error('many-sessions.ts sqlite|redis [count]');
say(`load after: ${loadavg()[0]?.toFixed(1)}`);

async function inSqlite(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-many-'));
  try {
    const stores = [FEW, many].map((count) => {
      const file = join(folder, `${count}.db`);
      const db = openDatabase(file, SQLITE_STEPS);
      const started = performance.now();
      fillSqlite(db, count);
      say(`${count}: made in ${seconds(started)} s, ${bytesEach(statSync(file).size, count)}`);
      return { count, store: new SqliteSessions(db) };
    });
    await lookUps(
      stores.map(({ count, store }) => [count, (id) => store.use(id, Date.now(), HOUR_MS)] as const),
    );
    for (const { count, store } of stores) {
      const nothing = timed(() => store.sweep(Date.now()));
      const found = Array.from({ length: SWEEPS }, () => timed(() => store.sweep(Date.now() + LATER_MS)));
      const times = found.map(({ ms }) => ms);
      const rows = found.reduce((sum, { result }) => sum + result, 0);
      say(
        `${count}: a sweep that finds nothing ${nothing.ms.toFixed(1)} ms; ${rows} sessions by ${SWEEPS} sweeps, the median ${median(times).toFixed(1)} ms, the longest ${Math.max(...times).toFixed(1)} ms`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** By the store's own method, with more memory for pages than an application has: otherwise it takes hours. */
function fillSqlite(db: ReturnType<typeof openDatabase>, count: number): void {
  const store = new SqliteSessions(db);
  const now = Date.now();
  db.exec('PRAGMA cache_size = -4000000; PRAGMA synchronous = OFF');
  for (let from = 0; from < count; from += BATCH) {
    db.exec('BEGIN');
    for (let number = from; number < Math.min(count, from + BATCH); number += 1)
      store.create(recordOf(number, now));
    db.exec('COMMIT');
  }
  // NORMAL before the checkpoint: or the first sweep would wait until the disk has all of the filling.
  db.exec('PRAGMA synchronous = NORMAL; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA cache_size = -2000');
}

async function inRedis(): Promise<void> {
  const server = await startRedis();
  const client = await connected(server.url);
  try {
    const stores = [];
    for (const count of [FEW, many]) {
      const prefix = `of-${count}:`;
      const state = await redis(client, { prefix, nearSessions: 0, deadlineMs: 10_000 });
      const before = await usedMemory(client);
      const started = performance.now();
      await fillRedis(state.sessions.create.bind(state.sessions), client, prefix, count);
      const bytes = (await usedMemory(client)) - before;
      say(`${count}: made in ${seconds(started)} s, ${bytesEach(bytes, count)}`);
      stores.push([count, (id: string) => state.sessions.use(id, Date.now(), HOUR_MS)] as const);
    }
    await lookUps(stores);
    say('no sweep: Redis forgets by itself what is over');
  } finally {
    client.destroy();
    await server.stop();
  }
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the client has a type of its own
function connected(url: string) {
  return createClient({ url }).connect();
}

type Client = Awaited<ReturnType<typeof connected>>;

/** One by the store, and the others as copies of it, within Redis: a session of an account of its own each. */
async function fillRedis(
  create: (record: ReturnType<typeof recordOf>) => unknown,
  client: Client,
  prefix: string,
  count: number,
): Promise<void> {
  const first = recordOf(0, Date.now());
  await create(first);
  const session = `${prefix}s:{${first.idHash}}`;
  if ((await client.exists(session)) !== 1) throw new Error(`no ${session}`);
  for (let from = 1; from < count; from += EVAL_BATCH) {
    const ids = Array.from({ length: Math.min(EVAL_BATCH, count - from) }, (_, at) => idHashOf(from + at));
    await client.eval(COPY, {
      keys: [session],
      arguments: [prefix, String(first.expiresAt), String(LATER_MS), ids.join(' ')],
    });
  }
}

async function usedMemory(client: Client): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1]);
}

/** In short turns, so that what else the machine does meets both. */
async function lookUps(
  stores: readonly (readonly [count: number, use: (idHash: string) => unknown])[],
): Promise<void> {
  const turns = stores.map(() => [] as number[]);
  const cpu = stores.map(() => [] as number[]);
  const disk = stores.map(() => 0);
  for (let turn = 0; turn < WARM + TURNS; turn += 1) {
    for (const [at, [count, use]] of stores.entries()) {
      const ids = Array.from({ length: A_TURN }, () => idHashOf(Math.floor(Math.random() * count)));
      const before = process.resourceUsage();
      const started = performance.now();
      for (const id of ids) {
        const found = use(id);
        if (typeof (found instanceof Promise ? await found : found) !== 'object')
          throw new Error('a session is gone');
      }
      if (turn < WARM) continue;
      turns[at]?.push(((performance.now() - started) * 1000) / A_TURN);
      const after = process.resourceUsage();
      const used = after.userCPUTime - before.userCPUTime + after.systemCPUTime - before.systemCPUTime;
      cpu[at]?.push(used / A_TURN);
      disk[at] = (disk[at] ?? 0) + (after.fsRead - before.fsRead) / (A_TURN * TURNS);
    }
  }
  tell('', turns);
  tell(' of CPU of this process', cpu);
  say(`blocks read from the disk for each: ${disk.map((blocks) => blocks.toFixed(2)).join(', ')}`);
}

function tell(what: string, turns: readonly (readonly number[])[]): void {
  const [few = 0, most = 0] = turns.map(median);
  const ratio = median((turns[1] ?? []).map((us, turn) => us / (turns[0]?.[turn] ?? us)));
  say(
    `a look-up: ${few.toFixed(1)} us${what} of ${FEW}, ${most.toFixed(1)} us of ${many}; the median ratio of ${TURNS} turns: ${ratio.toFixed(2)}`,
  );
}

function timed<T>(work: () => T): { readonly ms: number; readonly result: T } {
  const started = performance.now();
  const result = work();
  return { ms: performance.now() - started, result };
}

function seconds(started: number): string {
  return ((performance.now() - started) / 1000).toFixed(0);
}

function bytesEach(bytes: number, count: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB, ${(bytes / count).toFixed(0)} bytes each`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
