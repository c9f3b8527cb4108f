/** `bulwark gateway` as a process, with a policy of the test's own, before an application that runs already. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { endProgram, freePort } from '../support/processes.ts';
import { TEST_SECRET } from '../support/secrets.ts';
import { until } from '../support/until.ts';

const ROOT = join(import.meta.dirname, '../..');
const BULWARK = ['--conditions=bulwark-source', join(ROOT, 'src/cli/bulwark.ts')];

/** The address of a module of this package, for policies that import one. */
export function moduleAt(path: string): string {
  return pathToFileURL(join(ROOT, path)).href;
}

/** A gateway that runs. */
export class RunningGateway {
  readonly port: number;
  readonly managementPort: number;
  readonly folder: string;
  readonly #options: readonly string[];
  #child: ChildProcess | undefined;
  #log = '';

  private constructor(port: number, managementPort: number, options: readonly string[]) {
    this.#options = options;
    this.port = port;
    this.managementPort = managementPort;
    this.folder = mkdtempSync(join(tmpdir(), 'bulwark-running-'));
  }

  /** Starts one; `policy` is what its policy has beside the origin, or a whole module where it has an `export`. */
  static async start(policy: string, ...options: readonly string[]): Promise<RunningGateway> {
    const gateway = new RunningGateway(await freePort(), await freePort(), options);
    gateway.write(policy);
    try {
      await gateway.again();
    } catch (error) {
      await gateway.stop();
      throw error;
    }
    return gateway;
  }

  /** What it has said so far, on both streams. */
  get log(): string {
    return this.#log;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Puts another policy in the place of the one before, which it does not read by itself. */
  write(policy: string): void {
    const listens = `listen: '127.0.0.1:${this.port}', management: '127.0.0.1:${this.managementPort}'`;
    const whole = `origin: 'http://localhost:${this.port}', environment: 'development'`;
    const text = policy.includes('export default') ? policy : `export default { ORIGIN, ${policy} };`;
    writeFileSync(
      join(this.folder, 'bulwark.config.mjs'),
      text.replace('ORIGIN', whole).replace('LISTENS', listens).replaceAll('OWN_PORT', String(this.port)),
    );
  }

  /** Starts it, once more after it has ended. Resolves when it serves. */
  async again(): Promise<void> {
    const child = this.spawn();
    await until(
      'the gateway serves, or ends',
      () => child.exitCode !== null || this.#log.includes('operators'),
    );
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${this.#log}`);
  }

  spawn(): ChildProcess {
    const args = [...BULWARK, 'gateway', '--policy', 'bulwark.config.mjs', ...this.#options];
    const child = spawn(process.execPath, args, {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_ENV: '', BULWARK_SECRET: TEST_SECRET },
    });
    this.#log = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes) => (this.#log += String(bytes)));
    this.#child = child;
    return child;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Has it read its policy anew, and waits until it says what became of that. */
  async reload(): Promise<void> {
    const before = this.#log.length;
    this.signal('SIGHUP');
    await until('it says what became of the reload', () =>
      /read anew|Not reloaded/.test(this.#log.slice(before)),
    );
  }

  /** Its exit code, once it has ended. */
  async ended(): Promise<number | null> {
    const child = this.#child;
    await until('the gateway ends', () => child?.exitCode !== null || child.signalCode !== null);
    return child?.exitCode ?? null;
  }

  /** What it says to operators. */
  async ask(path: string, init: RequestInit = {}): Promise<{ status: number; text: string }> {
    const response = await fetch(`http://127.0.0.1:${this.managementPort}${path}`, init);
    return { status: response.status, text: await response.text() };
  }

  /** Processes that serve. */
  async workers(): Promise<readonly number[]> {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=', '--ppid', String(this.pid)]);
    return stdout
      .split('\n')
      .map(Number)
      .filter((pid) => pid > 0);
  }

  /** Another command of `bulwark`, in its folder. */
  async bulwark(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [...BULWARK, ...args], {
      cwd: this.folder,
      env: { ...process.env, NODE_ENV: '', BULWARK_SECRET: TEST_SECRET, NO_COLOR: '1' },
    });
    return stdout;
  }

  async stop(): Promise<void> {
    if (this.#child !== undefined) await endProgram(this.#child, 'SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
