/** A PostgreSQL server of a test's own: in an empty directory, on a free port of this machine, stopped by its process id. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client, Pool, type PoolConfig } from 'pg';
import { POSTGRES_FOLDERS } from '../../tools/requirements.ts';
import { freePort } from './processes.ts';

/** In the URL of every test server, so that a test can look for it where it must not be. */
export const PASSWORD = 'hunter2hunter2';
const READY_MS = 30_000;

interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** A server. `start` and `kill` may follow each other as often as a test likes. */
export class PostgresServer {
  readonly #folder: string;
  readonly #owner: Identity | undefined;
  readonly #settings: readonly string[];
  readonly #pools: Pool[] = [];
  #port = 0;
  #process: ChildProcess | undefined;
  #databases = 0;

  private constructor(folder: string, owner: Identity | undefined, settings: readonly string[]) {
    this.#folder = folder;
    this.#owner = owner;
    this.#settings = settings;
  }

  /** Makes a server and starts it. `durable`: it waits for the disk, and so loses nothing when it is killed. */
  static async start({ durable = false }: { durable?: boolean } = {}): Promise<PostgresServer> {
    const owner = ownerOfServers();
    template ??= makeTemplate(owner);
    const folder = makeFolder(owner);
    execFileSync('cp', ['-a', template, join(folder, 'data')]);
    const fast = ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off'];
    const server = new PostgresServer(folder, owner, durable ? [] : fast);
    server.#port = await freePort();
    try {
      await server.run();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** The process id of the server; its connections have one each. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** A database of its own, and where it is. */
  async database(): Promise<string> {
    this.#databases += 1;
    const name = `test${this.#databases}`;
    const client = new Client({ connectionString: this.url('postgres') });
    await client.connect();
    await client.query(`CREATE DATABASE ${name}`);
    await client.end();
    return this.url(name);
  }

  url(database: string): string {
    return `postgres://tester:${PASSWORD}@127.0.0.1:${this.#port}/${database}`;
  }

  /** A pool on a database, ended with the server. */
  pool(connectionString: string, config: PoolConfig = {}): Pool {
    const pool = new Pool({ connectionString, connectionTimeoutMillis: 2000, ...config });
    this.#pools.push(pool);
    return pool;
  }

  /** Starts the server where it is not running, and waits until it answers. */
  async run(): Promise<void> {
    const settings = [
      `port=${this.#port}`,
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${this.#folder}`,
      'shared_buffers=32MB',
      'max_connections=60',
      ...this.#settings,
    ];
    const deadline = Date.now() + READY_MS;
    for (;;) {
      this.#process ??= this.#spawn(settings);
      if (await this.#answers()) return;
      if (Date.now() > deadline) throw new Error(`PostgreSQL did not start:\n${this.#log()}`);
      await wait(10);
      // It ends by itself where what was killed is not quite gone.
      if (this.#process.exitCode !== null) this.#process = undefined;
    }
  }

  /** Ends the server and everything of it at once, as a power cut does. */
  async kill(): Promise<void> {
    const server = this.#process;
    if (server === undefined) return;
    this.#process = undefined;
    const exited = once(server, 'exit');
    const pids = this.#family(server.pid ?? 0);
    for (const pid of pids) signal(pid, 'SIGKILL');
    await exited;
    while (pids.some(isRunning)) await wait(5);
  }

  /** Stops every process of the server where it stands: it neither answers nor hangs up. */
  freeze(): void {
    for (const pid of this.#family(this.pid)) signal(pid, 'SIGSTOP');
  }

  thaw(): void {
    for (const pid of this.#family(this.pid)) signal(pid, 'SIGCONT');
  }

  /** Ends the server and removes everything it kept. */
  async stop(): Promise<void> {
    this.thaw();
    await this.kill();
    await Promise.allSettled(this.#pools.map(async (pool) => pool.ended || pool.end()));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #spawn(settings: readonly string[]): ChildProcess {
    const args = ['-D', join(this.#folder, 'data'), ...settings.flatMap((setting) => ['-c', setting])];
    const log = ['-c', 'logging_collector=off', '-c', 'log_min_messages=warning'];
    const server = spawn(program('postgres'), [...args, ...log], {
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: this.#folder,
      ...this.#owner,
    });
    server.stderr?.on('data', (text: Buffer) => this.#said.push(text.toString()));
    return server;
  }

  readonly #said: string[] = [];

  #log(): string {
    return this.#said.slice(-20).join('');
  }

  async #answers(): Promise<boolean> {
    const client = new Client({ connectionString: this.url('postgres'), connectionTimeoutMillis: 1000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return true;
    } catch {
      return false;
    }
  }

  /** The server and its children, each of which is a group of its own. */
  #family(server: number): readonly number[] {
    if (server === 0) return [];
    const children = globSync('/proc/[0-9]*').flatMap((path) => {
      const status = statusOf(path);
      return status?.parent === server ? [Number(path.slice('/proc/'.length))] : [];
    });
    return [server, ...children];
  }
}

/** An empty cluster, made once a process: copying it takes a fraction of the time. */
let template: string | undefined;

function makeTemplate(owner: Identity | undefined): string {
  const folder = makeFolder(owner);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const password = join(folder, 'password');
  const data = join(folder, 'data');
  writeFileSync(password, PASSWORD);
  if (owner !== undefined) chownSync(password, owner.uid, owner.gid);
  const options = ['--auth=scram-sha-256', '--username=tester', `--pwfile=${password}`];
  const plain = ['--encoding=UTF8', '--locale=C', '--no-sync', '-D', data];
  execFileSync(program('initdb'), [...options, ...plain], { stdio: 'pipe', cwd: folder, ...owner });
  return data;
}

function makeFolder(owner: Identity | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-postgres-'));
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  return folder;
}

/** Where a program of PostgreSQL is: on the path, or where Debian keeps it. The newest, if there are several. */
function program(name: string): string {
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...globSync(POSTGRES_FOLDERS).toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true })),
  ];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} of PostgreSQL is missing: see tools/requirements.ts`);
  return found;
}

/** PostgreSQL refuses to run as root: there, its processes belong to the user that the package made. */
function ownerOfServers(): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // It ended since it was listed.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function isRunning(pid: number): boolean {
  const status = statusOf(`/proc/${pid}`);
  return status !== undefined && status.state !== 'Z';
}

function statusOf(path: string): { readonly state: string; readonly parent: number } | undefined {
  try {
    // The name in parentheses may hold anything; what follows is counted from its end.
    const fields = readFileSync(join(path, 'stat'), 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return { state: fields[0] ?? '', parent: Number(fields[1]) };
  } catch {
    return undefined;
  }
}
