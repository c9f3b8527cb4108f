/** What deploy/ says to Redis and PostgreSQL, said to real ones. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Redis as Ioredis } from 'ioredis';
import { createClient } from 'redis';
import { counterConformance } from '../../src/testing/conformance/counters.ts';
import { raceConformance } from '../../src/testing/conformance/races.ts';
import { sketchSession } from '../../src/testing/conformance/support.ts';
import { tokenConformance } from '../../src/testing/conformance/tokens.ts';
import type { State } from '../../src/stores/ports/state.ts';
import { redis } from '../../src/stores/redis/state.ts';
import { startMailServer } from '../support/mail-server.ts';
import { freePort } from '../support/processes.ts';
import { ask, type RawAnswer, sessionCookieOf } from '../../src/testing/wire.ts';
import { readCompose, serviceOf } from './compose.ts';
import { launch, listens, temporaryFolder } from './processes.ts';
import {
  type Answer,
  askPostgres,
  makeSecrets,
  postgresProgram,
  run,
  startPostgres,
  startRedis,
  type Store,
} from './stores.ts';
import { until } from '../support/until.ts';

const MAIN = join(import.meta.dirname, '../../examples/strongroom/main.ts');
const compose = readCompose();
const folder = temporaryFolder();
const secrets = join(folder.path, 'secrets');

function secret(name: string): string {
  return readFileSync(join(secrets, name), 'utf8').trim();
}

let redisStore: Store;
let postgres: Store;
before(async () => {
  chmodSync(folder.path, 0o755);
  const { status, said } = makeSecrets(secrets);
  assert.equal(status, 0, said);
  redisStore = await startRedis(folder.path, secrets);
  postgres = await startPostgres(folder.path, secrets);
});
after(async () => {
  await redisStore.stop();
  await postgres.stop();
  folder.remove();
});

test('v5.0.0-11.5.1 (in part) v5.0.0-13.2.3 every secret is made, at random, for one user alone, and none is made twice', () => {
  const names = readdirSync(secrets).toSorted();
  assert.deepEqual(names, Object.keys(compose.secrets).toSorted());
  for (const name of names) {
    const { mode, uid } = statSync(join(secrets, name));
    assert.equal(mode & 0o777, 0o400, name);
    const service = Object.values(compose.services).find((one) => one.secrets?.includes(name));
    if (process.getuid?.() === 0) assert.equal(`${uid}:${uid}`, service?.user, name);
  }
  assert.equal(statSync(secrets).mode & 0o777, 0o700);
  assert.ok(Buffer.from(secret('bulwark_secret'), 'base64').length >= 32);
  const passwords = ['postgres_password', 'database_password'].map(secret);
  assert.ok(passwords.every((password) => /^[0-9a-f]{64}$/.test(password)));
  assert.equal(new Set(passwords).size, 2);

  const before = names.map(secret);
  const again = makeSecrets(secrets);
  assert.equal(again.status, 1);
  assert.match(again.said, /nothing was changed/);
  assert.deepEqual(names.map(secret), before);
});

test('where a secret cannot be made, none is', () => {
  const stubs = join(folder.path, 'broken');
  mkdirSync(stubs);
  writeFileSync(join(stubs, 'openssl'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  assert.notEqual(makeSecrets(join(folder.path, 'none'), stubs).status, 0);
  assert.ok(globSync('none*', { cwd: folder.path }).every((path) => path.endsWith('.stubs')));
});

function askRedis(...args: readonly string[]): Answer {
  return run('redis-cli', ['-p', String(redisStore.port), ...args]);
}

function asStrongroom(): readonly string[] {
  const password = /:([0-9a-f]{64})@/.exec(secret('redis_url'))?.[1] ?? '';
  return ['-e', '--no-auth-warning', '--user', 'strongroom', '--pass', password];
}

test('v5.0.0-13.2.1 (in part) Redis answers nobody without a password, and Strongroom only about what is its own', () => {
  assert.match(askRedis('-e', 'PING').said, /NOAUTH/);
  assert.equal(askRedis(...asStrongroom(), 'SET', 'strongroom:x', '1').said, 'OK');
  const refused = [
    ['GET', 'elsewhere'],
    ['CONFIG', 'GET', '*'],
    ['FLUSHALL'],
    ['KEYS', '*'],
    ['ACL', 'LIST'],
    ['MODULE', 'LIST'],
    ['REPLICAOF', '192.0.2.1', '6379'],
    ['PUBLISH', 'somewhere', 'x'],
  ];
  for (const command of refused)
    assert.match(askRedis(...asStrongroom(), ...command).said, /NOPERM/, command.join(' '));
});

test('the health check of Redis can say hello and nothing else, and tells when nobody answers', () => {
  const [, program, ...args] = serviceOf(compose, 'redis').healthcheck?.test ?? [];
  assert.equal(program, 'redis-cli');
  assert.deepEqual(askRedis(...args), { status: 0, said: 'PONG' });
  assert.match(askRedis(...args.slice(0, -1), 'GET', 'strongroom:x').said, /NOPERM/);
  assert.notEqual(run('redis-cli', ['-p', '1', ...args]).status, 0);
});

/** A state as the user that deploy/ makes for Strongroom, by either driver. */
async function openRedis(driver: 'redis' | 'ioredis', prefix: string): Promise<State> {
  const url = secret('redis_url').replace('@redis:6379', `@127.0.0.1:${redisStore.port}`);
  const client = driver === 'redis' ? createClient({ url }) : new Ioredis(url, { lazyConnect: true });
  await client.connect();
  const end = (): void => (client instanceof Ioredis ? client.disconnect() : client.destroy());
  const state = await redis(client, { prefix, deadlineMs: 15_000 }).catch((error: unknown) => {
    end();
    throw error;
  });
  return {
    ...state,
    close: async () => {
      await state.close();
      end();
    },
  };
}

// What Bulwark does to Redis, by those rights: between them these send every command and script of the store.
let opened = 0;
const open = (): Promise<State> => {
  opened += 1;
  return openRedis('redis', `strongroom:${opened}:`);
};
raceConformance(open);
tokenConformance(open, { forgets: true });
counterConformance(open, { forgets: true });

for (const driver of ['redis', 'ioredis'] as const) {
  test(`by those rights, ${driver} hears of a session that another process ends`, async () => {
    const [one, other] = [await openRedis(driver, 'strongroom:'), await openRedis(driver, 'strongroom:')];
    try {
      const now = Date.now();
      const times = { createdAt: now, signedInAt: now, seenAt: now, expiresAt: now + 3_600_000 };
      await one.sessions.create(sketchSession(driver, times));
      assert.ok((await one.sessions.find(driver, now)) !== undefined);
      assert.deepEqual(
        (await one.sessions.list('ann', now)).map(({ idHash }) => idHash),
        [driver],
      );
      assert.equal(await other.sessions.revokeAccount('ann'), 1);
      await until('it is gone', async () => (await one.sessions.find(driver, now)) === undefined);
    } finally {
      await Promise.all([one.close(), other.close()]);
    }
  });
}

test('v5.0.0-13.2.2 PostgreSQL: Strongroom owns its database, by its password, and is nobody anywhere else', () => {
  const root = secret('postgres_password');
  const own = secret('database_password');
  assert.ok(secret('database_url').includes(`strongroom:${own}@postgres:5432/strongroom`));
  const sql = (statement: string, database = 'strongroom'): string =>
    askPostgres(postgres, ['strongroom', own, database], '-c', statement).said;
  assert.equal(sql('CREATE TABLE notes (id int); SELECT 1'), 'CREATE TABLE\n1');
  const rights = 'rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls';
  assert.equal(sql(`SELECT ${rights} FROM pg_roles WHERE rolname = current_user`), 'f|f|f|f|f');
  assert.match(sql("COPY notes FROM PROGRAM 'id'"), /must be superuser/);
  assert.match(sql('SELECT 1', 'postgres'), /permission denied/);
  assert.match(sql('SELECT 1', 'template1'), /permission denied/);
  const guess = askPostgres(postgres, ['strongroom', 'wrong', 'strongroom'], '-c', 'SELECT 1');
  assert.match(guess.said, /password authentication failed/);
  const stored = askPostgres(
    postgres,
    ['postgres', root, 'postgres'],
    '-c',
    'SELECT rolpassword FROM pg_authid',
  );
  assert.match(stored.said, /SCRAM-SHA-256/);
});

test('the health check of PostgreSQL tells whether it answers', () => {
  const [, program = '', ...args] = serviceOf(compose, 'postgres').healthcheck?.test ?? [];
  const check = (port: number): number | null =>
    run(postgresProgram(program), [...args, '-p', String(port)]).status;
  assert.equal(check(postgres.port), 0);
  assert.notEqual(check(1), 0);
});

test('Strongroom runs on both by those rights and secrets, and keeps nothing in files', async () => {
  const port = await freePort();
  const mail = await startMailServer();
  const files = join(folder.path, 'mounted');
  mkdirSync(files);
  const mounted = (name: string, from: string, to: number): string => {
    writeFileSync(join(files, name), secret(name).replace(from, `@127.0.0.1:${to}`), { mode: 0o400 });
    return join(files, name);
  };
  const program = launch(process.execPath, ['--conditions=bulwark-source', MAIN], {
    env: {
      NODE_ENV: 'production',
      PORT: String(port),
      STRONGROOM_ORIGIN: 'https://files.example.com',
      STRONGROOM_TRUSTED_PROXIES: '127.0.0.1',
      STRONGROOM_DATA: join(folder.path, 'no-data'),
      SMTP_URL: mail.url,
      BULWARK_SECRET_FILE: join(secrets, 'bulwark_secret'),
      DATABASE_URL_FILE: mounted('database_url', '@postgres:5432', postgres.port),
      REDIS_URL_FILE: mounted('redis_url', '@redis:6379', redisStore.port),
    },
  });
  try {
    await listens(program, port);
    const post = (target: string, body: string): Promise<RawAnswer> =>
      ask(port, {
        method: 'POST',
        target,
        headers: {
          host: 'files.example.com',
          'sec-fetch-site': 'same-origin',
          'content-type': 'application/x-www-form-urlencoded',
        },
        body,
      });
    assert.equal((await post('/register', 'email=anna%40example.com')).status, 303);
    const token = (await mail.link('anna@example.com')).split('token=')[1];
    const choice = `token=${token}&password=four+quiet+words+in+a+row`;
    const cookie = sessionCookieOf(await post('/register/confirm', choice)) ?? '';
    const notes = await ask(port, { target: '/notes', headers: { host: 'files.example.com', cookie } });
    assert.equal(notes.status, 200, program.said());
    const sessions = askRedis(...asStrongroom(), 'SCAN', '0', 'MATCH', 'strongroom:s:*', 'COUNT', '100000');
    assert.match(sessions.said, /strongroom:s:/);
  } finally {
    assert.equal(await program.stop(), 0, program.said());
    await mail.stop();
  }
  assert.ok(!existsSync(join(folder.path, 'no-data')));
  assert.doesNotMatch(program.said(), /warning/i);
});
