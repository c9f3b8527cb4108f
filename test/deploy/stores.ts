/** The real Redis and PostgreSQL with what deploy/ says to them: options, rights and secrets. Only places are the test's own. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { POSTGRES_FOLDERS } from '../../tools/requirements.ts';
import { freePort } from '../support/processes.ts';
import { DEPLOY, readCompose, serviceOf } from './compose.ts';
import { launch, listens } from './processes.ts';

const compose = readCompose();

/** What a program answered. */
export interface Answer {
  readonly status: number | null;
  readonly said: string;
}

/** A store that runs. */
export interface Store {
  readonly port: number;
  readonly stop: () => Promise<unknown>;
}

/** Runs deploy/make-secrets.sh, with folders of programs that are to be found first. */
export function makeSecrets(directory: string, ...first: readonly string[]): Answer {
  const stubs = process.getuid?.() === 0 ? [] : [stubsOfRoot(`${directory}.stubs`)];
  const PATH = [...first, ...stubs, process.env['PATH']].join(delimiter);
  const env = { PATH, SMTP_URL: 'smtps://strongroom:secret@mail.example.com:465' };
  return run(join(DEPLOY, 'make-secrets.sh'), [directory], env);
}

/** Programs that take this user for root, where it is not: giving files away needs one. */
function stubsOfRoot(folder: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'id'), '#!/bin/sh\necho 0\n', { mode: 0o755 });
  writeFileSync(join(folder, 'chown'), '#!/bin/sh\n', { mode: 0o755 });
  return folder;
}

/** Starts Redis as compose.yaml does. */
export async function startRedis(folder: string, secrets: string): Promise<Store> {
  const port = await freePort();
  const data = join(folder, 'redis');
  mkdirSync(data);
  const places: Record<string, string> = {
    '/data': data,
    '/run/secrets/redis_acl': join(secrets, 'redis_acl'),
  };
  const args = (serviceOf(compose, 'redis').command ?? []).map((word) => places[word] ?? word);
  const server = launch('redis-server', [...args, '--port', String(port), '--bind', '127.0.0.1']);
  await listens(server, port);
  return { port, stop: () => server.stop() };
}

/** Makes a cluster as compose.yaml does, and starts it with deploy/postgres-init.sql in it. */
export async function startPostgres(folder: string, secrets: string): Promise<Store> {
  const port = await freePort();
  const cluster = join(folder, 'postgres');
  mkdirSync(cluster);
  // It refuses to be root.
  const owner = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  if (owner.uid !== undefined) chownSync(cluster, owner.uid, owner.gid);
  const password = readFileSync(join(secrets, 'postgres_password'), 'utf8').trim();
  writeFileSync(join(cluster, 'password'), password, { mode: 0o444 });
  const { POSTGRES_INITDB_ARGS = '' } = serviceOf(compose, 'postgres').environment ?? {};
  // The socket here is another user's: by password as well.
  const options = POSTGRES_INITDB_ARGS.replace('--auth-local=peer', '--auth-local=scram-sha-256').split(' ');
  const data = join(cluster, 'data');
  const init = [
    '--username=postgres',
    `--pwfile=${join(cluster, 'password')}`,
    '--no-sync',
    '-D',
    data,
    ...options,
  ];
  execFileSync(postgresProgram('initdb'), init, { ...owner, cwd: cluster, stdio: 'pipe' });
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${cluster}`,
    'fsync=off',
  ];
  const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
  const server = launch(postgresProgram('postgres'), args, { ...owner, cwd: cluster });
  const store = { port, stop: () => server.stop('SIGINT') };
  try {
    await listens(server, port);
    const script = join(cluster, 'init.sql');
    const shipped = readFileSync(join(DEPLOY, 'postgres-init.sql'), 'utf8');
    writeFileSync(script, shipped.replace('/run/secrets', secrets));
    const { status, said } = askPostgres(store, ['postgres', password, 'postgres'], '--file', script);
    if (status !== 0) throw new Error(`deploy/postgres-init.sql failed: ${said}`);
    return store;
  } catch (error) {
    await store.stop();
    throw error;
  }
}

/** Asks PostgreSQL by psql, as a user with a password in a database. */
export function askPostgres(
  { port }: Store,
  [user, password, database]: readonly [user: string, password: string, database: string],
  ...args: readonly string[]
): Answer {
  const to = ['-h', '127.0.0.1', '-p', String(port), '-U', user, '-d', database, '--no-psqlrc', '-At'];
  return run(postgresProgram('psql'), [...to, ...args], { PATH: process.env['PATH'], PGPASSWORD: password });
}

/** Runs a program to its end. */
export function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Answer {
  const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8' });
  return { status, said: (stdout + stderr).trim() };
}

/** Where a program of PostgreSQL is: on the path, or where Debian keeps it. */
export function postgresProgram(name: string): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...globSync(POSTGRES_FOLDERS).toSorted()];
  const found = folders.map((one) => join(one, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} of PostgreSQL is missing: see tools/requirements.ts`);
  return found;
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
}
